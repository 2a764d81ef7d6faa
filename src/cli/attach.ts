import { type AttachedWithNotes, attachByCommand, runInside, waitForInterface } from '../attach/command.js';
import { parseConfig } from '../attach/config.js';
import { configuredMachine } from '../attach/machine.js';
import type { AttachRule } from '../attach/rule/grammar.js';
import { parsePipework } from '../attach/rule.js';
import { EXIT, type ExitCode, refusal, usageError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { DhcpClientName } from '../model/facts.js';
import { RUNTIME_CONFIG_FILE } from '../model/paths.js';
import { runsInContainer } from '../model/runtime-container.js';
import type { CliContext } from './context.js';
import { ownRuleNotes } from './own-rule.js';
import { ownProgram } from './program-info.js';

/** `bridge-setup attach RULE`, and `pipework RULE`: pipework's whole command line. */
export async function attach(
  { host, output, signal }: CliContext,
  _flags: unknown,
  args: readonly string[],
): Promise<ExitCode> {
  if (args.length === 0) {
    throw usageError(
      'no-rule',
      'What shall be attached to what?',
      [],
      'For example: `pipework br0 web 192.168.1.50/24`, or by DHCP: `pipework br0 web dhcp`.',
    );
  }
  const command = parsePipework(args, await configuredClient(host));
  if (command.command === 'wait') {
    try {
      await waitForInterface(host, command.rule, signal);
    } catch (error) {
      // Ctrl-C ends a command that was running, too; there is nothing to say about it.
      if (signal.aborted) return EXIT.interrupted;
      throw error;
    }
    output.document({ ready: command.rule.interfaceName });
    return EXIT.ok;
  }
  if (!host.isRoot())
    throw refusal(
      'not-root',
      'Only root can change the network of a container.',
      [],
      `Run \`sudo pipework ${args.join(' ')}\`.`,
    );
  if (command.command === 'inside') {
    const shown = await runInside(host, command.program, command.guest, command.args);
    if (shown !== '') output.print(shown.replace(/\n$/, ''));
    output.document({ output: shown });
    return EXIT.ok;
  }
  const attached = await attachRule(host, command.rule);
  const { containerName, interfaceName, bridge, address, created, notes } = attached;
  for (const note of notes) output.progress(`note: ${note}`, { event: 'note', note });
  output.print(
    `${containerName}: ${interfaceName} on ${bridge}${address === null ? '' : `, ${address}`}${created ? '' : ' (as it was)'}`,
  );
  output.document({ attached });
  return EXIT.ok;
}

/** Attach by a rule in pipework's grammar, given as its words. */
export async function attachByRule(host: Host, words: readonly string[]): Promise<AttachedWithNotes> {
  const command = parsePipework(words, await configuredClient(host));
  if (command.command !== 'attach') throw usageError('no-rule', `"${words.join(' ')}" attaches nothing`);
  return attachRule(host, command.rule);
}

async function attachRule(host: Host, rule: AttachRule): Promise<AttachedWithNotes> {
  if (rule.directPhys && runsInContainer(host.env)) {
    throw refusal(
      'in-container',
      '--direct-phys has to be run on the host itself: who gives the NIC back must outlive a container',
    );
  }
  const machine = await configuredMachine(host);
  const ofHost = machine === null ? rule : { ...rule, machine };
  const attached = await attachByCommand(host, ofHost, ownProgram());
  return { ...attached, notes: [...attached.notes, ...(await ownRuleNotes(host, attached, rule.address))] };
}

/** The client that "dhcp" means: the runtime's, or that of a host without one. */
async function configuredClient(host: Host): Promise<DhcpClientName> {
  const text = await host.files.read(RUNTIME_CONFIG_FILE).catch(() => null);
  return text === null ? 'udhcpc' : parseConfig(text).dhcpClient;
}

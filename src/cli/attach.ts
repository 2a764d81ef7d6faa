import { ensureAcceptRule } from '../attach/accept-rule.js';
import { type Attached, attach as attachEndpoint } from '../attach/engine.js';
import { parseRule } from '../attach/rule.js';
import { EXIT, type ExitCode, refusal, usageError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { CliContext } from './context.js';

/** `bridge-setup attach RULE`, and `pipework RULE` */
export async function attach(
  { host, output }: CliContext,
  _flags: unknown,
  args: readonly string[],
): Promise<ExitCode> {
  if (args.length === 0) {
    throw usageError(
      'no-rule',
      'What shall be attached to what?',
      [],
      'For example: pipework br0 my-container 192.168.1.50/24, or: pipework br0 my-container udhcpc',
    );
  }
  if (!host.isRoot())
    throw refusal(
      'not-root',
      'Only root can change the network of a container.',
      [],
      `Run \`sudo pipework ${args.join(' ')}\`.`,
    );
  const attached = await attachByRule(host, args);
  const { containerName, interfaceName, bridge, address, created } = attached;
  output.print(
    `${containerName}: ${interfaceName} on ${bridge}${address === null ? '' : `, ${address}`}${created ? '' : ' (as it was)'}`,
  );
  output.document({ attached });
  return EXIT.ok;
}

/** Attach by a rule in pipework's grammar, and let the bridge's frames pass Docker's firewall. */
export async function attachByRule(host: Host, rule: readonly string[]): Promise<Attached> {
  const { guest, endpoint } = parseRule(rule);
  // First: without the rule no DHCP answer reaches the container. Not for a bridge that does not exist, whose name was
  // mistyped, say: the attach tells that, and nothing is to be changed by then.
  if (await host.files.exists(`/sys/class/net/${endpoint.bridge}/bridge`)) {
    await ensureAcceptRule(host, endpoint.bridge);
  }
  return attachEndpoint(host, { container: guest, endpoint });
}

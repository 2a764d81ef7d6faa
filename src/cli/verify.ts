import { parseConfig } from '../attach/config.js';
import { readLease } from '../attach/lease.js';
import { hostLinkName } from '../attach/names.js';
import { readDaemonState } from '../attach/state.js';
import { EXIT, type ExitCode, refusal, SetupError } from '../errors.js';
import { automaticUplink } from '../facts/uplink.js';
import type { Answers } from '../model/answers.js';
import type { HostFacts } from '../model/facts.js';
import { lanPorts } from '../model/lan-ports.js';
import { defaultRoute, linkNamed } from '../model/links.js';
import { RUNTIME_CONFIG_FILE, RUNTIME_UNIT } from '../model/paths.js';
import { runText } from '../ui/next.js';
import type { Output } from '../ui/output.js';
import { duration } from '../ui/report.js';
import { folded } from '../ui/wrap.js';
import type { Proof } from '../verify/proof.js';
import { type OwnRuntime, type Verification, verify } from '../verify/verify.js';
import { parseAnswers, readAnswers } from './answers-file.js';
import type { CliContext } from './context.js';
import { dhcpOffersOf } from './doctor-facts.js';
import { freeNames } from './free-names.js';
import { readFacts } from './read-facts.js';

/** `bridge-setup verify`: the proof on a host that is set up. */
export async function verifyCommand(
  context: CliContext,
  flags: { readonly answers?: string },
): Promise<ExitCode> {
  const { host, output } = context;
  if (!host.isRoot())
    throw refusal('not-root', 'Only root can look into containers.', [], 'Run `sudo bridge-setup verify`.');
  const answers =
    flags.answers === undefined ? await installedAnswers(context) : await readAnswers(host, flags.answers);
  const bridge = answers.bridge.name;
  const verification = await proveHost(context, answers);
  output.advise(verificationText(verification, bridge, output));
  if (verification.ok) await printExample(context, bridge);
  output.document({ verification });
  return verification.ok ? EXIT.ok : EXIT.checkFailed;
}

/** How to put a container there, under a name that is free. */
export async function printExample({ host, output }: CliContext, bridge: string): Promise<void> {
  const [name = 'web'] = await freeNames(host);
  output.print(`Put one there:\n${runText(bridge, name, 'dhcp')}`);
}

/** Answers of a host that is set up: the bridge is the one that the runtime serves. */
async function installedAnswers({ host }: CliContext): Promise<Answers> {
  const config = await host.files.read(RUNTIME_CONFIG_FILE);
  const name = (config === null ? undefined : parseConfig(config).bridges[0]) ?? 'br0';
  return parseAnswers({ version: 1, bridge: { name, uplink: 'auto' } });
}

/**
 * Run the end-to-end proof as the answers want it. Where the network was just changed it has no other end than a verdict:
 * there is nothing left to refuse.
 * @param port the port of the bridge that leads to the LAN, where it is known
 */
export async function proveHost(
  context: CliContext,
  answers: Answers,
  port: string | null = null,
): Promise<Verification> {
  const { host, output } = context;
  const facts = await readFacts(host);
  const bridge = answers.bridge.name;
  const daemon = await readDaemonState(host);
  if (daemon === null && facts.runtime.service !== null) {
    // To attach by ourselves would prove the bridge, and hide that containers are not attached by it.
    throw new SetupError(
      'runtime-not-running',
      `The attach runtime is installed, but not running (${facts.runtime.service}).`,
      {
        exitCode: EXIT.checkFailed,
        hint: `Start it: systemctl start ${RUNTIME_UNIT}. Why it ended: journalctl -u ${RUNTIME_UNIT}.`,
      },
    );
  }
  const wanted = answers.verify.container.address;
  return verify({
    host,
    bridge,
    uplink: port ?? portOf(answers, facts),
    targets: answers.verify.ping,
    image: answers.verify.container.image,
    staticAddress: wanted === 'dhcp' ? null : wanted,
    // One through another link leads to another LAN.
    gateway: defaultRoute(facts, [bridge])?.gateway ?? null,
    dhcpServer: async (id) => (await readLease(host, hostLinkName(id, 'eth0')))?.lease?.server ?? null,
    hasDhcpServer: async () => {
      const mac = linkNamed(facts, bridge)?.mac ?? null;
      const offers = mac === null ? null : await dhcpOffersOf(host, { name: bridge, mac });
      return offers === null || offers.length > 0;
    },
    ownRuntime: daemon === null ? await ownRuntime(context) : null,
    onProof: ({ id, title, state, detail, durationMs }) => {
      const mark = {
        proved: output.style.good('proved'),
        failed: output.style.bad('FAILED'),
        skipped: output.style.warn('skipped'),
      }[state];
      output.progress(`  ${mark}  ${title}: ${detail} ${output.style.dim(`(${duration(durationMs)})`)}`, {
        event: 'proof',
        id,
        title,
        state,
        detail,
        durationMs,
      });
    },
  });
}

/** The port of the bridge that leads to the LAN. */
function portOf({ bridge: { name, uplink } }: Answers, facts: HostFacts): string {
  if (uplink !== 'auto') return uplink;
  return automaticUplink(facts, name) ?? lanPorts(facts, name)[0]?.name ?? 'a missing uplink';
}

async function ownRuntime({ host }: CliContext): Promise<OwnRuntime> {
  const { attachByRule } = await import('./attach.js');
  const { detach } = await import('../attach/engine.js');
  return {
    attach: async (rule) => void (await attachByRule(host, rule.split(' '))),
    detach: async (container, interfaceName) => void (await detach(host, container, interfaceName)),
  };
}

/** The verdict, with what to do next. */
export function verificationText(
  { ok, proofs }: Verification,
  bridge: string,
  { style: s, width }: Pick<Output, 'style' | 'width'>,
): string {
  if (!ok) {
    const list = (wanted: Proof['state']) =>
      proofs.filter(({ state }) => state === wanted).map(({ title, detail }) => `  - ${title}: ${detail}`);
    const isSetUp = !proofs.some(({ id }) => id === 'bridge');
    const failed = list('failed');
    const lines = [
      ...(failed.length > 0
        ? [s.bad(`Not proved: containers on ${bridge} are not on the LAN.`), ...failed]
        : [
            s.warn(`Not proved: nobody on the LAN was there to be asked from a container on ${bridge}.`),
            ...list('skipped'),
          ]),
      isSetUp
        ? 'Look further with `bridge-setup doctor`. `bridge-setup rollback` takes the host back.'
        : '`bridge-setup` sets this host up; `bridge-setup rehearse` tries it on a throw-away copy first.',
    ];
    return folded(lines.join('\n'), width);
  }
  const left = proofs.filter(({ id, state }) => state === 'skipped' && /-(tcp|udp)$/.test(id));
  const notes = left.map(({ title, detail }) => `  - ${title}: ${detail}`);
  return folded([s.good(`Proved: containers on ${bridge} are on the LAN.`), ...notes].join('\n'), width);
}

import { parseConfig } from '../attach/config.js';
import { readDaemonState } from '../attach/state.js';
import { EXIT, type ExitCode, refusal, SetupError } from '../errors.js';
import type { Answers } from '../model/answers.js';
import { defaultRoute } from '../model/links.js';
import { RUNTIME_CONFIG_FILE, RUNTIME_UNIT } from '../model/paths.js';
import { runText } from '../ui/next.js';
import type { Output } from '../ui/output.js';
import { duration } from '../ui/report.js';
import { folded } from '../ui/wrap.js';
import { type OwnRuntime, type Verification, verify } from '../verify/verify.js';
import { parseAnswers, readAnswers } from './answers-file.js';
import type { CliContext } from './context.js';
import { settleUplink } from './prepare.js';
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
  output.print(verificationText(verification, bridge, output));
  if (verification.ok) output.print(`Put one there:\n${runText(bridge, 'web', 'dhcp')}`);
  output.document({ verification });
  return verification.ok ? EXIT.ok : EXIT.checkFailed;
}

/** Answers of a host that is set up: the bridge is the one that the runtime serves. */
async function installedAnswers({ host }: CliContext): Promise<Answers> {
  const config = await host.files.read(RUNTIME_CONFIG_FILE);
  const name = (config === null ? undefined : parseConfig(config).bridges[0]) ?? 'br0';
  return parseAnswers({ version: 1, bridge: { name, uplink: 'auto' } });
}

/** Run the end-to-end proof as the answers want it. */
export async function proveHost(context: CliContext, answers: Answers): Promise<Verification> {
  const { host, output } = context;
  const facts = await readFacts(host);
  const bridge = answers.bridge.name;
  const gateway = defaultRoute(facts)?.gateway ?? null;
  const targets = answers.verify.ping.flatMap((target) => (target === 'gateway' ? (gateway ?? []) : target));
  if (targets.length === 0) {
    throw refusal(
      'nothing-to-ping',
      'The host has no default gateway, so there is nothing on the LAN to ping.',
      [
        {
          path: 'verify.ping',
          message: 'only the gateway is named',
          remedy: 'Name the address of another host on the LAN.',
        },
      ],
    );
  }
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
    uplink: settleUplink(answers, facts),
    targets,
    image: answers.verify.container.image,
    staticAddress: wanted === 'dhcp' ? null : wanted,
    gateway,
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
    const failed = proofs
      .filter(({ state }) => state === 'failed')
      .map(({ title, detail }) => `  - ${title}: ${detail}`);
    const isSetUp = !proofs.some(({ id }) => id === 'bridge');
    const lines = [
      s.bad(`Not proved: containers on ${bridge} are not on the LAN.`),
      ...failed,
      isSetUp
        ? 'Look further with `bridge-setup doctor`. `bridge-setup rollback` takes the host back.'
        : '`bridge-setup` sets this host up; `bridge-setup rehearse` tries it on a throw-away copy first.',
    ];
    return folded(lines.join('\n'), width);
  }
  return s.good(`Proved: containers on ${bridge} are on the LAN.`);
}

import { refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import type { DhcpClientName } from '../model/facts.js';
import type { FileDiff } from '../model/plan.js';
import { RunningCopy } from './copy.js';
import type { HostCopy } from './host-copy.js';
import { compare, snapshot, watchContainers } from './observe.js';

/** What a rehearsal saw. `ok`: the job worked, containers were seen from the LAN, and undo restored the original. */
export interface RehearsalReport {
  readonly ok: boolean;
  readonly kind: HostCopy['kind'];
  readonly reason: string;
  readonly uplink: string;
  readonly address: string;
  readonly stages: readonly Stage[];
  readonly packages: readonly string[];
  readonly files: readonly FileDiff[];
  /** Longest silence of the host as the LAN saw it, in ms: during the change, and during undo. */
  readonly outageMs: { readonly setUp: number | null; readonly rollback: number | null };
}

/** One part of the rehearsal, with what was seen. */
export interface Stage {
  readonly id: string;
  readonly title: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly durationMs: number;
}

/** What a rehearsal needs. */
export interface RehearseOptions {
  readonly host: Host;
  readonly copy: HostCopy;
  readonly program: { readonly root: string; readonly node: string };
  /** Answers for the run inside, as they will be given to it. */
  readonly answers: Readonly<Record<string, unknown>>;
  readonly bridge: string;
  /** For containers, as the answers say. */
  readonly dhcpClient: DhcpClientName;
  readonly onStageStart: (title: string) => void;
  readonly onStage: (stage: Stage) => void;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What `bridge-setup --json` prints, as far as it is read here. */
interface SetupDocument {
  readonly state?: string;
  readonly plan?: {
    readonly files: readonly FileDiff[];
    readonly steps: readonly { readonly kind: string; readonly packages?: readonly string[] }[];
  };
  readonly error?: {
    readonly message: string;
    readonly problems: readonly { readonly path?: string; readonly message: string }[];
  };
  readonly verification?: {
    readonly proofs: readonly { readonly title: string; readonly state: string; readonly detail: string }[];
  };
}

/** Watch the host from the LAN this often. */
const WATCH_MS = 10;

/**
 * Do the whole job on a throw-away copy, and look at it from the LAN.
 * @throws `stopped` when the signal aborts; the copy is gone then, and half a package layer, too
 */
export async function rehearse(options: RehearseOptions): Promise<RehearsalReport> {
  try {
    return await stages(options);
  } catch (error) {
    // Whatever failed, failed because the copy was ended.
    if (options.signal.aborted) throw refusal('stopped', 'Stopped; nothing was changed.');
    throw error;
  }
}

async function stages(options: RehearseOptions): Promise<RehearsalReport> {
  const { copy, bridge } = options;
  const done: Stage[] = [];
  const stage = stageRecorder(done, options);
  let document: SetupDocument = {};
  const outage: { setUp: number | null; rollback: number | null } = { setUp: null, rollback: null };

  let running: RunningCopy | null = null;
  await stage('copy', 'Make the copy, on a private LAN, with Docker', async () => {
    running = await RunningCopy.start(options);
    return [
      true,
      running.layerBuilt
        ? 'packages were installed in it, and are kept for the next time'
        : 'packages were at hand',
    ];
  });
  const inside = running as RunningCopy | null;
  if (inside === null) return report();
  try {
    const before = await snapshot(inside);
    await stage('set-up', `Set up ${bridge}`, async () => {
      const watch = inside.lan.watch(copy.address, WATCH_MS);
      const run = await inside.bridgeSetup(['--answers', '-', '--json'], {
        input: JSON.stringify(options.answers),
      });
      outage.setUp = (await watch.stop()).longestSilenceMs;
      document = parse(run.stdout);
      return [
        run.exitCode === 0,
        run.exitCode === 0
          ? setUpDetail(document, outage.setUp)
          : failureDetail(run.exitCode, document, run.stderr),
      ];
    });
    if (done.every(({ ok }) => ok)) {
      await proveByRuntime(inside, options, stage);
      await stage('again', 'A second run changes nothing', async () => {
        const run = await inside.bridgeSetup(['--answers', '-', '--json'], {
          input: JSON.stringify(options.answers),
        });
        const again = parse(run.stdout);
        return [
          run.exitCode === 0 && again.state === 'unchanged',
          again.state ?? failureDetail(run.exitCode, again, run.stderr),
        ];
      });
      await stage('rollback', 'Undo restores the original', async () => {
        const watch = inside.lan.watch(copy.address, WATCH_MS);
        const run = await inside.bridgeSetup(['rollback', '--json']);
        outage.rollback = (await watch.stop()).longestSilenceMs;
        if (run.exitCode !== 0) return [false, failureDetail(run.exitCode, parse(run.stdout), run.stderr)];
        const differences = compare(before, await snapshot(inside));
        const back = await inside.lan.ping(copy.address);
        return [
          differences.length === 0 && back > 0,
          differences.length === 0
            ? `files, addresses and routes as before; the host answers from the LAN`
            : differences.join('; '),
        ];
      });
    }
  } finally {
    await inside.stop();
  }
  return report();

  function report(): RehearsalReport {
    const { kind, reason, uplink, address } = copy;
    const packages = document.plan?.steps.flatMap((step) => step.packages ?? []) ?? [];
    const ok = done.length > 0 && done.every((one) => one.ok);
    return {
      ok,
      kind,
      reason,
      uplink,
      address,
      stages: done,
      packages,
      files: document.plan?.files ?? [],
      outageMs: outage,
    };
  }
}

type Look = () => Promise<readonly [ok: boolean, detail: string]>;
type StageRunner = (id: string, title: string, look: Look) => Promise<void>;

function stageRecorder(
  done: Stage[],
  { onStageStart, onStage, signal }: Pick<RehearseOptions, 'onStageStart' | 'onStage' | 'signal'>,
): StageRunner {
  return async (id, title, look) => {
    onStageStart(title);
    const started = performance.now();
    const [ok, detail] = await look();
    signal.throwIfAborted();
    const stage = { id, title, ok, detail, durationMs: Math.round(performance.now() - started) };
    done.push(stage);
    onStage(stage);
  };
}

/** The runtime attaches containers by their rules, and the LAN sees them. */
async function proveByRuntime(
  inside: RunningCopy,
  { bridge }: RehearseOptions,
  stage: StageRunner,
): Promise<void> {
  await stage('runtime', 'Containers are put on the LAN, also after a restart', async () => {
    const daemon = await inside.startDaemon();
    const seen = watchContainers(inside);
    const run = await inside.bridgeSetup(['verify', '--json']);
    const answered = await seen.stop();
    daemon.kill();
    await daemon.exited;
    const document = parse(run.stdout);
    const ok = run.exitCode === 0 && answered.length > 0;
    if (!ok) return [false, failureDetail(run.exitCode, document, run.stderr)];
    const proofs = document.verification?.proofs ?? [];
    return [true, `${proofs.length} proofs; from the LAN, ${answered.join(' and ')} on ${bridge} answered`];
  });
}

function setUpDetail(document: SetupDocument, outageMs: number | null): string {
  const proofs = document.verification?.proofs.filter(({ state }) => state === 'proved') ?? [];
  const steps = document.plan?.steps.length ?? 0;
  if (document.state === 'unchanged') return 'nothing to change: the host is set up already';
  return `${steps} steps, ${proofs.length} proofs; longest silence on the LAN ${outageMs ?? '?'} ms`;
}

function failureDetail(
  exitCode: number | null,
  { error, verification }: SetupDocument,
  stderr: string,
): string {
  const failed =
    verification?.proofs
      .filter(({ state }) => state === 'failed')
      .map(({ title, detail }) => `${title}: ${detail}`) ?? [];
  const problems = error?.problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)) ?? [];
  const words = [error?.message, ...problems, ...failed].filter(Boolean);
  return `exit ${exitCode}: ${words.length > 0 ? words.join('; ') : stderr.trim().split('\n').slice(-5).join('\n')}`;
}

function parse(stdout: string): SetupDocument {
  try {
    return JSON.parse(stdout) as SetupDocument;
  } catch {
    return {};
  }
}

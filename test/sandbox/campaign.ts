import type { CommandResult } from '../../src/host/host.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { ANSWERS, eventually, HOST_ADDRESS, lastWords, PROJECT, setUpAndBack } from './support.js';

/** Something that goes wrong while the tool runs. */
export interface Fault {
  /** The line of the table. */
  readonly family: string;
  readonly name: string;
  readonly doing: 'set-up' | 'rollback';
  /** What test/faults.mjs does to the tool. */
  readonly inTool?: Readonly<Record<string, unknown>>;
  /** What is done to the host before the tool starts; what it returns takes that back. */
  readonly onHost?: (copy: RunningCopy) => Promise<() => Promise<void>>;
  /** The fault itself keeps the LAN from hearing the host: how long says nothing. */
  readonly silencesHost?: boolean;
}

/** What became of a host. */
export interface Survival {
  readonly fault: Fault;
  /** Whether the fault came about: a run has only so many writes. */
  readonly hit: boolean;
  readonly exitCode: number | null;
  readonly ended: 'before' | 'after';
  /** From the LAN, while all this went on. */
  readonly silenceMs: number;
}

const MARK = '/run/fault-hit';
const WATCH_MS = 5;
/** The deadline of a run that is lost is "at once"; the way back has this long. */
const SETTLE_MS = 30_000;

/** All that the tool may touch, to the byte, with mode and owner; also what it must not leave behind. */
const FILES = `cd /etc && find . \\( -type f -o -type l \\) -printf '%p %m %U %G ' \\( -type l -printf '%l\\n' -o -exec sha256sum {} \\; \\) | sort
cat /etc/resolv.conf /run/network/ifstate; ls -I lock /run/bridge-setup; ls -A /usr/local/bin /usr/local/lib
ip -4 -o addr show scope global | awk '$2 != "docker0" { print $2, $4 }' | sort; ip -4 route show default`;

/** One host that faults happen to, one after another; each has to leave it as it was before, or as it is set up. */
export class Campaign {
  readonly survivals: Survival[] = [];

  private constructor(
    readonly copy: RunningCopy,
    private readonly before: string,
    private readonly after: string,
    /** How long a set-up takes without a fault. */
    readonly durationMs: number,
  ) {}

  static async begin(copy: RunningCopy): Promise<Campaign> {
    await setUpAndBack(copy);
    const before = await filesOf(copy);
    const started = performance.now();
    must(await run(copy, QUICK_SET_UP));
    const durationMs = performance.now() - started;
    const after = await filesOf(copy);
    must(await copy.bridgeSetup(['rollback']));
    if ((await filesOf(copy)) !== before)
      throw new Error('a rollback without any fault does not end as before');
    return new Campaign(copy, before, after, durationMs);
  }

  /** Let a fault happen. Throws when the host does not survive it, or when something is lost. */
  async survive(fault: Fault): Promise<Survival> {
    const { copy } = this;
    if (fault.doing === 'rollback') must(await run(copy, QUICK_SET_UP));
    await copy.sandbox.run(['rm', '--force', MARK]);
    const takeBack = await fault.onHost?.(copy);
    const watch = copy.lan.watch(HOST_ADDRESS, WATCH_MS);
    const result = await run(copy, fault);
    await this.#settle(fault, result);
    const silenceMs = (await watch.stop()).longestSilenceMs ?? Number.POSITIVE_INFINITY;
    await takeBack?.();
    const hit = fault.inTool === undefined || (await copy.sandbox.read(MARK)) !== null;
    const ended = await this.#state(fault, result);
    if (fault.doing === 'rollback' && result.exitCode === 0 && ended !== 'before')
      throw lost(fault, result, 'the exit code says that the host is as before');
    if ((await copy.lan.ping(HOST_ADDRESS)) < 3)
      throw lost(fault, result, 'the host does not answer from the LAN');
    const survival = { fault, hit, exitCode: result.exitCode, ended, silenceMs };
    if (hit) this.survivals.push(survival);
    await this.#reset(fault, ended);
    return survival;
  }

  /** Wait until no run is under way any more, and no watchdog. */
  async #settle(fault: Fault, run: CommandResult): Promise<void> {
    const running = `pgrep --full 'bridge-setup.js (watch|rollback|--answers)' || true`;
    await eventually(
      () => `the end of "${fault.name}" (${fault.doing}): ${run.stdout}${run.stderr}`,
      async () => (await this.copy.sandbox.run(['sh', '-c', running])).stdout.trim() === '',
      SETTLE_MS,
    );
  }

  async #state(fault: Fault, run: CommandResult): Promise<'before' | 'after'> {
    const now = await filesOf(this.copy);
    if (now === this.before) return 'before';
    if (now === this.after) return 'after';
    throw lost(fault, run, `neither as before nor as after:\n${differences(this.before, now)}`);
  }

  /** Back to the host as it was, whatever the fault has left of it. */
  async #reset(fault: Fault, ended: 'before' | 'after'): Promise<void> {
    const { copy } = this;
    const back = await copy.bridgeSetup(['rollback']);
    if (back.exitCode !== 0) throw lost(fault, back, `the rollback afterwards exits ${back.exitCode}`);
    if ((await filesOf(copy)) !== this.before) throw lost(fault, back, `not as before after it was ${ended}`);
    const { stdout: litter } = await copy.sandbox.run(['find', '/run/bridge-setup', '-name', '.*']);
    if (litter !== '') throw lost(fault, back, `a temporary file stays: ${litter}`);
    // Each run leaves a checkpoint; hundreds of them would make each look at them slower.
    await copy.sandbox.run(['sh', '-c', 'rm -rf /var/lib/bridge-setup/checkpoints/*']);
  }

  /** The table: faults tried, survived, how they ended, and what the LAN noticed. */
  table(): string {
    const rows = new Map<string, Survival[]>();
    for (const survival of this.survivals) {
      const { family, doing } = survival.fault;
      const key = `${family}, ${doing}`;
      rows.set(key, [...(rows.get(key) ?? []), survival]);
    }
    const line = (name: string, ...cells: (string | number)[]) =>
      `  ${name.padEnd(44)}${cells.map((cell) => String(cell).padStart(9)).join('')}`;
    const count = (all: Survival[], state: string) => all.filter(({ ended }) => ended === state).length;
    const worst = (all: Survival[]) =>
      Math.max(
        0,
        ...all.filter(({ fault }) => !fault.silencesHost).map(({ silenceMs }) => Math.round(silenceMs)),
      );
    const row = (name: string, all: Survival[]) =>
      line(name, all.length, all.length, count(all, 'before'), count(all, 'after'), `${worst(all)} ms`);
    return [
      line('fault', 'tried', 'survived', 'before', 'after', 'silence'),
      ...[...rows].map(([name, all]) => row(name, all)),
      row('all', this.survivals),
      '  before, after: every file byte for byte as it was, or as it is set up. silence: the longest, from the LAN.',
    ].join('\n');
  }
}

/** A set-up without a fault, and without its proofs. */
const QUICK_SET_UP: Fault = { family: 'none', name: 'none', doing: 'set-up', inTool: { kind: 'none' } };

function run(copy: RunningCopy, { doing, inTool }: Fault): Promise<CommandResult> {
  const env =
    inTool === undefined
      ? {}
      : {
          NODE_OPTIONS: `--import=${PROJECT}/test/faults.mjs`,
          FAULT: JSON.stringify({ ...inTool, mark: MARK, noProof: true }),
        };
  return doing === 'set-up'
    ? copy.bridgeSetup(['--answers', '-', '--json'], { input: JSON.stringify(ANSWERS), env })
    : copy.bridgeSetup(['rollback', '--json'], { env });
}

const filesOf = async (copy: RunningCopy): Promise<string> =>
  (await copy.sandbox.run(['sh', '-c', FILES], { timeoutMs: 120_000 })).stdout;

function must({ exitCode, ...run }: { exitCode: number | null; stderr: string }): void {
  if (exitCode !== 0) throw new Error(`exit ${exitCode}: ${JSON.stringify(run)}`);
}

function differences(before: string, now: string): string {
  const [old, current] = [before.split('\n'), now.split('\n')];
  return [
    ...old.filter((line) => !current.includes(line)).map((line) => `- ${line}`),
    ...current.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ].join('\n');
}

function lost(fault: Fault, run: CommandResult, what: string): Error {
  return new Error(
    `"${fault.family}: ${fault.name}" (${fault.doing}): ${what}\nexit ${run.exitCode}\n${run.stdout}${run.stderr}\n${lastWords()}`,
  );
}

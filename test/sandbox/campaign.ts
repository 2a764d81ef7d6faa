import type { CommandResult } from '../../src/host/host.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { ANSWERS, eventually, HOST_ADDRESS, lastWords, PROJECT, setUpAndBack, startHost } from './support.js';

/** Something that goes wrong while the tool runs. */
export interface Fault {
  /** The line of the table. */
  readonly family: string;
  readonly name: string;
  /** Whether the tool makes a change, or rolls it back. */
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

/** The change that the faults disturb, and its rollback. */
export interface Story {
  readonly title: string;
  /** Bring a fresh host to the state that the change starts from. */
  readonly home: (copy: RunningCopy) => Promise<void>;
  readonly forth: readonly string[];
  readonly back: readonly string[];
}

/** The host is set up. */
export const SET_UP: Story = {
  title: 'the set-up',
  home: setUpAndBack,
  forth: ['--answers', '-', '--json'],
  back: ['rollback', '--json'],
};

/** `doctor --fix` of a host that is set up, and of which three things are broken. */
export const REPAIR: Story = {
  title: 'doctor --fix',
  home: async (copy) => {
    must(await run(copy, SET_UP, QUICK));
    await copy.sandbox.run([
      'sh',
      '-ec',
      'ip link set dev br0 mtu 1400; ip link set dev br0 type bridge stp_state 1; iptables -D DOCKER-USER -i br0 -o br0 -j ACCEPT',
    ]);
  },
  forth: ['doctor', '--fix', '--yes', '--no-probe', '--json'],
  back: ['rollback', '--last', '--json'],
};

/** Writes of a line to the journal and of any file, starts of a process, and calls that read or change a file. */
export type Moments = Readonly<Record<'journal' | 'writes' | 'process' | 'files', number>>;
const NO_MOMENTS: Moments = { journal: 0, writes: 0, process: 0, files: 0 };

const MARK = '/run/fault-hit';
const COUNTS = '/run/fault-counts';
const WATCH_MS = 5;
/** No stage costs a packet, and neither does the rollback. A second would be an address that was gone. */
const SILENCE_MS = 500;
/** The deadline of a run that is lost is "at once"; the way back has this long. */
const SETTLE_MS = 60_000;
/** What the kernel and DHCP clients may still be doing when the tool has ended. */
const CALM_MS = 3000;

/**
 * All that the tool may touch. Files to the byte, with mode and owner; also what it must not leave behind. Of the network
 * every address, route and rule, but how long a lease still lasts; the settings of links; and the DHCP clients (`-nw`: one
 * that had no answer goes on asking in the background).
 */
const STATE = `cd /etc && find . \\( -type f -o -type l \\) -printf '%p %m %U %G %l\\n' | sort; find . -type f -exec sha256sum {} + | sort
cat /etc/resolv.conf /run/network/ifstate; ls -I lock /run/bridge-setup; ls -A /usr/local/bin /usr/local/lib
ip -o address | grep -v ' docker0 ' | sed -E 's/^[0-9]+: //; s/ tentative//; s/\\\\.*//' | sort
for family in -4 -6; do ip $family route show table all | grep -v docker0 | sed -E 's/ expires [0-9]+sec//'; ip $family rule; done
ip -o link | grep -v ' docker0' | sed -E 's/^[0-9]+: //; s/@[^:]*//; s/ link-netns[^ ]* [^ ]*//; s/\\\\.*//' | sort
grep -s . /proc/sys/net/ipv4/conf/eth0/* /proc/sys/net/ipv6/conf/eth0/* /sys/class/net/br0/bridge/stp_state
iptables -S DOCKER-USER
ps -e -o args= | grep -E '^[^ ]*(dhclient|udhcpc|dhcpcd)' | sed 's/ -nw / /' | sort`;

/** One host that faults happen to, one after another; each has to leave it as it was before, or as it is after the change. */
export class Campaign {
  readonly survivals: Survival[] = [];
  /** How long the change takes without a fault. */
  durationMs = 0;
  /** How many moments of each kind a run has, at which a fault may happen. */
  moments: Readonly<Record<Fault['doing'], Moments>> = { 'set-up': NO_MOMENTS, rollback: NO_MOMENTS };
  #copy: RunningCopy | null = null;
  #before = '';
  #after = '';

  private constructor(
    private readonly story: Story,
    private readonly start: () => Promise<RunningCopy>,
  ) {}

  static async begin(
    story: Story = SET_UP,
    start: () => Promise<RunningCopy> = () => startHost(),
  ): Promise<Campaign> {
    const campaign = new Campaign(story, start);
    await campaign.#freshHost();
    return campaign;
  }

  get copy(): RunningCopy {
    if (this.#copy === null) throw new Error('the campaign is over');
    return this.#copy;
  }

  async end(): Promise<void> {
    await this.#copy?.stop();
    this.#copy = null;
  }

  async #freshHost(): Promise<void> {
    await this.end();
    this.#copy = await this.start();
    const { copy, story } = this;
    await story.home(copy);
    this.#before = await stateOf(copy);
    const started = performance.now();
    const forth = await this.#count('set-up');
    this.durationMs = performance.now() - started;
    this.#after = await stateOf(copy);
    this.moments = { 'set-up': forth, rollback: await this.#count('rollback') };
    const now = await calm(copy, [this.#before]);
    if (now !== this.#before)
      throw new Error(
        `a rollback without any fault does not end as before:\n${differences(this.#before, now)}`,
      );
  }

  /** Run without a fault. @returns at how many moments there could have been one */
  async #count(doing: Fault['doing']): Promise<Moments> {
    const { copy, story } = this;
    must(await run(copy, story, { ...QUICK, doing, inTool: { kind: 'none', counts: COUNTS } }));
    await this.#settle(QUICK, null);
    return JSON.parse((await copy.sandbox.read(COUNTS)) ?? 'null') as Moments;
  }

  /**
   * Let a fault happen. A host that does not survive it is replaced, so that the next fault finds one in order.
   * @returns the survival, or what went wrong
   */
  async endure(fault: Fault): Promise<Survival | { readonly lost: string }> {
    try {
      return await this.survive(fault);
    } catch (error) {
      await this.#reset(fault, 'after').catch(() => this.#freshHost());
      return { lost: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Let a fault happen. Throws when the host does not survive it, or when something is lost. */
  async survive(fault: Fault): Promise<Survival> {
    const { copy, story } = this;
    if (fault.doing === 'rollback') {
      must(await run(copy, story, QUICK));
      // Its watchdog is no part of what is tried.
      await this.#settle(QUICK, null);
    }
    await copy.sandbox.run(['rm', '--force', MARK, `${MARK}-kill`]);
    const takeBack = await fault.onHost?.(copy);
    const watch = copy.lan.watch(HOST_ADDRESS, WATCH_MS);
    const result = await run(copy, story, fault);
    await this.#settle(fault, result);
    const silenceMs = (await watch.stop()).longestSilenceMs ?? Number.POSITIVE_INFINITY;
    const mark = await copy.sandbox.read(MARK);
    await takeBack?.();
    const hit = fault.inTool === undefined || mark !== null;
    const fail = (what: string) => lost(fault, result, what, mark);
    const now = await calm(copy, [this.#before, this.#after]);
    if (now !== this.#before && now !== this.#after)
      throw fail(`neither as before nor as after:\n${nearest(this.#before, this.#after, now)}`);
    const ended = now === this.#before ? 'before' : 'after';
    const untrue = untruth(fault, result.exitCode, ended);
    if (untrue !== null) throw fail(untrue);
    if ((await copy.lan.ping(HOST_ADDRESS)) < 3) throw fail('the host does not answer from the LAN');
    if (silenceMs >= SILENCE_MS && !fault.silencesHost)
      throw fail(`the LAN heard nothing for ${silenceMs} ms`);
    const survival = { fault, hit, exitCode: result.exitCode, ended, silenceMs } as const;
    if (hit) this.survivals.push(survival);
    await this.#reset(fault, ended);
    return survival;
  }

  /** Wait until no run is under way any more, and no watchdog. */
  async #settle(fault: Fault, run: CommandResult | null): Promise<void> {
    const running = `pgrep --full 'bridge-setup.js (watch|rollback|--answers|doctor)' || true`;
    await eventually(
      () => `the end of "${fault.name}" (${fault.doing}): ${run?.stdout}${run?.stderr}`,
      async () => (await this.copy.sandbox.run(['sh', '-c', running])).stdout.trim() === '',
      SETTLE_MS,
    );
  }

  /** Back to the host as it was, whatever the fault has left of it. */
  async #reset(fault: Fault, ended: 'before' | 'after'): Promise<void> {
    const { copy, story } = this;
    // Of what was undone already there would be the change before it.
    if (story === SET_UP || ended === 'after') {
      const back = await copy.bridgeSetup(story.back);
      if (back.exitCode !== 0) throw lost(fault, back, `the rollback afterwards exits ${back.exitCode}`);
      await this.#settle(fault, back);
      const now = await calm(copy, [this.#before]);
      if (now !== this.#before)
        throw lost(fault, back, `not as before after it was ${ended}:\n${differences(this.#before, now)}`);
    }
    const litter = await copy.sandbox.run(['find', '/run/bridge-setup', '-name', '.*']);
    if (litter.stdout !== '') throw lost(fault, litter, `a temporary file stays: ${litter.stdout}`);
    // Each run leaves a checkpoint; hundreds of them would make each look at them slower.
    const clean = story === SET_UP ? 'rm -rf *' : 'ls | tail -n +2 | xargs -r rm -rf';
    await copy.sandbox.run(['sh', '-c', `cd /var/lib/bridge-setup/checkpoints && ${clean}`]);
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
      line(name, all.length, count(all, 'before'), count(all, 'after'), `${worst(all)} ms`);
    return [
      line(`survived, of ${this.story.title}`, 'hosts', 'before', 'after', 'silence'),
      ...[...rows].map(([name, all]) => row(name, all)),
      row('all', this.survivals),
      '  before, after: all of the host as it was, or as it is after the change. silence: the longest, from the LAN.',
    ].join('\n');
  }
}

/** A change without a fault, and without the proofs after it. */
const QUICK: Fault = { family: 'none', name: 'none', doing: 'set-up', inTool: { kind: 'none' } };

function run(copy: RunningCopy, { forth, back }: Story, { doing, inTool }: Fault): Promise<CommandResult> {
  const env =
    inTool === undefined
      ? {}
      : {
          NODE_OPTIONS: `--import=${PROJECT}/test/faults.mjs`,
          FAULT: JSON.stringify({ ...inTool, mark: MARK, noProof: true }),
        };
  return doing === 'set-up'
    ? copy.bridgeSetup(forth, { input: JSON.stringify(ANSWERS), env })
    : copy.bridgeSetup(back, { env });
}

const stateOf = async (copy: RunningCopy): Promise<string> =>
  (await copy.sandbox.run(['sh', '-c', STATE], { timeoutMs: 120_000, check: false })).stdout;

/** The state, once it is one of these, or has had time to become it. */
async function calm(copy: RunningCopy, wanted: readonly string[]): Promise<string> {
  const deadline = performance.now() + CALM_MS;
  for (;;) {
    const now = await stateOf(copy);
    if (wanted.includes(now) || performance.now() > deadline) return now;
  }
}

/** What an exit code says that is not so; `null`: it is true. */
function untruth({ doing }: Fault, exitCode: number | null, ended: 'before' | 'after'): string | null {
  const [done, undone] = doing === 'set-up' ? ['after', 'before'] : ['before', 'after'];
  if (exitCode === 0 && ended !== done) return `exit 0, and the host is as ${ended} the change`;
  if (exitCode === 3 && ended !== undone)
    return `exit 3, "nothing was changed", and the host is as ${ended} the change`;
  if (exitCode === 4 && ended !== 'before') return 'exit 4, and the host is not as before';
  return exitCode === 1 ? 'it ends as a bug of the program does' : null;
}

function must({ exitCode, ...run }: { exitCode: number | null; stderr: string }): void {
  if (exitCode !== 0) throw new Error(`exit ${exitCode}: ${JSON.stringify(run)}`);
}

/** The differences from the state that it is nearer to. */
function nearest(before: string, after: string, now: string): string {
  const [one, other] = [differences(before, now), differences(after, now)];
  return one.length < other.length ? `before:\n${one}` : `after:\n${other}`;
}

function differences(before: string, now: string): string {
  const [old, current] = [before.split('\n'), now.split('\n')];
  return [
    ...old.filter((line) => !current.includes(line)).map((line) => `- ${line}`),
    ...current.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ].join('\n');
}

function lost(fault: Fault, run: CommandResult, what: string, mark: string | null = null): Error {
  return new Error(
    `"${fault.family}: ${fault.name}" (${fault.doing}): ${what}\n${mark ?? ''}\nexit ${run.exitCode}\n${run.stdout}${run.stderr}\n${lastWords()}`,
  );
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Campaign, type Fault, type Moments, REPAIR, type Story } from './campaign.js';
import { failingIp } from './support.js';

/** `npm run campaign`: every moment, and 200 random ones. `npm test`: some of them. */
const FULL = process.env.CAMPAIGN === 'full';
const RANDOM_KILLS = FULL ? 200 : 4;
const HOURS = 4 * 3_600_000;
/** The full campaign takes hours, so it says how far it is. */
const progress = (line: string) => void (FULL && process.stderr.write(`${line}\n`));
/** `CAMPAIGN_EVERY=7`: of a full campaign every seventh moment only. */
const EVERY = Number(process.env.CAMPAIGN_EVERY || 1);
/** `CAMPAIGN_AT=3,17-20`: only these writes or calls; those that failed, once they are repaired. */
const CHOSEN = (process.env.CAMPAIGN_AT ?? '')
  .split(',')
  .filter((range) => range !== '')
  .flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });

let campaign: Campaign;
function onHost(story?: Story): void {
  beforeAll(async () => {
    campaign = await Campaign.begin(story);
  });
  afterAll(async () => {
    if (campaign !== undefined) process.stderr.write(`\n${campaign.table()}\n\n`);
    await campaign?.end();
  });
}

const DIRECTIONS = ['set-up', 'rollback'] as const;

/** One fault; that it was not survived is a failed test at its end, so that all of them are seen. */
async function endure(fault: Fault): Promise<boolean> {
  const outcome = await campaign.endure(fault);
  const title = `${fault.family} ${fault.name} (${fault.doing})`;
  if ('lost' in outcome) {
    progress(`LOST ${title}: ${outcome.lost}`);
    expect.soft(outcome.lost, title).toBe('');
    return true;
  }
  const { hit, exitCode, ended, silenceMs } = outcome;
  progress(
    `${title}: ${hit ? `exit ${exitCode}, ${ended}, silent for ${Math.round(silenceMs)} ms` : 'no such moment'}`,
  );
  return hit;
}

/** Where a fault may happen: of which kind the moments are, and of which run. */
interface Place {
  readonly kind: keyof Moments;
  readonly doing: Fault['doing'];
}

/**
 * The same fault at one moment after another, in the full campaign until the run has no more of them; else at `some`,
 * spread over all of them.
 */
async function atEach(
  { kind, doing }: Place,
  some: number,
  fault: (at: number) => Fault | Promise<Fault>,
): Promise<void> {
  for (const at of CHOSEN) if (!(await endure(await fault(at)))) return;
  if (CHOSEN.length > 0) return;
  const all = campaign.moments[doing][kind];
  expect(all, `moments of "${kind}"`).toBeGreaterThan(some);
  let hits = 0;
  for (let n = 0, at = 1; FULL || n < some; n++) {
    at = FULL ? 1 + n * EVERY : 1 + Math.floor(((n + 0.5) * all) / some);
    if (await endure(await fault(at))) hits++;
    else if (FULL) break;
    expect(at, 'a run has fewer of them than that').toBeLessThan(10_000);
  }
  // The last one may be gone: what waits for something asks for it now more and now less often.
  expect(hits, 'faults that came about').toBeGreaterThanOrEqual(Math.max(1, some - 1));
}

const DOORS = ['process', 'files'] as const;

/** An exception at one call of the host door. */
const thrown =
  (door: (typeof DOORS)[number], doing: Fault['doing']) =>
  (at: number): Fault => ({
    family: `exception once, ${door}`,
    name: `at call ${at}`,
    doing,
    inTool: { kind: 'throw', door, at },
  });

/** The host is as before, or as it is set up, and answers. */
describe('a set-up and its rollback', () => {
  onHost();

  describe.each(DIRECTIONS)('%s', (doing) => {
    const inTool =
      (family: string, kind: string, more: object = {}) =>
      (at: number): Fault => ({
        family,
        name: `at write ${at}`,
        doing,
        inTool: { kind, at, ...more },
      });
    const atJournal = { kind: 'journal', doing } as const;

    it('kill -9 before and after every effect', () => atEach(atJournal, 3, inTool('kill -9', 'kill')), HOURS);

    it('a terminal that is lost (SIGHUP)', () => atEach(atJournal, 1, inTool('SIGHUP', 'hup')), HOURS);

    it.each(['ENOSPC', 'EIO'])(
      '%s on each write',
      (kind) => atEach({ kind: 'writes', doing }, 2, inTool(`${kind} once, half written`, kind)),
      HOURS,
    );

    it(
      'a clock that jumps a day ahead, or back',
      async () => {
        const jump = (at: number) => (at % 2 === 0 ? 86_400_000 : -86_400_000);
        await atEach(atJournal, 2, (at) => inTool('clock off by a day', 'clock', { jumpMs: jump(at) })(at));
      },
      HOURS,
    );

    it(
      'a disk that fills up, and stays full',
      async () => {
        const fill = '/var/lib/bridge-setup';
        await atEach(atJournal, 2, async (at) => {
          // Of its own and small: what fills up else is the memory of this machine. Once for a host.
          const mount = `mountpoint -q ${fill} || mount -t tmpfs -o size=24M small ${fill}`;
          await campaign.copy.sandbox.run(['sh', '-c', mount]);
          return {
            ...inTool('full disk', 'fill', { fill })(at),
            onHost:
              async ({ sandbox }) =>
              async () =>
                void (await sandbox.run(['rm', '-f', `${fill}/filler`])),
          };
        });
        await campaign.copy.sandbox.run(['umount', fill], { check: false });
      },
      HOURS,
    );
  });

  describe.each(DIRECTIONS)('at a call of the host door, during the %s', (doing) => {
    it.each(DOORS)(
      'an exception, %s',
      (door) => atEach({ kind: door, doing }, 3, thrown(door, doing)),
      HOURS,
    );

    it.each(DOORS)(
      'kill -9, %s',
      (door) =>
        atEach({ kind: door, doing }, 1, (at) => ({
          ...thrown(door, doing)(at),
          family: `kill -9, ${door}`,
          inTool: { kind: 'die', door, at },
        })),
      HOURS,
    );
  });

  describe('an exception at a call of the host door by the watchdog, which finishes the work of a tool that was killed', () => {
    describe.each([
      // Where the network has been moved, and what it was moved from is not gone yet.
      ['set-up', 18],
      ['rollback', 8],
    ] as const)('%s', (doing, killAt) => {
      it.each(DOORS)(
        '%s',
        (door) =>
          atEach({ kind: door, doing: 'rollback' }, 1, (at) => ({
            ...thrown(door, doing)(at),
            family: `exception in the watchdog, ${door}`,
            inTool: { kind: 'throw', door, at, watchdogOfOneKilledAt: killAt },
          })),
        HOURS,
      );
    });
  });

  it(
    `kill -9 at ${RANDOM_KILLS} random moments`,
    async () => {
      // One that comes after the end of its run is none.
      for (let n = 0, kills = 0; kills < RANDOM_KILLS; n++) {
        const ms = Math.round(Math.random() * campaign.durationMs);
        const doing = DIRECTIONS[n % 2] ?? 'set-up';
        const inTool = { kind: 'kill-later', ms };
        if (await endure({ family: 'kill -9, random', name: `after ${ms} ms`, doing, inTool })) kills++;
      }
    },
    HOURS,
  );

  describe.each(DIRECTIONS)('`ip` fails during the %s', (doing) => {
    it.each(
      [
        ['set-up', 'type bridge'],
        ['set-up', 'master br0'],
        ['rollback', 'nomaster'],
        ['rollback', '^link del'],
        ['both', '^address add'],
        ['both', '^route replace'],
        ['both', '^address del'],
      ].filter(([when]) => when === doing || when === 'both'),
    )('%s, where it says %s', async (_, pattern) => {
      await endure({
        family: '`ip` fails once',
        name: String(pattern),
        doing,
        onHost: async ({ sandbox }) => {
          await sandbox.write('/usr/local/sbin/ip', failingIp(String(pattern)), 0o755);
          return async () => {
            expect(await sandbox.read('/tmp/ip-failed'), 'it failed').not.toBeNull();
            await sandbox.run(['rm', '/usr/local/sbin/ip', '/tmp/ip-failed']);
          };
        },
      });
    });
  });

  it.each(DIRECTIONS)('a DHCP server that is gone during the %s', async (doing) => {
    await endure({
      family: 'no DHCP server',
      name: 'gone before it begins',
      doing,
      onHost: async ({ lan }) => {
        await lan.stopDhcpServer();
        return () => lan.startDhcpServer();
      },
    });
  });

  it('a gateway that stops answering right after the change', async () => {
    // Stands for a switch that shuts its port when a bridge comes up.
    const rule = ['OUTPUT', '-o', 'br0', '-p', 'icmp', '-j', 'DROP'];
    const { exitCode, ended } = await campaign.survive({
      family: 'gateway silent after the change',
      name: 'for the host, through the bridge',
      doing: 'set-up',
      silencesHost: true,
      onHost: async ({ sandbox }) => {
        await sandbox.run(['iptables', '-I', ...rule]);
        return async () => void (await sandbox.run(['iptables', '-D', ...rule]));
      },
    });
    expect([exitCode, ended]).toEqual([4, 'before']);
  }, 300_000);
});

describe('doctor --fix and its rollback', () => {
  onHost(REPAIR);

  describe.each(DIRECTIONS)('at a call of the host door, during the %s', (doing) => {
    it.each(DOORS)(
      'an exception, %s',
      (door) => atEach({ kind: door, doing }, 1, thrown(door, doing)),
      HOURS,
    );
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { Campaign, type Fault } from './campaign.js';
import { failingIp, startHost } from './support.js';

/** `npm run campaign`: every moment, and 200 random ones. `npm test`: some of them. */
const FULL = process.env.CAMPAIGN === 'full';
const RANDOM_KILLS = FULL ? 200 : 4;
/** The full campaign takes hours, so it says how far it is. */
const progress = (line: string) => void (FULL && process.stderr.write(`${line}\n`));
/** Of the writes of a run, every nth; another prime for each kind, so that they do not all miss the same ones. */
const every = (step: number) => (FULL ? 1 : step);
/** No stage costs a packet, and neither does the way back. A second would be an address that was gone. */
const SILENCE_MS = 500;

let copy: RunningCopy;
let campaign: Campaign;
beforeAll(async () => {
  copy = await startHost();
  campaign = await Campaign.begin(copy);
});
afterAll(async () => {
  if (campaign !== undefined) process.stderr.write(`\n${campaign.table()}\n\n`);
  await copy?.stop();
});

const DIRECTIONS = ['set-up', 'rollback'] as const;

/** The same fault at one write after another, until the run has no more of them. */
async function atEachWrite(step: number, fault: (at: number) => Fault): Promise<void> {
  for (let at = 1; ; at += step) {
    const { hit, silenceMs, ended, exitCode } = await campaign.survive(fault(at));
    progress(
      `${fault(at).family} ${fault(at).name} (${fault(at).doing}): ${hit ? `exit ${exitCode}, ${ended}, silent for ${Math.round(silenceMs)} ms` : 'no such write'}`,
    );
    expect(silenceMs, `${fault(at).family} at write ${at}`).toBeLessThan(SILENCE_MS);
    if (!hit) break;
    expect(at, 'a run has fewer of them than that').toBeLessThan(10_000);
  }
}

/** The host is as before, or as it is set up, and answers; `campaign` throws when it does not. */
describe.each(DIRECTIONS)('%s', (doing) => {
  const inTool =
    (family: string, kind: string, more: object = {}) =>
    (at: number): Fault => ({
      family,
      name: `at write ${at}`,
      doing,
      inTool: { kind, at, ...more },
    });

  it(
    'kill -9 before and after every effect',
    () => atEachWrite(every(5), inTool('kill -9', 'kill')),
    1_800_000,
  );

  it('a terminal that is lost (SIGHUP)', () => atEachWrite(every(17), inTool('SIGHUP', 'hup')), 1_800_000);

  it.each(['ENOSPC', 'EIO'])(
    '%s on each write',
    (kind) => atEachWrite(every(17), inTool(`${kind} once, half written`, kind)),
    1_800_000,
  );

  it('a clock that jumps a day ahead, or back', async () => {
    const jump = (at: number) => (at % 2 === 0 ? 86_400_000 : -86_400_000);
    await atEachWrite(every(17), (at) => inTool('clock off by a day', 'clock', { jumpMs: jump(at) })(at));
  }, 1_800_000);

  it('a disk that fills up, and stays full', async () => {
    const fill = '/var/lib/bridge-setup';
    // Of its own and small: what fills up else is the memory of this machine.
    await copy.sandbox.run(['mount', '-t', 'tmpfs', '-o', 'size=24M', 'small', fill]);
    try {
      await atEachWrite(every(13), (at) => ({
        ...inTool('full disk', 'fill', { fill })(at),
        onHost: async () => async () => void (await copy.sandbox.run(['rm', '-f', `${fill}/filler`])),
      }));
    } finally {
      await copy.sandbox.run(['umount', fill]);
    }
  }, 1_800_000);
});

describe('an exception at a call of the host door, during the rollback', () => {
  it.each([
    ['process', 13],
    ['files', 83],
  ] as const)(
    '%s',
    async (door, step) => {
      await atEachWrite(every(step), (at) => ({
        family: `exception once, ${door}`,
        name: `at call ${at}`,
        doing: 'rollback',
        inTool: { kind: 'throw', door, at },
      }));
    },
    7_200_000,
  );
});

it(`kill -9 at ${RANDOM_KILLS} random moments`, async () => {
  // One that comes after the end of its run is none.
  for (let n = 0, kills = 0; kills < RANDOM_KILLS; n++) {
    const ms = Math.round(Math.random() * campaign.durationMs);
    const doing = DIRECTIONS[n % 2] ?? 'set-up';
    const inTool = { kind: 'kill-later', ms };
    const { silenceMs, hit } = await campaign.survive({
      family: 'kill -9, random',
      name: `after ${ms} ms`,
      doing,
      inTool,
    });
    if (hit) kills++;
    progress(`kill -9 after ${ms} ms of the ${doing}: silent for ${Math.round(silenceMs)} ms`);
    expect(silenceMs, `after ${ms} ms of the ${doing}`).toBeLessThan(SILENCE_MS);
  }
}, 3_600_000);

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
    const { silenceMs } = await campaign.survive({
      family: '`ip` fails once',
      name: String(pattern),
      doing,
      onHost: async () => {
        await copy.sandbox.write('/usr/local/sbin/ip', failingIp(String(pattern)), 0o755);
        return async () => {
          expect(await copy.sandbox.read('/tmp/ip-failed'), 'it failed').not.toBeNull();
          await copy.sandbox.run(['rm', '/usr/local/sbin/ip', '/tmp/ip-failed']);
        };
      },
    });
    expect(silenceMs).toBeLessThan(SILENCE_MS);
  });
});

it.each(DIRECTIONS)('a DHCP server that is gone during the %s', async (doing) => {
  const { silenceMs } = await campaign.survive({
    family: 'no DHCP server',
    name: 'gone before it begins',
    doing,
    onHost: async () => {
      await copy.lan.stopDhcpServer();
      return () => copy.lan.startDhcpServer();
    },
  });
  expect(silenceMs).toBeLessThan(SILENCE_MS);
});

it('a gateway that stops answering right after the change', async () => {
  // Stands for a switch that shuts its port when a bridge comes up.
  const rule = ['OUTPUT', '-o', 'br0', '-p', 'icmp', '-j', 'DROP'];
  const { exitCode, ended } = await campaign.survive({
    family: 'gateway silent after the change',
    name: 'for the host, through the bridge',
    doing: 'set-up',
    silencesHost: true,
    onHost: async () => {
      await copy.sandbox.run(['iptables', '-I', ...rule]);
      return async () => void (await copy.sandbox.run(['iptables', '-D', ...rule]));
    },
  });
  expect([exitCode, ended]).toEqual([4, 'before']);
}, 300_000);

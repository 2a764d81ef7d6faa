import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localHost } from '../../src/host/local-host.js';
import { launchContainers, type Seen, seeContainers } from './containers.js';
import { STATIC_HOST } from './hosts.js';
import { Machine } from './machine.js';
import { setUp } from './set-up.js';
import { tellStory } from './story.js';
import { note } from './timing.js';
import { expectNothingLeftOver } from './traces.js';
import { until } from './until.js';

const WATCH_MS = 10;
const SETTLED_MS = 60_000;
/** Generous, since the machine may be busy; what it took is printed. */
const ANSWER_MS = 10_000;
/** Who is there all the time misses no more than a few pings of a busy machine. */
const UNHEARD_MS = 1000;
/** More often than systemd lets a service start by default (systemd.unit(5), StartLimitBurst=). */
const MANY = 7;

const NAMES = ['test1', 'test2'];
const DAEMON = 'bridge-setup';
/** Nothing of it is left to end its work in order. */
const kill = (unit: string) => ['systemctl', 'kill', '--kill-who=main', '--signal=KILL', unit];

/** Something that happens to the containers, or to those who look after them. */
interface Blow {
  readonly title: string;
  readonly strike: (machine: Machine) => Promise<unknown>;
  /** Whether the containers are started anew: `live-restore` keeps them when dockerd ends. */
  readonly restarts: 'always' | 'never' | 'without live-restore';
}

const BLOWS: readonly Blow[] = [
  {
    title: 'their restart',
    strike: (machine) => machine.run(['docker', 'restart', ...NAMES]),
    restarts: 'always',
  },
  {
    title: 'the sudden end of dockerd',
    strike: (machine) => machine.run(kill('docker')),
    restarts: 'without live-restore',
  },
  {
    title: 'a restart of dockerd',
    strike: (machine) => machine.run(['systemctl', 'restart', 'docker']),
    restarts: 'without live-restore',
  },
  { title: 'the sudden end of the daemon', strike: killDaemon, restarts: 'never' },
  {
    title: 'the end of the daemon again and again',
    strike: async (machine) => {
      for (let time = 0; time < MANY; time += 1) await killDaemon(machine);
    },
    restarts: 'never',
  },
  {
    // Without live-restore the containers are started anew, too.
    title: 'the sudden end of dockerd and the daemon at once',
    strike: (machine) => Promise.all([machine.run(kill('docker')), killDaemon(machine)]),
    restarts: 'without live-restore',
  },
  {
    title: 'the sudden end of dockerd, the daemon and the containers at once',
    strike: async (machine) => {
      // By one command: Docker 20.10 does not start a container again that dies while dockerd looks for it
      // ("task … already exists").
      const dockerd = await mainPid(machine, 'docker');
      const pids = await inspect(machine, '{{.State.Pid}}');
      const killDockerd = () => machine.run(['kill', '-KILL', dockerd, ...pids]);
      await Promise.all([killDaemon(machine), killDockerd()]);
    },
    restarts: 'always',
  },
];

describe('containers on the LAN', () => {
  let machine: Machine;
  let containers: Seen[];

  beforeAll(async () => {
    note('what containers survive');
    machine = await Machine.make({ host: localHost(), files: STATIC_HOST.files });
    await machine.boot({ project: true });
    await setUp(machine);
    await launchContainers(machine, STATIC_HOST.staticRule);
    containers = await seeContainers(machine);
  });
  afterAll(() => machine?.stop());
  tellStory();

  describe.each([false, true])('with live-restore: %s', (liveRestore) => {
    beforeAll(async () => {
      await machine.run(['tee', '/etc/docker/daemon.json'], {
        input: JSON.stringify({ 'live-restore': liveRestore }),
      });
      await machine.run(['systemctl', 'restart', 'docker']);
      expect(await seeContainers(machine)).toEqual(containers);
    });

    test.each(BLOWS)('survive $title', async ({ title, strike, restarts }) => {
      note(`${title}${liveRestore ? ', with live-restore' : ''}`);
      const restarted = restarts === 'always' || (restarts === 'without live-restore' && !liveRestore);
      // docker.service may start three times in a minute; what the blows before have used up does not count.
      await machine.run(['systemctl', 'reset-failed', 'docker']);
      const before = await expectNothingLeftOver(machine);
      const startsBefore = await starts();
      const watches = containers.map(({ address }) => machine.lan.watch(address, WATCH_MS));

      await strike(machine);
      await settled(startsBefore, restarted);
      expect(await seeContainers(machine)).toEqual(containers);

      const seen = await Promise.all(watches.map((watch) => watch.stop()));
      const startsAfter = (await starts()).map(Date.parse);
      for (const [index, { answeredAt, longestSilenceMs }] of seen.entries()) {
        const name = NAMES[index];
        const started = startsAfter[index] ?? 0;
        const answer = endOfSilence(answeredAt) - started;
        const after = restarted ? `, answers ${Math.round(answer)} ms after its start` : '';
        note(`           ${name}: the LAN did not hear it for ${longestSilenceMs} ms${after}`);
        if (restarted) expect(answer, `${name} after its start`).toBeLessThan(ANSWER_MS);
        else expect(longestSilenceMs, `${name}, which did not stop`).toBeLessThan(UNHEARD_MS);
      }
      const after = await expectNothingLeftOver(machine);
      // Who was not restarted has the very link and the very DHCP client that it had.
      if (!restarted) expect(after).toEqual(before);
    });
  });

  const starts = () => inspect(machine, '{{.State.StartedAt}}');

  /** Wait until Docker is back with its containers: started anew, or the same as before. */
  async function settled(startsBefore: readonly string[], restarted: boolean): Promise<void> {
    let states: string[] = [];
    const isSettled = async () => {
      states = await inspect(machine, '{{.State.Running}} {{.State.StartedAt}}');
      return (
        states.length === NAMES.length &&
        states.every((state, index) => {
          const [running, start] = state.split(' ');
          return running === 'true' && (start !== startsBefore[index]) === restarted;
        })
      );
    };
    const what = () => `Docker is back with its containers: ${states.join(', ') || 'Docker does not answer'}`;
    await until(what, isSettled, SETTLED_MS);
  }
});

/**
 * When the longest silence was over. The first answer after a start would not do: a container's DHCP client keeps its old
 * namespace for a moment longer, and that goes on answering.
 */
function endOfSilence(answeredAt: readonly number[]): number {
  const gaps = answeredAt.slice(1).map((at, index) => at - (answeredAt[index] ?? at));
  return answeredAt[1 + gaps.indexOf(Math.max(...gaps))] ?? Number.POSITIVE_INFINITY;
}

/** A line of each container; none while dockerd does not answer. */
async function inspect(machine: Machine, format: string): Promise<string[]> {
  const shown = await machine.run(['docker', 'inspect', `--format=${format}`, ...NAMES], { check: false });
  return shown.exitCode === 0 ? shown.stdout.trim().split('\n') : [];
}

async function mainPid(machine: Machine, unit: string): Promise<string> {
  return (await machine.run(['systemctl', 'show', '--property=MainPID', '--value', unit])).stdout.trim();
}

/** Kill the daemon, and wait until systemd has started another one that is ready. */
async function killDaemon(machine: Machine): Promise<void> {
  const show = async () =>
    (await machine.run(['systemctl', 'show', '--property=MainPID,ActiveState', DAEMON])).stdout;
  const before = await mainPid(machine, DAEMON);
  await machine.run(kill(DAEMON));
  let now = '';
  await until(
    () => `the daemon came back: ${now}`,
    async () => {
      now = await show();
      const pid = /MainPID=(\d+)/.exec(now)?.[1];
      return now.includes('ActiveState=active') && pid !== before && pid !== '0';
    },
    SETTLED_MS,
  );
}

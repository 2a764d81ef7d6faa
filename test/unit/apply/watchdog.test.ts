import { describe, expect, it } from 'vitest';
import { guardRun, watchRun } from '../../../src/apply/watchdog.js';
import { PROGRAM } from '../support/answers.js';
import { FakeHost } from '../support/fake-host.js';
import { refusedBy } from '../support/refused.js';

const FOLDER = '/var/lib/bridge-setup/checkpoints/one';
const RUN = { folder: FOLDER, pid: 700, start: '1234', deadlineSeconds: 60 };
/** proc_pid_stat(5). */
const stat = (pid: number, start: string) => `${pid} (node) S 1 ${'0 '.repeat(17)}${start} 0 0\n`;

/** A machine on which the run is under way. */
function host() {
  const made = new FakeHost();
  made.content.set('/proc/700/stat', stat(700, '1234')).set('/proc/4000/stat', stat(4000, '99'));
  return made;
}

describe('watchRun', () => {
  it.each(['committed', 'rolled-back'])(
    'ends with a run that is %s, also when it is gone by then',
    async (state) => {
      const made = host();
      made.content.delete('/proc/700/stat');
      made.content.set(`${FOLDER}/journal.jsonl`, `{"state":"${state}"}\n`);
      expect(await watchRun(made, RUN)).toBe('ended');
    },
  );

  it('finds a run that is gone, and one whose PID somebody else has now', async () => {
    const gone = host();
    gone.content.delete('/proc/700/stat');
    expect(await watchRun(gone, RUN)).toBe('orphaned');
    const other = host();
    other.content.set('/proc/700/stat', stat(700, '5678'));
    expect(await watchRun(other, RUN)).toBe('orphaned');
  });

  it('does not take a run for gone when its process cannot be read once', async () => {
    const made = host();
    const { read } = made.files;
    let fails = 1;
    made.files.read = async (path) => {
      if (path === '/proc/700/stat' && fails-- > 0) throw Object.assign(new Error(), { code: 'EMFILE' });
      return read(path);
    };
    made.after(1000, () => void made.content.set(`${FOLDER}/journal.jsonl`, '{"state":"committed"}\n'));
    expect(await watchRun(made, RUN)).toBe('ended');
  });

  describe('while a run waits for its confirmation', () => {
    const waiting = () => {
      const made = host();
      made.content.set(`${FOLDER}/journal.jsonl`, '{"state":"awaiting","seconds":30}\n');
      return made;
    };

    it('lets the run decide, and kills it when it does not', async () => {
      const made = waiting();
      const started = made.time;
      made.onSignal = (pid) => void made.content.delete(`/proc/${pid}/stat`);
      expect(await watchRun(made, RUN)).toBe('orphaned');
      expect(made.signals).toEqual([{ pid: 700, signal: 'SIGKILL' }]);
      expect(made.time - started).toBeGreaterThan(39_000);
      expect(made.content.get(`${FOLDER}/decision`)).toBe('roll-back\n');
    });

    it('waits in the place of a run that is gone, until the deadline', async () => {
      const made = waiting();
      const started = made.time;
      made.content.delete('/proc/700/stat');
      expect(await watchRun(made, RUN)).toBe('orphaned');
      expect(made.time - started).toBeGreaterThan(29_000);
      expect(made.time - started).toBeLessThan(31_000);
    });

    it('says that a new session has confirmed it, so that what waited for that is done', async () => {
      const made = waiting();
      made.content.delete('/proc/700/stat');
      made.after(29_000, () => void made.content.set(`${FOLDER}/decision`, 'commit\n'));
      expect(await watchRun(made, RUN)).toBe('confirmed');
    });

    it('takes it back at once when somebody says so', async () => {
      const made = waiting();
      made.content.delete('/proc/700/stat');
      made.content.set(`${FOLDER}/decision`, 'roll-back\n');
      const started = made.time;
      expect(await watchRun(made, RUN)).toBe('orphaned');
      expect(made.time - started).toBeLessThan(1000);
    });
  });

  it('lets a run be that takes its time, and kills one that is stuck', async () => {
    const made = host();
    const started = made.time;
    made.onSignal = (pid) => void made.content.delete(`/proc/${pid}/stat`);
    expect(await watchRun(made, RUN)).toBe('orphaned');
    expect(made.signals).toEqual([{ pid: 700, signal: 'SIGKILL' }]);
    expect(made.time - started).toBeGreaterThan(60_000);
    expect(made.time - started).toBeLessThan(62_000);
  });
});

describe('startWatchdog', () => {
  const start = (made: FakeHost, systemd: boolean) =>
    guardRun(made, FOLDER, { program: PROGRAM, systemd, deadlineSeconds: 60 });

  it('is held by systemd where it runs, and else has a session of its own', async () => {
    const made = host();
    const started = () => void made.content.set(`${FOLDER}/watchdog`, '1\n');
    made.script = ([program]) => (program === 'systemd-run' ? started() : undefined);
    await start(made, true);
    expect(made.commands.at(-1)?.argv).toEqual(
      expect.arrayContaining(['systemd-run', '--property=KillMode=process', 'watch', FOLDER, '4000', '99']),
    );
    const spawned = made.spawn.bind(made);
    made.spawn = (...args) => {
      started();
      return spawned(...args);
    };
    await start(made, false);
    expect(made.spawned[0]?.options).toMatchObject({ detached: true });
  });

  it('arms the next boot where systemd runs, with paths that a unit file takes', async () => {
    const made = host();
    made.script = ([program]) =>
      program === 'systemd-run' ? void made.content.set(`${FOLDER}/watchdog`, '1\n') : undefined;
    const program = { ...PROGRAM, root: '/srv/100% "mine"' };
    await guardRun(made, FOLDER, { program, systemd: true, deadlineSeconds: 60 });
    const unit = made.content.get('/etc/systemd/system/bridge-setup-recover.service');
    expect(unit).toContain('"/srv/100%% \\"mine\\"/bin/bridge-setup.js" recover\n');
    expect(unit).toContain('ConditionPathExists=/srv/100%% "mine"/bin/bridge-setup.js\n');
    expect(unit).toMatch(/^Before=network-pre.target /m);
    const commands = made.commands.map(({ argv }) => argv[0]);
    expect(commands).toEqual(['ln', 'sync', 'systemd-run']);
  });

  it('is a reason to refuse when it does not start', async () => {
    const error = await refusedBy(() => start(host(), false));
    expect([error.code, error.exitCode]).toEqual(['no-watchdog', 3]);
    expect(error.problems[0]?.message).toContain('did not start within 15 s');
  });
});

import { describe, expect, it } from 'vitest';
import { startWatchdog, watchRun } from '../../../src/apply/watchdog.js';
import { PROGRAM } from '../support/answers.js';
import { planOf } from '../support/applied.js';
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
    startWatchdog(made, FOLDER, planOf(), { program: PROGRAM, systemd });

  it('is held by systemd where it runs, and else has a session of its own', async () => {
    const made = host();
    made.content.set(`${FOLDER}/watchdog`, '1\n');
    await start(made, true);
    expect(made.commands[0]?.argv).toEqual(
      expect.arrayContaining(['systemd-run', '--property=KillMode=process', 'watch', FOLDER, '4000', '99']),
    );
    await start(made, false);
    expect(made.spawned[0]?.options).toMatchObject({ detached: true });
  });

  it('is a reason to refuse when it does not start', async () => {
    const error = await refusedBy(() => start(host(), false));
    expect([error.code, error.exitCode]).toEqual(['no-watchdog', 3]);
    expect(error.problems[0]?.message).toContain('did not start within 15 s');
  });
});

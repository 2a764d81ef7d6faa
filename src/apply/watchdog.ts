import { messageOf, refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import { readOfProcess, startTimeOf } from '../host/process.js';
import { isEnd } from '../model/journal.js';
import type { Plan, Program } from '../model/plan.js';
import { armBootRecovery, disarmBootRecovery } from './boot-recovery.js';
import { journalOf } from './checkpoint.js';
import { decide, decisionOn } from './decision.js';
import { placeLauncher } from './launcher.js';

const POLL_MS = 200;
const START_SECONDS = 15;
/** For what has no time limit of its own, such as fetching packages. */
const SLACK_SECONDS = 20 * 60;
/** A run that decides at the deadline is given this long to do so. */
const DECISION_SECONDS = 10;

/** The run that a watchdog looks after. */
export interface Watched {
  /** Its checkpoint. */
  readonly folder: string;
  readonly pid: number;
  /** Start time of that process; see `startTimeOf`. */
  readonly start: string;
  readonly deadlineSeconds: number;
}

const mark = (folder: string) => `${folder}/watchdog`;

/** How a run is guarded. */
export interface Guard {
  readonly program: Program;
  readonly systemd: boolean;
  /** A run that takes longer is stuck. */
  readonly deadlineSeconds: number;
}

/**
 * Start a process outside of the session that takes the host back when this one is gone, or stuck, before it has
 * committed: systemd holds it where systemd runs, else it has a session of its own. Where systemd runs, the next boot
 * does the same. Refuses (`no-watchdog`) when that fails: then there is no way back, and nothing has been changed yet.
 */
export async function guardRun(host: Host, folder: string, guard: Guard): Promise<void> {
  if (guard.program.container?.image === null) {
    throw refusal(
      'in-runtime',
      'Refused; nothing was changed.',
      [
        {
          message: 'This runs inside of the container of the attach runtime, which may have to be replaced.',
        },
      ],
      'Run `bridge-setup` on the host, or `docker run` with the same image.',
    );
  }
  try {
    const launcher = await placeLauncher(host, guard.program);
    if (guard.systemd) await armBootRecovery(host, launcher);
    await startWatchdog(host, folder, launcher, guard);
  } catch (error) {
    await disarmBootRecovery(host).catch(() => {});
    throw refusal('no-watchdog', 'Refused; nothing was changed.', [
      { message: `The watchdog, which takes the host back if this run is lost, failed: ${messageOf(error)}` },
    ]);
  }
}

async function startWatchdog(
  host: Host,
  folder: string,
  launcher: readonly string[],
  { systemd, deadlineSeconds }: Guard,
): Promise<void> {
  const start = (await startTimeOf(host, host.pid)) ?? '';
  const argv = [...[...launcher, 'watch', folder], ...[String(host.pid), start, String(deadlineSeconds)]];
  await host.files.remove(mark(folder));
  // One for each checkpoint: that of the one before may not have ended yet.
  const unit = `bridge-setup-watchdog-${host.pid}-of-${folder.slice(folder.lastIndexOf('/') + 1)}`;
  if (systemd) await host.run([...systemdRun(unit), ...argv]);
  else host.spawn(argv, { detached: true });
  const deadline = host.clock.elapsed() + START_SECONDS * 1000;
  while (!(await host.files.exists(mark(folder)))) {
    if (host.clock.elapsed() >= deadline) throw new Error(`it did not start within ${START_SECONDS} s`);
    await host.clock.sleep(20);
  }
}

/** systemd-run(1). KillMode: the DHCP client that a rollback starts has to outlive the unit. */
function systemdRun(unit: string): string[] {
  const properties = ['KillMode=process', 'Restart=on-failure', 'OOMScoreAdjust=-900'];
  return [
    ...['systemd-run', '--quiet', '--collect', `--unit=${unit}`],
    ...properties.map((property) => `--property=${property}`),
  ];
}

/** Each step has its time; a run that takes longer than all of them together is stuck. */
export function deadlineSeconds({ steps }: Pick<Plan, 'steps'>): number {
  const times = steps.map((step) => ('timeoutSeconds' in step ? step.timeoutSeconds : 0));
  return times.reduce((sum, seconds) => sum + seconds, SLACK_SECONDS);
}

/**
 * Wait for the end of a run. `orphaned`: it is gone, or was stuck and has been killed, and the host has to be rolled
 * back, or the rollback has to be finished. A run that is gone while it waited for a confirmation is waited for in its
 * place; `confirmed`: it stays, and what waited for that is to be done.
 */
export async function watchRun(host: Host, run: Watched): Promise<RunEnd> {
  await host.files.write(mark(run.folder), `${host.pid}\n`, 0o600);
  const watch = { started: host.clock.elapsed(), awaitingSince: null };
  for (;;) {
    // A look that fails says nothing about the run; the next one may.
    const state = await inspectRun(host, run, watch).catch(() => 'goes-on' as const);
    if (state !== 'goes-on') return state;
    await host.clock.sleep(POLL_MS);
  }
}

/** How a run ended that was watched. */
export type RunEnd = 'ended' | 'orphaned' | 'confirmed';

interface Watch {
  readonly started: number;
  awaitingSince: number | null;
}

async function inspectRun(host: Host, run: Watched, watch: Watch): Promise<RunEnd | 'goes-on'> {
  const { folder } = run;
  const alive = (await startTimeOf(host, run.pid)) === run.start;
  // In this order: what was alive before the journal was read may have ended the run since, never the reverse.
  const { phase, confirmSeconds } = await journalOf(host, folder);
  if (isEnd(phase)) return 'ended';
  const now = host.clock.elapsed();
  if (phase === 'awaiting') watch.awaitingSince ??= now;
  const deadline =
    watch.awaitingSince === null
      ? watch.started + run.deadlineSeconds * 1000
      : watch.awaitingSince + (confirmSeconds + (alive ? DECISION_SECONDS : 0)) * 1000;
  if (alive && now > deadline) host.signal(run.pid, 'SIGKILL');
  if (alive) return 'goes-on';
  if (phase !== 'awaiting') return 'orphaned';
  const decision = now > deadline ? await decide(host, folder, 'roll-back') : await decisionOn(host, folder);
  if (decision === 'roll-back') return 'orphaned';
  return decision === 'commit' ? 'confirmed' : 'goes-on';
}

/** Whether this process is still the watchdog of a run: a rollback that a person starts brings its own. */
export async function isWatchdogOf(host: Host, folder: string): Promise<boolean> {
  return (await host.files.read(mark(folder)))?.trim() === String(host.pid);
}

/** Whether a run has a watchdog now. */
export async function isWatched(host: Host, folder: string): Promise<boolean> {
  const pid = (await host.files.read(mark(folder)))?.trim();
  if (pid === undefined) return false;
  // A PID alone may be somebody else's by now.
  const argv = (await readOfProcess(host.files.read(`/proc/${pid}/cmdline`))) ?? '';
  return argv.split('\0').includes(folder);
}

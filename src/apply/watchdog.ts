import { messageOf, refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import { startTimeOf } from '../host/process.js';
import { readJournal } from '../model/journal.js';
import type { Plan, Program } from '../model/plan.js';

const POLL_MS = 200;
const START_SECONDS = 15;
/** For what has no time limit of its own, such as fetching packages. */
const SLACK_SECONDS = 20 * 60;

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

/**
 * Start a process outside of the session that takes the host back when this one is gone, or stuck, before it has
 * committed: systemd holds it where systemd runs, else it has a session of its own. Refuses (`no-watchdog`) when it
 * does not start: then there is no way back, and nothing has been changed yet.
 */
export async function startWatchdog(
  host: Host,
  folder: string,
  plan: Plan,
  { program, systemd }: { readonly program: Program; readonly systemd: boolean },
): Promise<void> {
  const start = (await startTimeOf(host, host.pid)) ?? '';
  const seconds = String(deadlineSeconds(plan));
  const argv = [
    ...[program.node, `${program.root}/bin/bridge-setup.js`, 'watch', folder],
    ...[String(host.pid), start, seconds],
  ];
  try {
    if (systemd) await host.run([...systemdRun(host.pid), ...argv]);
    else host.spawn(argv, { detached: true });
    const deadline = host.clock.elapsed() + START_SECONDS * 1000;
    while (!(await host.files.exists(mark(folder)))) {
      if (host.clock.elapsed() >= deadline) throw new Error(`it did not start within ${START_SECONDS} s`);
      await host.clock.sleep(20);
    }
  } catch (error) {
    throw refusal('no-watchdog', 'Refused; nothing was changed.', [
      { message: `The watchdog, which takes the host back if this run is lost, failed: ${messageOf(error)}` },
    ]);
  }
}

/** systemd-run(1). KillMode: the DHCP client that a rollback starts has to outlive the unit. */
function systemdRun(pid: number): string[] {
  const properties = ['KillMode=process', 'Restart=on-failure', 'OOMScoreAdjust=-900'];
  return [
    ...['systemd-run', '--quiet', '--collect', `--unit=bridge-setup-watchdog-${pid}`],
    ...properties.map((property) => `--property=${property}`),
  ];
}

/** Each step has its time; a run that takes longer than all of them together is stuck. */
function deadlineSeconds({ steps }: Plan): number {
  const times = steps.map((step) => ('timeoutSeconds' in step ? step.timeoutSeconds : 0));
  return times.reduce((sum, seconds) => sum + seconds, SLACK_SECONDS);
}

/**
 * Wait for the end of a run. `orphaned`: it is gone, or was stuck and has been killed, and the host has to be taken
 * back.
 */
export async function watchRun(host: Host, run: Watched): Promise<'ended' | 'orphaned'> {
  await host.files.write(mark(run.folder), `${host.pid}\n`, 0o600);
  const started = host.clock.elapsed();
  for (;;) {
    const alive = (await startTimeOf(host, run.pid)) === run.start;
    // In this order: what was alive before the journal was read may have ended the run since, never the reverse.
    const { end } = readJournal((await host.files.read(`${run.folder}/journal.jsonl`)) ?? '');
    if (end !== null) return 'ended';
    if (!alive) return 'orphaned';
    if (host.clock.elapsed() - started > run.deadlineSeconds * 1000) host.signal(run.pid, 'SIGKILL');
    await host.clock.sleep(POLL_MS);
  }
}

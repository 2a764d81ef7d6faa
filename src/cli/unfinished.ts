import { type Checkpoint, unfinishedRun } from '../apply/checkpoint.js';
import { isWatched } from '../apply/watchdog.js';
import { refusal, type SetupError } from '../errors.js';
import type { Host } from '../host/host.js';

/**
 * Refuses to begin a change while another one has no end: what that one would take back, or keep, is not to be seen
 * from here.
 */
export async function refuseUnfinished(host: Host): Promise<void> {
  const run = await unfinishedRun(host);
  if (run !== null) throw objection(run, await isWatched(host, run.folder));
}

function objection({ phase, folder }: Checkpoint, watched: boolean): SetupError {
  const when = /(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)/.exec(folder);
  const run = when === null ? folder : `${when[1]} ${when[2]}:${when[3]} UTC`;
  if (phase === 'awaiting') {
    return refusal(
      'change-pending',
      `Refused; nothing was changed. The change of ${run} waits for its confirmation.`,
      [],
      '`bridge-setup confirm` keeps it, `bridge-setup rollback` takes it back.',
    );
  }
  // Between the attempts of its watchdog: for what may never succeed nobody has to wait.
  if (watched && phase !== 'incomplete') {
    return refusal(
      'already-running',
      `Refused; nothing was changed. The run of ${run} is still under way, or is being taken back.`,
      [],
      'Wait until it has ended, and run again.',
    );
  }
  return refusal(
    'interrupted-run',
    `Refused; nothing was changed. The run of ${run} was ${phase === 'incomplete' ? 'not taken back wholly' : 'interrupted'}.`,
    [],
    '`bridge-setup rollback` takes it back; then run again.',
  );
}

import { refusal } from '../errors.js';
import { withFileLock } from '../host/file-lock.js';
import type { Host } from '../host/host.js';
import { RUN_FOLDER } from '../model/paths.js';
import { withRetries } from './retry.js';

const LOCK = `${RUN_FOLDER}/lock`;

/**
 * Run alone: two runs that change the same network would each undo the other.
 * @param waitSeconds how long to wait for another one; then refuses (`already-running`)
 */
export async function withLock<T>(host: Host, work: () => Promise<T>, waitSeconds = 0): Promise<T> {
  const busy = (pid: string) =>
    refusal(
      'already-running',
      `Another bridge-setup is changing this host (process ${pid}).`,
      [],
      'Wait until it has ended, and run again.',
    );
  let isHeld = false;
  const alone = () => {
    isHeld = true;
    return work();
  };
  const attempt = async () => {
    await host.files.mkdir(RUN_FOLDER, 0o700);
    return withFileLock(host, LOCK, alone, { waitSeconds, busy });
  };
  // What the work throws is the work's.
  return withRetries(host, attempt, () => !isHeld);
}

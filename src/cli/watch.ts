import { finishConfirmed } from '../apply/execute.js';
import { finishRollback } from '../apply/finish.js';
import { withLock } from '../apply/lock.js';
import { withRetries } from '../apply/retry.js';
import { rollBack } from '../apply/rollback.js';
import { watchRun } from '../apply/watchdog.js';
import { EXIT, type ExitCode, usageError } from '../errors.js';
import type { CliContext } from './context.js';
import { applyDoor } from './live-network.js';

/** For somebody who looks after the host by hand meanwhile. */
const LOCK_SECONDS = 60;

/** `bridge-setup watch FOLDER PID START SECONDS`: the watchdog of one run. Started by the run itself. */
export async function watch(
  { host, output }: CliContext,
  _flags: Readonly<Record<string, unknown>>,
  args: readonly string[],
): Promise<ExitCode> {
  const [folder, pid, start, seconds] = args;
  if (folder === undefined || start === undefined || !(Number(pid) > 1) || !(Number(seconds) > 0)) {
    throw usageError('usage', 'This command is for bridge-setup itself.');
  }
  const run = { folder, pid: Number(pid), start, deadlineSeconds: Number(seconds) };
  const end = await watchRun(host, run);
  if (end === 'ended') return EXIT.ok;
  const door = applyDoor({ host, output });
  if (end === 'confirmed') {
    // What was done already is not done again.
    await withRetries(host, () => withLock(host, () => finishConfirmed(folder, door), LOCK_SECONDS));
    return EXIT.ok;
  }
  const attempt = () => withLock(host, () => rollBack(door, { folder }), LOCK_SECONDS);
  return (await finishRollback(host, folder, attempt)) ? EXIT.ok : EXIT.rollbackIncomplete;
}

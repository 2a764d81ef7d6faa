import { refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import { startTimeOf } from '../host/process.js';
import { RUN_FOLDER } from '../model/paths.js';

const LOCK = `${RUN_FOLDER}/lock`;

/**
 * Run alone: two runs that change the same network would each undo the other.
 * /run is empty after a boot, so a lock never outlives the processes it speaks of.
 */
export async function withLock<T>(host: Host, work: () => Promise<T>): Promise<T> {
  await host.files.mkdir(RUN_FOLDER, 0o700);
  const own = `${host.pid} ${await startTimeOf(host, host.pid)}\n`;
  while (!(await host.files.create(LOCK, own))) {
    const [pid, start] = ((await host.files.read(LOCK)) ?? '').trim().split(' ');
    if (start !== undefined && (await startTimeOf(host, Number(pid))) === start) {
      throw refusal(
        'already-running',
        `Another bridge-setup is changing this host (process ${pid}).`,
        [],
        'Wait until it has ended, and run again.',
      );
    }
    // Its owner is gone.
    await host.files.remove(LOCK);
  }
  try {
    return await work();
  } finally {
    await host.files.remove(LOCK);
  }
}

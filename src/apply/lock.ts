import { refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import { RUN_FOLDER } from '../model/paths.js';

const LOCK = `${RUN_FOLDER}/lock`;

/** Process start time in clock ticks since boot, field 22 of proc_pid_stat(5): tells a reused pid. */
async function startTime(host: Host, pid: number): Promise<string | null> {
  const stat = await host.files.read(`/proc/${pid}/stat`).catch(() => null);
  // The second field is the program's name in parentheses, and may hold blanks.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

/**
 * Run alone: two runs that change the same network would each undo the other.
 * /run is empty after a boot, so a lock never outlives the processes it speaks of.
 */
export async function withLock<T>(host: Host, work: () => Promise<T>): Promise<T> {
  await host.files.mkdir(RUN_FOLDER, 0o700);
  const own = `${host.pid} ${await startTime(host, host.pid)}\n`;
  while (!(await host.files.create(LOCK, own))) {
    const [pid, start] = ((await host.files.read(LOCK)) ?? '').trim().split(' ');
    if (start !== undefined && (await startTime(host, Number(pid))) === start) {
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

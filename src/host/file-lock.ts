import type { Host } from './host.js';
import { startTimeOf } from './process.js';

const POLL_MS = 200;

/** How long to wait for a lock that another process holds, and what to throw then. */
export interface FileLockOptions {
  readonly waitSeconds: number;
  readonly busy: (pid: string) => Error;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Do something while no other process does it. The lock file names its process by PID, start time and boot, so a lock
 * does not outlive its process.
 * @param path of the lock file, in a folder that exists
 */
export async function withFileLock<T>(
  host: Host,
  path: string,
  work: () => Promise<T>,
  { waitSeconds, busy, signal }: FileLockOptions,
): Promise<T> {
  const own = await ownerOf(host, host.pid);
  const deadline = host.clock.elapsed() + waitSeconds * 1000;
  while (!(await host.files.create(path, own))) {
    const owner = (await host.files.read(path)) ?? '';
    const [pid = ''] = owner.split(' ');
    if (owner !== (await ownerOf(host, Number(pid)))) {
      await removeStale(host, path, owner);
    } else if (host.clock.elapsed() >= deadline) {
      throw busy(pid);
    } else await host.clock.sleep(POLL_MS, signal);
  }
  try {
    await host.files.removeTemporaries(path).catch(() => {});
    return await work();
  } finally {
    // What the work has come to counts; a lock that stays does not outlive this process.
    const remove = () => host.files.remove(path);
    await remove()
      .catch(remove)
      .catch(() => {});
  }
}

async function ownerOf(host: Host, pid: number): Promise<string> {
  const boot = ((await host.files.read('/proc/sys/kernel/random/boot_id')) ?? '').trim();
  return `${pid} ${await startTimeOf(host, pid)} ${boot}\n`;
}

/** Its owner is gone. Whoever else finds that too must not remove the lock that a third one has made since. */
async function removeStale(host: Host, path: string, owner: string): Promise<void> {
  const aside = `${path}.stale-${host.pid}`;
  if (!(await host.files.rename(path, aside))) return;
  const read = () => host.files.read(aside);
  try {
    const moved = await read().catch(read);
    if (moved !== null && moved !== owner) await host.files.create(path, moved);
  } finally {
    const remove = () => host.files.remove(aside);
    await remove()
      .catch(remove)
      .catch(() => {});
  }
}

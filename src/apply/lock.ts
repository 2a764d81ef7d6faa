import { refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import { startTimeOf } from '../host/process.js';
import { RUN_FOLDER } from '../model/paths.js';

const LOCK = `${RUN_FOLDER}/lock`;
const POLL_MS = 200;

/**
 * Run alone: two runs that change the same network would each undo the other. The lock names its process by PID,
 * start time and boot, so it does not outlive it.
 * @param waitSeconds how long to wait for another one; then refuses (`already-running`)
 */
export async function withLock<T>(host: Host, work: () => Promise<T>, waitSeconds = 0): Promise<T> {
  await host.files.mkdir(RUN_FOLDER, 0o700);
  const own = await ownerOf(host, host.pid);
  const deadline = host.clock.elapsed() + waitSeconds * 1000;
  while (!(await host.files.create(LOCK, own))) {
    const owner = (await host.files.read(LOCK)) ?? '';
    const [pid = ''] = owner.split(' ');
    if (owner !== (await ownerOf(host, Number(pid)))) {
      await removeStale(host, owner);
    } else if (host.clock.elapsed() >= deadline) {
      throw refusal(
        'already-running',
        `Another bridge-setup is changing this host (process ${pid}).`,
        [],
        'Wait until it has ended, and run again.',
      );
    } else await host.clock.sleep(POLL_MS);
  }
  try {
    await host.files.removeTemporaries(LOCK);
    return await work();
  } finally {
    await host.files.remove(LOCK);
  }
}

async function ownerOf(host: Host, pid: number): Promise<string> {
  const boot = ((await host.files.read('/proc/sys/kernel/random/boot_id')) ?? '').trim();
  return `${pid} ${await startTimeOf(host, pid)} ${boot}\n`;
}

/** Its owner is gone. Whoever else finds that too must not remove the lock that a third one has made since. */
async function removeStale(host: Host, owner: string): Promise<void> {
  const aside = `${LOCK}.stale-${host.pid}`;
  if (!(await host.files.rename(LOCK, aside))) return;
  const moved = await host.files.read(aside);
  if (moved !== null && moved !== owner) await host.files.create(LOCK, moved);
  await host.files.remove(aside);
}

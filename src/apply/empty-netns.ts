import type { Host } from '../host/host.js';

/** It ends by itself, should the tool be killed: the namespace and the links in it end with it. */
const HOLD_SECONDS = '20';
const POLL_MS = 2;
const DEADLINE_MS = 2000;

/** A network namespace with no link but `lo`. */
export interface EmptyNetns {
  /** Of the process that holds it: ip-link(8) takes that as its name. */
  readonly pid: number;
  /** How ip(8) is called in it. */
  readonly ip: readonly string[];
}

/** Make a network namespace for as long as `use` works in it. What is in it then, ends with it (network_namespaces(7)). */
export async function withEmptyNetns<T>(host: Host, use: (netns: EmptyNetns) => Promise<T>): Promise<T> {
  const own = await host.files.readlink(`/proc/${host.pid}/ns/net`);
  const holder = host.spawn(['unshare', '--net', 'sleep', HOLD_SECONDS]);
  try {
    const path = `/proc/${holder.pid}/ns/net`;
    const deadline = host.clock.elapsed() + DEADLINE_MS;
    for (;;) {
      const identity = await host.files.readlink(path).catch(() => null);
      if (identity !== null && identity !== own) break;
      if (host.clock.elapsed() > deadline) {
        throw new Error('no network namespace could be made by unshare(1)');
      }
      await host.clock.sleep(POLL_MS);
    }
    return await use({ pid: holder.pid, ip: ['nsenter', `--net=${path}`, 'ip'] });
  } finally {
    holder.kill('SIGKILL');
    await holder.exited;
  }
}

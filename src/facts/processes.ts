import type { Host } from '../host/host.js';

/** A process of the host. */
export interface Process {
  readonly pid: number;
  readonly argv: readonly string[];
}

/** Processes with such a command line in the host's own network namespace: a container's are not ours. */
export async function processesHere(
  host: Host,
  wanted: (argv: readonly string[]) => boolean,
): Promise<Process[]> {
  const own = await host.files.readlink('/proc/self/ns/net');
  const found: Process[] = [];
  for (const entry of await host.files.list('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    // It may end while it is looked at.
    const cmdline = await host.files.read(`/proc/${entry}/cmdline`).catch(() => null);
    const argv = (cmdline ?? '').split('\0').filter((word) => word !== '');
    if (argv.length === 0 || !wanted(argv)) continue;
    const namespace = await host.files.readlink(`/proc/${entry}/ns/net`).catch(() => null);
    if (namespace === own) found.push({ pid: Number(entry), argv });
  }
  return found;
}

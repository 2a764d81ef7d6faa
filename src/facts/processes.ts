import { isDenied } from '../errors.js';
import type { Host } from '../host/host.js';

/** A process of the host. */
export interface Process {
  readonly pid: number;
  readonly argv: readonly string[];
}

/** Processes of the host's own network namespace. */
export interface ProcessesHere {
  readonly found: readonly Process[];
  /** false: this user may not see all processes, or in which namespace they are. */
  readonly complete: boolean;
}

/** Processes with such a command line in the host's own network namespace: a container's are not ours. */
export async function processesHere(
  host: Host,
  wanted: (argv: readonly string[]) => boolean,
): Promise<ProcessesHere> {
  const own = await host.files.readlink('/proc/self/ns/net');
  const found: Process[] = [];
  // With hidepid=1 or 2 (proc(5)) a user sees nothing of the processes of others.
  let complete = host.isRoot() || (await host.files.read('/proc/1/cmdline').catch(() => null)) !== null;
  for (const entry of await host.files.list('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    // It may end while it is looked at.
    const cmdline = await host.files.read(`/proc/${entry}/cmdline`).catch(() => null);
    const argv = (cmdline ?? '').split('\0').filter((word) => word !== '');
    if (argv.length === 0 || !wanted(argv)) continue;
    const namespace = await host.files
      .readlink(`/proc/${entry}/ns/net`)
      .catch((error: unknown) => (isDenied(error) ? 'denied' : null));
    if (namespace === 'denied') complete = false;
    else if (namespace === own) found.push({ pid: Number(entry), argv });
  }
  return { found, complete };
}

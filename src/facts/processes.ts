import { isDenied } from '../errors.js';
import type { Host } from '../host/host.js';
import { readOfProcess } from '../host/process.js';

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
    // It may end while it is inspected.
    const cmdline = await readOfProcess(host.files.read(`/proc/${entry}/cmdline`));
    const argv = (cmdline ?? '').split('\0').filter((word) => word !== '');
    if (argv.length === 0 || !wanted(argv)) continue;
    const link = host.files.readlink(`/proc/${entry}/ns/net`);
    const namespace = await readOfProcess(
      link.catch((error: unknown) => {
        if (isDenied(error)) return 'denied';
        throw error;
      }),
    );
    if (namespace === 'denied') complete = false;
    else if (namespace === own) found.push({ pid: Number(entry), argv });
  }
  return { found, complete };
}

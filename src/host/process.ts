import type { Host } from './host.js';

/** A process that is gone (it may end between open and read: ESRCH), or that this user may not inspect. */
const NOT_SEEN = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

/**
 * What is read of a process; `null` when it is gone, or not to be seen. Any other error is none of the process: who took
 * it for its end would roll back under a run that goes on, or steal its lock.
 */
export async function readOfProcess<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (NOT_SEEN.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/**
 * Start time of a process in ticks since boot (proc_pid_stat(5), field 22); `null` when it is gone or a zombie. With
 * the PID it names one process for good: a PID alone is given to another one later. The second field is the name of
 * the program and may hold anything, also spaces and brackets.
 */
export async function startTimeOf(host: Host, pid: number): Promise<string | null> {
  const stat = (await readOfProcess(host.files.read(`/proc/${pid}/stat`))) ?? '';
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

/** PIDs of the children of a process (proc_pid_task_children(5)); none when it is gone. */
export async function childrenOf(host: Host, pid: number): Promise<number[]> {
  const children = (await readOfProcess(host.files.read(`/proc/${pid}/task/${pid}/children`))) ?? '';
  return children.split(' ').filter(Boolean).map(Number);
}

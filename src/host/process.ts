import type { Host } from './host.js';

/**
 * Start time of a process in ticks since boot (proc_pid_stat(5), field 22); `null` when it is gone or a zombie. With
 * the PID it names one process for good: a PID alone is given to another one later. The second field is the name of
 * the program and may hold anything, also spaces and brackets.
 */
export async function startTimeOf(host: Host, pid: number): Promise<string | null> {
  // The file can vanish between open and read (ESRCH).
  const stat = (await host.files.read(`/proc/${pid}/stat`).catch(() => null)) ?? '';
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

/** PIDs of the children of a process (proc_pid_task_children(5)); none when it is gone. */
export async function childrenOf(host: Host, pid: number): Promise<number[]> {
  const children = (await host.files.read(`/proc/${pid}/task/${pid}/children`).catch(() => null)) ?? '';
  return children.split(' ').filter(Boolean).map(Number);
}

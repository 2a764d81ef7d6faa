import { fileURLToPath } from 'node:url';
import type { Host } from '../../src/host/host.js';
import { childrenOf } from '../../src/host/process.js';

/** The repository. */
const PROJECT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
/** Where the guest sees the repository. */
export const PROJECT_IN_GUEST = '/opt/bridge-setup';

/** systemd-nspawn's exit status when the guest asked for a reboot (systemd-nspawn(1), EXIT_FORCE_RESTART). */
export const REBOOT = 133;

/** What systemd-nspawn is told by its environment (docs/ENVIRONMENT.md of systemd). */
export const NSPAWN_ENVIRONMENT = {
  SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1',
  SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network',
};

/**
 * systemd-nspawn makes control groups below its own, so it has to be in one that nobody else uses: $1. On a machine
 * with both versions of control groups it needs systemd's hierarchy of version 1 as well as the unified one.
 */
const START_IN_CGROUP = `name=$1; shift
roots=/sys/fs/cgroup
[ -e "$roots/cgroup.procs" ] || roots='/sys/fs/cgroup/systemd /sys/fs/cgroup/unified'
for root in $roots; do
  [ ! -d "$root" ] || { mkdir -p "$root/$name" && echo $$ >"$root/$name/cgroup.procs"; } || exit
done
exec systemd-nspawn "$@" </dev/null`;

/** How a guest is started. */
export interface NspawnOptions {
  /** Name of the machine; its MAC address comes of it. */
  readonly name: string;
  /** Name of its control group. */
  readonly cgroup: string;
  readonly root: string;
  /** Where Docker's storage is: it cannot be an overlay upon an overlay. */
  readonly docker: string;
  /** Whether the repository is there. */
  readonly project: boolean;
  /** Whether Node.js is. */
  readonly node: boolean;
}

/** The command that starts a guest on the switch `lan0`. It ends with the guest. */
export function nspawnCommand({ name, cgroup, root, docker, project, node }: NspawnOptions): string[] {
  return [
    ...['bash', '--norc', '-c', START_IN_CGROUP, 'start', cgroup],
    ...['--quiet', '--boot', `--directory=${root}`, `--machine=${name}`],
    // There is no machined to register at, and no systemd to make a scope.
    ...['--register=no', '--keep-unit'],
    '--network-bridge=lan0',
    // What dockerd and runc need.
    ...['--capability=all', '--system-call-filter=@keyring bpf'],
    `--bind=${docker}:/var/lib/docker`,
    ...(node ? [`--bind-ro=${process.execPath}`] : []),
    ...(project ? [`--bind-ro=${PROJECT}:${PROJECT_IN_GUEST}`] : []),
    ...['--resolv-conf=off', '--timezone=off', '--link-journal=no', '--console=pipe'],
  ];
}

/**
 * The guest's PID 1 below a process: a descendant in a PID namespace within the sandbox's, where it is 1
 * (proc_pid_status(5): NSpid, outermost first). `null` while there is none.
 */
export async function findInit(host: Host, ancestor: number): Promise<number | null> {
  const readProc = async (path: string) => (await host.files.read(`/proc/${path}`).catch(() => null)) ?? '';
  const queue = [ancestor];
  for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
    const pids = /^NSpid:\s*(.+)$/m.exec(await readProc(`${pid}/status`))?.[1]?.split(/\s+/) ?? [];
    if (pids.length > 2 && pids.at(-1) === '1') return pid;
    queue.push(...(await childrenOf(host, pid)));
  }
  return null;
}

import { messageOf, refusal } from '../errors.js';
import type { ContainerInfo, Host } from '../host/host.js';
import { foreignNetwork } from './rules-of-container.js';

/** The network namespace of a container, held open. */
export interface ContainerNetns {
  /** Path that names the namespace for other processes. */
  readonly path: string;
  /** Identity of the namespace, as /proc shows it: `net:[4026532251]`. */
  readonly identity: string;
}

/**
 * Hold the network namespace of a running container while `use` works on it. A PID may be another process's by now,
 * so the namespace is opened first, and whose it is looked at after that: what was opened is the container's own, and
 * stays so whatever becomes of the PID. `meanwhile` is called with its path before that is known.
 */
export async function withNetns<T>(
  host: Host,
  container: ContainerInfo,
  use: (netns: ContainerNetns) => Promise<T>,
  meanwhile: (path: string) => void = () => {},
): Promise<T> {
  const reason = foreignNetwork(container);
  if (reason !== null) throw refusal('foreign-network', `${container.name}: ${reason}`);
  const held = await host.files.hold(`/proc/${container.pid}/ns/net`).catch((error: unknown) => {
    throw gone(container, messageOf(error));
  });
  try {
    meanwhile(held.path);
    const identity = await host.files.readlink(held.path);
    if (identity === null) throw gone(container, 'its network namespace cannot be read');
    const isOwn = (await isProcessOf(host, container, identity)) || (await stillRuns(host, container));
    if (!isOwn) throw gone(container, 'it stopped meanwhile');
    const own = await host.files.readlink(`/proc/${host.pid}/ns/net`);
    // Docker said otherwise; still, an endpoint in the host's own namespace is the one mistake never to make.
    if (identity === own) {
      throw refusal('foreign-network', `${container.name}: the container uses the network of the host`);
    }
    return await use({ path: held.path, identity });
  } finally {
    await held.close();
  }
}

/**
 * Whether the process with the container's PID is in the control group of the container, and in that namespace: Docker
 * names the group by the container's id (cgroups(7)). The kernel says so at once; where it does not, Docker is asked.
 */
async function isProcessOf(host: Host, { id, pid }: ContainerInfo, netns: string): Promise<boolean> {
  const groups = (await host.files.read(`/proc/${pid}/cgroup`).catch(() => null)) ?? '';
  return groups.includes(id) && (await host.files.readlink(`/proc/${pid}/ns/net`)) === netns;
}

/** Whether the container runs with the same PID since the same time. */
async function stillRuns(host: Host, { id, pid, startedAt }: ContainerInfo): Promise<boolean> {
  const now = await host.docker.inspect(id);
  return now?.running === true && now.pid === pid && now.startedAt === startedAt;
}

function gone(container: ContainerInfo, reason: string) {
  return refusal('container-not-running', `Container ${container.name} does not run: ${reason}`);
}

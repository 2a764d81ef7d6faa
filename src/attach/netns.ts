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
 * so the namespace is opened first and the container asked again after that: when it still runs with the same PID
 * since the same time, what was opened is its own, and stays so whatever becomes of the PID. `meanwhile` is called with
 * its path before that is known.
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
    const now = await host.docker.inspect(container.id);
    if (!now?.running || now.pid !== container.pid || now.startedAt !== container.startedAt) {
      throw gone(container, 'it stopped meanwhile');
    }
    const [identity, own] = await Promise.all([
      host.files.readlink(held.path),
      host.files.readlink(`/proc/${host.pid}/ns/net`),
    ]);
    if (identity === null) throw gone(container, 'its network namespace cannot be read');
    // Docker said otherwise; still, an endpoint in the host's own namespace is the one mistake never to make.
    if (identity === own) {
      throw refusal('foreign-network', `${container.name}: the container uses the network of the host`);
    }
    return await use({ path: held.path, identity });
  } finally {
    await held.close();
  }
}

function gone(container: ContainerInfo, reason: string) {
  return refusal('container-not-running', `Container ${container.name} does not run: ${reason}`);
}

import type { Host } from '../../host/host.js';
import { type HostLinks, strayPorts } from '../host-links.js';
import { removeOvsPort } from './port.js';

/**
 * Remove ports of ours whose link has vanished and whose container does not run: where there is no daemon, nobody saw
 * it end. What a running container has left is for its reconciliation, which may be at it.
 */
export async function collectStrayPorts(host: Host, links: HostLinks): Promise<void> {
  for (const { name, owner } of strayPorts(links)) {
    const container = owner && (await host.docker.inspect(owner.container));
    // What is asked for does not depend on it.
    if (!container?.running) await removeOvsPort(host, name).catch(() => {});
  }
}

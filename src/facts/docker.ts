import { isDenied, messageOf } from '../errors.js';
import type { Host } from '../host/host.js';
import type { DockerFacts } from '../model/docker-facts.js';

/** Docker's engine: installed here, and whether it answers. The client alone (`docker`) is no engine. */
export async function collectDocker(host: Host): Promise<DockerFacts> {
  const installed = (await host.which('dockerd')) !== null;
  try {
    const version = await host.docker.version();
    const networks = await host.docker.bridgeNetworks().catch(() => null);
    return {
      ...{ installed: true, reachable: true, version, error: null },
      ...(networks === null || networks.length === 0 ? {} : { networks }),
    };
  } catch (error) {
    const denied = error instanceof Error && isDenied(error.cause) ? { denied: true as const } : {};
    return { installed, reachable: false, version: null, error: messageOf(error), ...denied };
  }
}

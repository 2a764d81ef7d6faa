import { isDeepStrictEqual } from 'node:util';
import { readConfig } from '../attach/config.js';
import type { Attached } from '../attach/engine.js';
import { rulesOfContainer } from '../attach/rules-of-container.js';
import { readDaemonState } from '../attach/state.js';
import type { Host } from '../host/host.js';
import type { Endpoint, EndpointAddress } from '../model/endpoint.js';

/**
 * The endpoint that a container's own rules want under this name, and that the attach runtime sees to; `null` when
 * there is none, or no runtime runs.
 */
export async function keptEndpoint(
  host: Host,
  guest: string,
  interfaceName: string,
): Promise<Endpoint | null> {
  const daemon = await readDaemonState(host);
  const container = daemon === null ? null : await host.docker.inspect(guest);
  if (!container?.running) return null;
  const config = await readConfig(host).catch(() => null);
  if (config === null) return null;
  const { endpoints } = rulesOfContainer(
    container,
    config,
    await host.docker.inspectImage(container.imageId),
  );
  return endpoints.find((endpoint) => endpoint.interfaceName === interfaceName) ?? null;
}

/** What a person has to know who attached by hand what the runtime makes anew by the container's own rule. */
export async function ownRuleNotes(
  host: Host,
  attached: Attached,
  asked: EndpointAddress,
): Promise<string[]> {
  const { containerId, containerName, interfaceName, bridge } = attached;
  const kept = await keptEndpoint(host, containerId, interfaceName);
  if (kept === null || (kept.bridge === bridge && isDeepStrictEqual(kept.address, asked))) return [];
  return [
    `${containerName} has a rule of its own for ${interfaceName} (${wish(kept)}), and the attach runtime goes back to that at once. Use another interface (-i), or make the container anew with another rule.`,
  ];
}

function wish({ bridge, address }: Endpoint): string {
  if (address.method === 'static') return `${address.address} on ${bridge}`;
  return `${address.method === 'dhcp' ? 'by DHCP' : 'without an address'} on ${bridge}`;
}

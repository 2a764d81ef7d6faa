import type { Host } from '../host/host.js';
import { type ClientRecord, clientsOf, isAlive } from './client.js';
import type { ClientKeeper } from './converge.js';
import { type HostLinks, strayPorts } from './host-links.js';
import type { NetLink } from './ip.js';
import { leaseOfRun, readLease } from './lease.js';
import { parseAlias, shortId } from './names.js';
import type { ContainerNetns } from './netns.js';
import type { Found, FoundLink } from './reconcile.js';
import { readScene, type Scene } from './scene.js';

/**
 * What there is of ours for a container. Without a namespace it does not run.
 * @param known the host's links, where they are known
 */
export async function observe(
  host: Host,
  containerId: string,
  netns: ContainerNetns | null,
  keeper: ClientKeeper,
  known?: HostLinks,
): Promise<{ found: Found; scene: Scene }> {
  const records = await clientsOf(host, containerId);
  const leaseOf = async (record: ClientRecord) =>
    leaseOfRun(await readLease(host, record.hostLink), record.run)?.address ?? null;
  const before = await Promise.all(records.map(leaseOf));
  const scene = await readScene(host, netns, known);
  const links = scene.onHost.flatMap((link) => {
    const owner = parseAlias(link.alias);
    return owner?.container === shortId(containerId)
      ? [foundLink(link, owner.interfaceName, scene.inside)]
      : [];
  });
  // After those that are there: of each interface the first one counts.
  const strays = strayPorts({ ...scene, links: scene.onHost }).flatMap(({ name, bridge, owner }) =>
    owner?.container === shortId(containerId)
      ? [{ hostLink: name, interfaceName: owner.interfaceName, bridge, up: false, inside: null }]
      : [],
  );
  const clients = records.map(async (record, index) => {
    const alive = await isAlive(host, record);
    const inside = netns !== null && (await namespaceOf(host, record.pid)) === netns.identity;
    if (alive && inside && !keeper.owns(record)) keeper.adopt(record);
    // One that came or went while the links were read may be without its address there, and that is no fault.
    const lease = before[index] === (await leaseOf(record)) ? (before[index] ?? null) : null;
    return {
      hostLink: record.hostLink,
      client: record.client,
      alive,
      inside,
      supervised: keeper.owns(record),
      lease,
    };
  });
  const found = { running: netns !== null, links: [...links, ...strays] };
  return { found: { ...found, clients: await Promise.all(clients) }, scene };
}

function foundLink(link: NetLink, interfaceName: string, inside: readonly NetLink[]): FoundLink {
  const peer = inside.find(
    ({ name, index, peerIndex }) =>
      name === interfaceName && peerIndex === link.index && link.peerIndex === index,
  );
  return {
    ...{ hostLink: link.name, interfaceName, bridge: link.master, up: link.up, inside: peer ?? null },
    ...(link.ovs?.role === 'port' ? { ovsVlan: link.ovs.vlan } : {}),
  };
}

async function namespaceOf(host: Host, pid: number): Promise<string | null> {
  // A process that ended meanwhile is an error here, or nothing: both mean that it is not in the namespace.
  return host.files.readlink(`/proc/${pid}/ns/net`).catch(() => null);
}

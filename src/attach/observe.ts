import type { Host } from '../host/host.js';
import { type ClientRecord, clientsOf, isAlive } from './client.js';
import type { ClientKeeper } from './converge.js';
import type { NetLink } from './ip.js';
import { leaseOfRun, readLease } from './lease.js';
import { readScene, type Scene } from './link.js';
import { parseAlias, shortId } from './names.js';
import type { ContainerNetns } from './netns.js';
import type { Found, FoundLink } from './reconcile.js';

/**
 * What there is of ours for a container. Without a namespace it does not run.
 * @param onHost the host's links, where they are known
 */
export async function observe(
  host: Host,
  containerId: string,
  netns: ContainerNetns | null,
  keeper: ClientKeeper,
  onHost?: readonly NetLink[],
): Promise<{ found: Found; scene: Scene }> {
  const records = await clientsOf(host, containerId);
  const leaseOf = async (record: ClientRecord) =>
    leaseOfRun(await readLease(host, record.hostLink), record.run)?.address ?? null;
  const before = await Promise.all(records.map(leaseOf));
  const scene = await readScene(host, netns, onHost);
  const links = scene.onHost.flatMap((link) => {
    const owner = parseAlias(link.alias);
    return owner?.container === shortId(containerId)
      ? [foundLink(link, owner.interfaceName, scene.inside)]
      : [];
  });
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
  return { found: { running: netns !== null, links, clients: await Promise.all(clients) }, scene };
}

function foundLink(link: NetLink, interfaceName: string, inside: readonly NetLink[]): FoundLink {
  const peer = inside.find(
    ({ name, index, peerIndex }) =>
      name === interfaceName && peerIndex === link.index && link.peerIndex === index,
  );
  return { hostLink: link.name, interfaceName, bridge: link.master, up: link.up, inside: peer ?? null };
}

async function namespaceOf(host: Host, pid: number): Promise<string | null> {
  // A process that ended meanwhile is an error here, or nothing: both mean that it is not in the namespace.
  return host.files.readlink(`/proc/${pid}/ns/net`).catch(() => null);
}

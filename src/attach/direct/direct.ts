import { refusal } from '../../errors.js';
import { markEffects } from '../../host/effects.js';
import type { ContainerInfo, Host } from '../../host/host.js';
import type { Endpoint } from '../../model/endpoint.js';
import { clientsOf, endClients, installHook, isAlive, stopClient } from '../client.js';
import { type Attached, awaitLease, detach, detachedClients, writeAttached } from '../engine.js';
import { inNetns, ipBatch, type NetLink, readLinks } from '../ip.js';
import { configureInside, configureLines, interfaceTaken, macOf } from '../link.js';
import { dhcpHostname, hostLinkName, insideAlias, linkAlias } from '../names.js';
import { type ContainerNetns, withNetns } from '../netns.js';
import { releaseClient } from '../release.js';
import { syncResolvConf } from '../resolv-conf.js';
import { forgetEndpoint, prepareRunDirectory } from '../state.js';
import { ensureKeeper, giveNicBack, type ProgramCall, takeNic } from './nic.js';
import { readNicRecord, recordOf } from './nic-record.js';

/**
 * An endpoint without a side on the host: a macvlan on a NIC, the NIC itself, or a dummy. `bridge` is the name of the
 * NIC, or `dummy`. What marks it as ours is the alias of the interface inside.
 */
export interface DirectEndpoint extends Endpoint {
  readonly kind: 'macvlan' | 'phys' | 'dummy';
  /** The NIC; `null` for a dummy, and for a NIC that is in a container already. */
  readonly nic: NetLink | null;
}

/** An endpoint on its way: everything that a step needs. */
interface Site {
  readonly host: Host;
  readonly container: ContainerInfo;
  readonly endpoint: DirectEndpoint;
  readonly netns: ContainerNetns;
  readonly program: ProgramCall;
  readonly key: string;
}

/**
 * Attach an endpoint that has no side on the host. As with a bridge, the same again is a success, another address is a
 * replacement, and what got no lease is taken away again.
 */
export async function attachDirect(
  host: Host,
  container: ContainerInfo,
  endpoint: DirectEndpoint,
  program: ProgramCall,
): Promise<Attached> {
  await prepareRunDirectory(host);
  if (endpoint.address.method === 'dhcp') await installHook(host);
  const key = hostLinkName(container.id, endpoint.interfaceName);
  // A port of a bridge under this name makes room; it is ours, by the alias of its host side.
  if (await isPort(host, container, endpoint.interfaceName)) {
    await detach(host, container.id, endpoint.interfaceName);
  }
  return withNetns(host, container, async (netns) => {
    const site: Site = { host, container, endpoint, netns, program, key };
    const existing = await ourLink(site);
    const keep = existing !== null && (await isWanted(site, existing));
    if (!keep) await removeLink(site);
    const undone = markEffects(host);
    try {
      const mac = await settle(site, keep ? existing : null);
      const outcome = { hostLink: key, endpoint, mac };
      const isDhcp = endpoint.address.method === 'dhcp';
      const lease = isDhcp ? await awaitLease(host, container, outcome) : null;
      const attached = await writeAttached(host, container, outcome, lease);
      await syncResolvConf(host, container);
      return { ...attached, created: !keep };
    } catch (error) {
      if (!keep) {
        await removeLink(site);
        undone();
      }
      throw error;
    }
  });
}

/** Take such an endpoint away from a container that runs. Returns false when there was none. */
export async function detachDirect(
  host: Host,
  container: ContainerInfo,
  interfaceName: string,
): Promise<boolean> {
  const key = hostLinkName(container.id, interfaceName);
  return withNetns(host, container, async (netns) => {
    const inside = await readLinks(host, netns.path);
    const found = inside.find(({ alias }) => alias === insideAlias(container.id, interfaceName));
    if (found !== undefined) await takeAway(host, container, key, netns, found.name);
    return found !== undefined;
  });
}

async function isPort(host: Host, { id }: ContainerInfo, interfaceName: string): Promise<boolean> {
  return (await readLinks(host, null)).some(({ alias }) => alias === linkAlias(id, interfaceName));
}

async function ourLink({ host, container, endpoint, netns }: Site): Promise<NetLink | null> {
  const inside = await readLinks(host, netns.path);
  const found = inside.find(({ name }) => name === endpoint.interfaceName) ?? null;
  if (found !== null && found.alias !== insideAlias(container.id, endpoint.interfaceName)) {
    throw interfaceTaken(container, endpoint.interfaceName);
  }
  return found;
}

async function isWanted({ host, endpoint, key }: Site, link: NetLink): Promise<boolean> {
  const record = await readNicRecord(host, key);
  switch (endpoint.kind) {
    case 'phys':
      return record?.nic.name === endpoint.bridge;
    case 'macvlan':
      return record === null && link.kind === 'macvlan' && link.peerIndex === endpoint.nic?.index;
    case 'dummy':
      return record === null && link.kind === 'dummy';
  }
}

/** Of Ethernet (RFC 894), where there is no NIC that says another one. */
const MTU = 1500;

/** Make the interface, unless it is there, and give it what is wanted. Its MAC address. What fails half way is the caller's to remove. */
async function settle(site: Site, existing: NetLink | null): Promise<string> {
  const { host, container, endpoint, netns, key } = site;
  const { address, interfaceName } = endpoint;
  const own = endpoint.kind === 'phys' ? endpoint.nic?.mac : undefined;
  const mac = endpoint.mac ?? existing?.mac ?? own ?? macOf(container, endpoint);
  if (existing === null) await create(site, mac);
  else if (endpoint.kind === 'phys') await ensureKeeper(host, key, site.program);
  const client = (await clientsOf(host, container.id)).find(({ hostLink }) => hostLink === key);
  const alive = client !== undefined && (await isAlive(host, client));
  if (client !== undefined && (!alive || address.method !== 'dhcp')) await stopClient(host, client);
  await flush(netns, host, endpoint, existing, client !== undefined);
  await configureInside(host, endpoint, mac, netns, linesOf(endpoint, mac, existing));
  if (address.method === 'dhcp' && !alive) {
    const { id: containerId } = container;
    const hostname = dhcpHostname(container);
    const { client: wanted } = address;
    const mtu = endpoint.nic?.mtu ?? MTU;
    await detachedClients(host).start({
      ...{ client: wanted, containerId, hostname, interfaceName, hostLink: key, mac, mtu, netns },
    });
  }
  return mac;
}

/** Not every NIC takes a MAC address while it is up, so a wanted one is set before that; `up` announces it. */
function linesOf(endpoint: DirectEndpoint, mac: string, existing: NetLink | null): readonly string[] {
  const { interfaceName: link } = endpoint;
  const set = `link set dev ${link} address ${mac}`;
  const lines = configureLines(endpoint, mac).filter((line) => line !== set);
  const changed = existing !== null && existing.mac !== mac;
  if (endpoint.kind === 'phys' && endpoint.mac !== null && (existing === null || changed)) {
    return [`link set dev ${link} down`, set, ...lines];
  }
  return endpoint.kind === 'phys'
    ? lines
    : [...lines, ...(changed ? [set] : []), ...announcement(set, endpoint)];
}

function announcement(set: string, { address, kind }: DirectEndpoint): string[] {
  return address.method === 'static' && kind === 'macvlan' ? [set] : [];
}

async function create({ host, container, endpoint, netns, program, key }: Site, mac: string): Promise<void> {
  const { interfaceName, nic, kind } = endpoint;
  const alias = insideAlias(container.id, interfaceName);
  if (kind === 'dummy') {
    const add = ['ip', 'link', 'add', 'name', interfaceName, 'address', mac, 'type', 'dummy'];
    const made = await host.run(inNetns(netns.path, add), { check: false });
    if (made.exitCode !== 0) throw noDummy(made.stderr);
  } else if (nic !== null && kind === 'macvlan') {
    await ipBatch(host, null, [
      `link set dev ${nic.name} up`,
      `link add link ${nic.name} name ${interfaceName} mtu ${nic.mtu} address ${mac} netns ${netns.path} type macvlan mode bridge`,
    ]);
  } else if (nic !== null) {
    const record = await recordOf(host, container, { key, interfaceName }, nicOf(nic));
    return takeNic(host, record, netns.path, program);
  }
  await ipBatch(host, netns.path, [`link set dev ${interfaceName} alias ${alias}`]);
}

function noDummy(stderr: string) {
  return refusal(
    'dummy-not-supported',
    `a dummy interface cannot be made: ${stderr.trim().replace(/\n+/g, ' ')}`,
    [],
    'The kernel needs its module dummy ("modprobe dummy").',
  );
}

function nicOf({ name, mac, mtu, up, alias }: NetLink) {
  return { name, mac, mtu, up, alias };
}

/** Addresses of an earlier rule; others that the container has added go with them, as when a link is replaced. */
async function flush(
  netns: ContainerNetns,
  host: Host,
  { address, interfaceName }: Endpoint,
  existing: NetLink | null,
  hadClient: boolean,
): Promise<void> {
  const global = existing?.addresses.filter(({ scope }) => scope === 'global') ?? [];
  if (global.length === 0 || address.method === 'none') return;
  const isThere =
    address.method === 'static' ? global.some((other) => other.address === address.address) : hadClient;
  if (isThere) return;
  await host.run(inNetns(netns.path, ['ip', 'address', 'flush', 'dev', interfaceName, 'scope', 'global']));
}

async function removeLink({ host, container, endpoint, netns, key }: Site): Promise<void> {
  const inside = await readLinks(host, netns.path);
  const found = inside.find(({ alias }) => alias === insideAlias(container.id, endpoint.interfaceName));
  if (found !== undefined) await takeAway(host, container, key, netns, found.name);
}

async function takeAway(
  host: Host,
  container: ContainerInfo,
  key: string,
  netns: ContainerNetns,
  name: string,
): Promise<void> {
  // Here, while the link still leads to the server.
  await endClients(host, container.id, key, releaseClient);
  const record = await readNicRecord(host, key);
  if (record !== null) return giveNicBack(host, record, netns.path);
  await ipBatch(host, netns.path, [`link delete dev ${name}`]);
  await forgetEndpoint(host, container.id, key);
}

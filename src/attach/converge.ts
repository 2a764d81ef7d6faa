import { EXIT, SetupError } from '../errors.js';
import type { ContainerInfo, Host } from '../host/host.js';
import type { Endpoint } from '../model/endpoint.js';
import {
  type ClientRecord,
  type ClientSpec,
  clientsOf,
  endClients,
  isAlive,
  releaseClient,
  stopClient,
} from './client.js';
import { type NetLink, readLinks } from './ip.js';
import { leaseOfRun, readLease } from './lease.js';
import {
  bridgeOf,
  createLink,
  hostLinkOf,
  macOf,
  readScene,
  removeLink,
  repairLink,
  type Scene,
} from './link.js';
import { dhcpHostname, parseAlias, shortId } from './names.js';
import { type ContainerNetns, withNetns } from './netns.js';
import { type AttachAction, type Found, type FoundLink, reconcile, type Wanted } from './reconcile.js';

/** Who starts DHCP clients, and looks after them. */
export interface ClientKeeper {
  /** Whether a client on record is looked after. */
  owns(record: ClientRecord): boolean;
  /** Look after a living client that another process has started, such as a daemon that was killed. */
  adopt(record: ClientRecord): void;
  start(spec: ClientSpec): Promise<void>;
}

/** How to converge. */
export interface ConvergeOptions {
  /** Configure the inside again also when it looks right: routes are not looked at. Default false. */
  readonly refresh?: boolean;
}

/** How it went with one endpoint. */
export interface Outcome {
  readonly hostLink: string;
  readonly endpoint: Endpoint;
  readonly mac: string;
  readonly actions: readonly AttachAction[];
  /** `null`: the endpoint is as wanted. */
  readonly error: unknown;
  /** Address with prefix length that the DHCP server has confirmed. */
  readonly lease: string | null;
}

/** Bring a running container to its wanted endpoints, and look whether it is there. One failure stops no other. */
export async function converge(
  host: Host,
  container: ContainerInfo,
  endpoints: readonly Endpoint[],
  keeper: ClientKeeper,
  options: ConvergeOptions = {},
): Promise<Outcome[]> {
  return withNetns(host, container, async (netns) => {
    const wanted = endpoints.map((endpoint) => ({ hostLink: hostLinkOf(container, endpoint), endpoint }));
    const { found, scene } = await observe(host, container.id, netns, keeper);
    const outcomes: Outcome[] = [];
    for (const want of wanted) {
      outcomes.push(await convergeOne({ host, container, netns, keeper, scene }, want, found, options));
    }
    const acted = outcomes.some(({ actions }) => actions.length > 0);
    if (!acted) return outcomes;
    return confirm(outcomes, wanted, (await observe(host, container.id, netns, keeper)).found);
  });
}

/**
 * Take away what is left of a container that does not run. `removed`: it will not start again, so its leases are given
 * back. Returns the names of the host links that it had.
 */
export async function clearContainer(
  host: Host,
  containerId: string,
  keeper: ClientKeeper,
  removed: boolean,
): Promise<string[]> {
  const { found } = await observe(host, containerId, null, keeper);
  for (const action of reconcile([], found))
    await takeAway(host, containerId, action, removed ? releaseClient : stopClient);
  return [...found.links, ...found.clients].map(({ hostLink }) => hostLink);
}

/** The short ids of all containers that a host link of ours names. */
export async function containersWithLinks(host: Host): Promise<string[]> {
  return (await readLinks(host, null)).flatMap(({ alias }) => parseAlias(alias)?.container ?? []);
}

/** Give the lease of one endpoint back and remove its link, if they are there. */
export async function removeEndpoint(host: Host, containerId: string, hostLink: string): Promise<void> {
  const reason = 'asked for';
  await takeAway(host, containerId, { kind: 'stop-client', hostLink, reason }, releaseClient);
  await takeAway(host, containerId, { kind: 'remove', hostLink, reason });
}

/** What there is of ours for a container. Without a namespace it does not run. */
async function observe(
  host: Host,
  containerId: string,
  netns: ContainerNetns | null,
  keeper: ClientKeeper,
): Promise<{ found: Found; scene: Scene }> {
  const [scene, records] = await Promise.all([readScene(host, netns), clientsOf(host, containerId)]);
  const links = scene.onHost.flatMap((link) => {
    const owner = parseAlias(link.alias);
    return owner?.container === shortId(containerId)
      ? [foundLink(link, owner.interfaceName, scene.inside)]
      : [];
  });
  const clients = records.map(async (record) => {
    const alive = await isAlive(host, record);
    const inside = netns !== null && (await namespaceOf(host, record.pid)) === netns.identity;
    if (alive && inside && !keeper.owns(record)) keeper.adopt(record);
    const lease = leaseOfRun(await readLease(host, record.hostLink), record.run)?.address ?? null;
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

/** All that an action on a container needs. */
interface Site {
  readonly host: Host;
  readonly container: ContainerInfo;
  readonly netns: ContainerNetns;
  readonly keeper: ClientKeeper;
  readonly scene: Scene;
}

async function convergeOne(
  site: Site,
  want: Wanted,
  found: Found,
  options: ConvergeOptions,
): Promise<Outcome> {
  const { hostLink, endpoint } = want;
  const actions = reconcile([want], found);
  const touched = actions.some(({ kind }) => kind === 'create' || kind === 'repair');
  if (options.refresh && !touched) {
    actions.unshift({ kind: 'repair', hostLink, endpoint, reason: 'asked for again' });
  }
  const inside = found.links.find((link) => link.hostLink === hostLink)?.inside;
  const created = actions.some(({ kind }) => kind === 'create');
  const mac = (created ? null : inside?.mac) ?? macOf(site.container, endpoint);
  const lease = found.clients.find((client) => client.hostLink === hostLink)?.lease ?? null;
  let error: unknown = null;
  try {
    for (const action of actions) await perform(site, mac, action);
  } catch (reason) {
    error = reason;
  }
  return { hostLink, endpoint, mac, actions, error, lease };
}

async function perform(site: Site, mac: string, action: AttachAction): Promise<void> {
  const { host, container, netns, keeper } = site;
  switch (action.kind) {
    case 'create': {
      // What was removed before this is still in the scene that was looked at first.
      const scene = action.fresh ? site.scene : await readScene(host, netns);
      return createLink(host, container, action.endpoint, netns, scene);
    }
    case 'repair':
      return repairLink(host, container, action.endpoint, netns, site.scene);
    case 'start-client': {
      const { hostLink, endpoint } = action;
      const { interfaceName } = endpoint;
      const { mtu } = bridgeOf(site.scene, endpoint.bridge);
      const hostname = dhcpHostname(container);
      if (endpoint.address.method !== 'dhcp') throw new Error('a DHCP client for an endpoint without DHCP');
      const { client } = endpoint.address;
      const containerId = container.id;
      return keeper.start({ client, containerId, hostname, interfaceName, hostLink, mac, mtu, netns });
    }
    default:
      return takeAway(host, container.id, action);
  }
}

async function takeAway(
  host: Host,
  containerId: string,
  action: AttachAction,
  end: typeof stopClient = stopClient,
): Promise<void> {
  if (action.kind === 'remove') await removeLink(host, action.hostLink, shortId(containerId));
  if (action.kind === 'stop-client') await endClients(host, containerId, action.hostLink, end);
}

/** Commands that exit 0 prove nothing yet: each endpoint that went well has to look right as well. */
function confirm(outcomes: readonly Outcome[], wanted: readonly Wanted[], found: Found): Outcome[] {
  return outcomes.map((outcome, index) => {
    const want = wanted[index];
    if (want === undefined || outcome.error !== null) return outcome;
    const link = found.links.find(({ hostLink }) => hostLink === want.hostLink);
    const client = found.clients.find(({ hostLink }) => hostLink === want.hostLink);
    const left = reconcile([want], found).find(({ kind }) => kind === 'create' || kind === 'repair');
    const error =
      left === undefined
        ? null
        : new SetupError(
            'attach-unstable',
            `the endpoint ${want.endpoint.interfaceName} was set up and is not as it should be: ` +
              (left.kind === 'repair' ? left.reason : 'its link is gone'),
            { exitCode: EXIT.checkFailed, hint: 'Another program on the host may manage this interface.' },
          );
    return { ...outcome, mac: link?.inside?.mac ?? outcome.mac, lease: client?.lease ?? null, error };
  });
}

async function namespaceOf(host: Host, pid: number): Promise<string | null> {
  // A process that ended meanwhile is an error here, or nothing: both mean that it is not in the namespace.
  return host.files.readlink(`/proc/${pid}/ns/net`).catch(() => null);
}

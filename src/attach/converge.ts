import { EXIT, SetupError } from '../errors.js';
import type { ContainerInfo, Host } from '../host/host.js';
import type { Endpoint } from '../model/endpoint.js';
import { type ClientRecord, type ClientSpec, endClients, stopClient } from './client.js';
import type { FastAttach } from './fast-attach.js';
import type { FastPath } from './fast-path.js';
import type { HostLinks } from './host-links.js';
import { createLink, hostLinkOf, macOf, removeLink, repairLink } from './link.js';
import { dhcpHostname, shortId } from './names.js';
import { type ContainerNetns, withNetns } from './netns.js';
import { observe } from './observe.js';
import { type AttachAction, type Found, reconcile, type Wanted } from './reconcile.js';
import { releaseClient } from './release.js';
import { bridgeOf, readScene, type Scene } from './scene.js';

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
  /** The short way; default: none. */
  readonly fastPath?: FastPath;
  /** The host's links as they were a moment ago. They are read again before anything is done. */
  readonly links?: HostLinks;
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
  const wanted = endpoints.map((endpoint) => ({ hostLink: hostLinkOf(container, endpoint), endpoint }));
  let begun: Promise<FastAttach | null> = Promise.resolve(null);
  const meanwhile = (path: string) => {
    begun = options.fastPath?.begin(container, wanted, path).catch(() => null) ?? begun;
  };
  const use = async (netns: ContainerNetns) => {
    const fast = await convergeFast({ host, container, netns, keeper }, wanted, await begun);
    if (fast !== null) return fast;
    let seen = await observe(host, container.id, netns, keeper, options.links);
    const isRight = wanted.every((want) => reconcile([want], seen.found).length === 0);
    if (options.links !== undefined && !isRight) seen = await observe(host, container.id, netns, keeper);
    const { found, scene } = seen;
    const outcomes: Outcome[] = [];
    for (const want of wanted) {
      outcomes.push(await convergeOne({ host, container, netns, keeper, scene }, want, found, options));
    }
    const acted = outcomes.some(({ actions }) => actions.length > 0);
    if (!acted) return outcomes;
    return confirm(outcomes, wanted, (await observe(host, container.id, netns, keeper)).found);
  };
  try {
    return await withNetns(host, container, use, meanwhile);
  } finally {
    (await begun)?.close();
  }
}

/** The short way; `null`: it does not lead there, and what it has made so far is for the long way to find. */
async function convergeFast(
  site: Omit<Site, 'scene'>,
  wanted: readonly Wanted[],
  fast: FastAttach | null,
): Promise<Outcome[] | null> {
  if (fast === null) return null;
  const outcomes: Outcome[] = [];
  for (const want of wanted) {
    const create: AttachAction = { kind: 'create', ...want, fresh: true };
    const outcome = { ...want, mac: macOf(site.container, want.endpoint), lease: null };
    try {
      const made = await fast.create(want, site.netns);
      if (made === null) return null;
      const left = reconcile([want], { running: true, links: [made.link], clients: [] });
      if (left.some(({ kind }) => kind !== 'start-client')) return null;
      if (left.length > 0) await startClientOf(site, outcome.mac, want, made.mtu);
      outcomes.push({ ...outcome, actions: [create, ...left], error: null });
    } catch (error) {
      outcomes.push({ ...outcome, actions: [create], error });
    }
  }
  return outcomes;
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

/** Give the lease of one endpoint back and remove its link, if they are there. */
export async function removeEndpoint(host: Host, containerId: string, hostLink: string): Promise<void> {
  const reason = 'asked for';
  await takeAway(host, containerId, { kind: 'stop-client', hostLink, reason }, releaseClient);
  await takeAway(host, containerId, { kind: 'remove', hostLink, reason });
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
  const { host, container, netns } = site;
  switch (action.kind) {
    case 'create': {
      // What was removed before this is still in the scene that was looked at first.
      const scene = action.fresh ? site.scene : await readScene(host, netns);
      return createLink(host, container, action.endpoint, netns, scene);
    }
    case 'repair':
      return repairLink(host, container, action.endpoint, netns, site.scene);
    case 'start-client':
      return startClientOf(site, mac, action, bridgeOf(site.scene, action.endpoint.bridge).mtu);
    default:
      return takeAway(host, container.id, action);
  }
}

async function startClientOf(
  { container, keeper, netns }: Omit<Site, 'scene'>,
  mac: string,
  { hostLink, endpoint }: Wanted,
  mtu: number,
): Promise<void> {
  const { address, interfaceName } = endpoint;
  if (address.method !== 'dhcp') throw new Error('a DHCP client for an endpoint without DHCP');
  const { client } = address;
  const hostname = dhcpHostname(container);
  const containerId = container.id;
  return keeper.start({ client, containerId, hostname, interfaceName, hostLink, mac, mtu, netns });
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

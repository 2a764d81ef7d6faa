import type { Endpoint } from '../model/endpoint.js';
import type { DhcpClientName } from '../model/facts.js';
import { hasUnaskedIpv6 } from './interface-settings.js';
import type { NetAddress } from './ip.js';

/** An endpoint that a container is to have, and the name of its host side. */
export interface Wanted {
  readonly hostLink: string;
  readonly endpoint: Endpoint;
}

/** A host link whose alias names the container, or what Open vSwitch has on record of one that vanished. */
export interface FoundLink {
  readonly hostLink: string;
  /** The container's interface, as the alias has it. */
  readonly interfaceName: string;
  readonly bridge: string | null;
  readonly up: boolean;
  /** VLAN of an access port of Open vSwitch, `null`: of none; absent: it is no port of Open vSwitch. */
  readonly ovsVlan?: number | null;
  /**
   * The container side. `null` unless each end is the other's peer and the far end is in the network namespace that
   * the container has now: a restarted container has a new one.
   */
  readonly inside: {
    readonly up: boolean;
    readonly mac: string | null;
    readonly addresses: readonly NetAddress[];
  } | null;
}

/** A DHCP client on record for the container. */
export interface FoundClient {
  readonly hostLink: string;
  readonly client: DhcpClientName;
  readonly alive: boolean;
  /** It runs in the namespace that the container has now. */
  readonly inside: boolean;
  /** The asker looks after it. A daemon does not look after the clients of one that was killed. */
  readonly supervised: boolean;
  /** Address with prefix length that the server has confirmed to it. */
  readonly lease: string | null;
}

/** What there is for one container. */
export interface Found {
  /** false: stopped, or gone. */
  readonly running: boolean;
  readonly links: readonly FoundLink[];
  readonly clients: readonly FoundClient[];
}

export type AttachAction =
  | { readonly kind: 'stop-client'; readonly hostLink: string; readonly reason: string }
  | { readonly kind: 'remove'; readonly hostLink: string; readonly reason: string }
  | {
      readonly kind: 'create';
      readonly hostLink: string;
      readonly endpoint: Endpoint;
      /** false: it follows on the removal of another one. */
      readonly fresh: boolean;
    }
  | {
      readonly kind: 'repair';
      readonly hostLink: string;
      readonly endpoint: Endpoint;
      readonly reason: string;
    }
  | { readonly kind: 'start-client'; readonly hostLink: string; readonly endpoint: Endpoint };

/**
 * What has to be done so that one container has what is wanted, in order. Level-triggered: it looks at what is there,
 * not at what happened, so a lost event or a half-done change makes no difference.
 *
 * Links of a running container that no rule asks for are left alone: `bridge-setup attach` made them.
 */
export function reconcile(wanted: readonly Wanted[], found: Found): AttachAction[] {
  return found.running ? wanted.flatMap((want) => reconcileEndpoint(want, found)) : clear(found);
}

/** The client first: while it runs, it keeps the namespace of a dead container alive, and with it the link. */
function clear({ links, clients }: Found): AttachAction[] {
  const reason = 'the container does not run';
  return [
    ...clients.map(({ hostLink }) => ({ kind: 'stop-client', hostLink, reason }) as const),
    ...links.map(({ hostLink }) => ({ kind: 'remove', hostLink, reason }) as const),
  ];
}

function reconcileEndpoint(want: Wanted, found: Found): AttachAction[] {
  const { hostLink, endpoint } = want;
  const actions: AttachAction[] = [];
  const link = found.links.find(({ interfaceName }) => interfaceName === endpoint.interfaceName);
  const client = found.clients.find((candidate) => candidate.hostLink === (link?.hostLink ?? hostLink));
  const verdict = link === undefined ? null : judge(want, link, client);
  const create = link === undefined || verdict?.kind === 'replace';

  const fault = client === undefined ? null : faultOfClient(client, endpoint, link, create);
  if (client !== undefined && fault !== null) {
    actions.push({ kind: 'stop-client', hostLink: client.hostLink, reason: fault });
  }
  if (link !== undefined && verdict?.kind === 'replace') {
    actions.push({ kind: 'remove', hostLink: link.hostLink, reason: verdict.reason });
  }
  if (create) actions.push({ kind: 'create', hostLink, endpoint, fresh: link === undefined });
  else if (verdict?.kind === 'repair') {
    actions.push({ kind: 'repair', hostLink, endpoint, reason: verdict.reason });
  }
  if (endpoint.address.method === 'dhcp' && (client === undefined || fault !== null)) {
    actions.push({ kind: 'start-client', hostLink, endpoint });
  }
  return actions;
}

/** `null`: the link is right. A repair keeps the link, a replacement makes a new one. */
type Verdict = { readonly kind: 'replace' | 'repair'; readonly reason: string } | null;

function judge({ hostLink, endpoint }: Wanted, link: FoundLink, client: FoundClient | undefined): Verdict {
  const { inside } = link;
  if (inside === null) return replace('its other end is not in the container');
  if (link.hostLink !== hostLink) return replace('another name is wanted for the host side');
  // A derived MAC address is not compared: a rename of the container would cut its connections.
  if (endpoint.mac !== null && endpoint.mac !== inside.mac) return replace('another MAC address is wanted');
  const fault = faultOfAddress(endpoint, inside.addresses, client);
  if (fault?.kind === 'replace') return fault;
  if (link.bridge !== endpoint.bridge) return repair(`it is not a port of ${endpoint.bridge}`);
  if (link.ovsVlan !== undefined && link.ovsVlan !== (endpoint.vlan ?? null)) {
    const reason = 'it is in another VLAN';
    // The lease is of the network that it was in.
    return endpoint.address.method === 'dhcp' ? replace(reason) : repair(reason);
  }
  if (!link.up || !inside.up) return repair('it is down');
  // Made before IPv6 was turned off explicitly, on an engine that leaves it on.
  if (fault === null && hasUnaskedIpv6(endpoint, inside.addresses)) {
    return repair('it has an IPv6 address that nobody asked for');
  }
  return fault;
}

function faultOfAddress(
  endpoint: Endpoint,
  addresses: readonly NetAddress[],
  client: FoundClient | undefined,
): Verdict {
  const { address } = endpoint;
  if (address.method === 'none') return null;
  const family = address.method === 'dhcp' ? 4 : address.family;
  const others = addresses.filter(
    (other) => other.family === family && other.scope === 'global' && !(family === 6 && other.dynamic),
  );
  // Without any client on record, a lasting address was set by an earlier, static rule. With one, the address may be
  // the container's own doing.
  if (address.method === 'dhcp') {
    return client === undefined && others.some(({ dynamic }) => !dynamic)
      ? replace('it has a static address')
      : null;
  }
  if (addresses.some((other) => other.address === address.address)) return null;
  return others.length > 0 ? replace('another address is wanted') : repair('it has no address');
}

function faultOfClient(
  client: FoundClient,
  endpoint: Endpoint,
  link: FoundLink | undefined,
  create: boolean,
): string | null {
  if (endpoint.address.method !== 'dhcp') return 'no DHCP is wanted';
  if (!client.alive) return 'it ended';
  if (client.client !== endpoint.address.client) return `${endpoint.address.client} is wanted`;
  if (create) return 'its link is replaced';
  if (!client.inside) return 'it is in another network namespace';
  if (!client.supervised) return 'nobody looks after it';
  if (client.lease !== null && !link?.inside?.addresses.some(({ address }) => address === client.lease)) {
    return 'its address is not on the interface any more';
  }
  return null;
}

function replace(reason: string): Verdict {
  return { kind: 'replace', reason };
}

function repair(reason: string): Verdict {
  return { kind: 'repair', reason };
}

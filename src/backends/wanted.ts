import type { HostFacts, Link } from '../model/facts.js';
import { defaultRoute, linkNamed } from '../model/links.js';
import type { BridgeSpec } from '../model/spec.js';
import { forwardDelay } from './forward-delay.js';

/** What the network is to be like once the files are in effect. */
export interface Wanted {
  /** IPv4 address with prefix length; `null`: any, or none. */
  readonly address: string | null;
  readonly gateway: string | null;
  /** How the boot will set the route to the gateway of a static address; absent: as the one that it replaces. */
  readonly route?: GatewayRoute;
  /** Whether the bridge gets an IPv4 address from its stanzas. */
  readonly ipv4: boolean;
  /** Whether that address is leased. */
  readonly dhcp: boolean;
}

/** A default route, but for its gateway. */
export interface GatewayRoute {
  readonly metric: number;
  readonly onlink: boolean;
}

/** Whether the running network is as wanted already. */
export function isInEffect(facts: HostFacts, spec: BridgeSpec, wanted: Wanted): boolean {
  const bridge = linkNamed(facts, spec.bridge.name);
  const port = linkNamed(facts, spec.uplink);
  if (bridge?.kind !== 'bridge' || port?.master !== bridge.name || !bridge.up) return false;
  const { mac, stp } = spec.bridge;
  if (mac !== '' && bridge.mac?.toLowerCase() !== mac.toLowerCase()) return false;
  const timers = bridge.bridge;
  if (timers !== null && (timers.stp !== stp || timers.forwardDelay !== forwardDelay(spec))) return false;
  if (globalIpv4(port).length > 0) return false;
  if (!hasAddress(facts, bridge, wanted)) return false;
  return wanted.gateway === null || defaultRoute(facts, [bridge.name])?.gateway === wanted.gateway;
}

/**
 * The gateway of a network that is kept. It is the one that the kernel has: files may name one that another link has
 * taken the place of, or that somebody has removed. On a bridge that is there already the files count, unless what
 * leaves the LAN goes through another link.
 * @param configured the gateway in the files
 */
export function keptGateway(configured: string | null, spec: BridgeSpec, facts: HostFacts): string | null {
  const { uplink, bridge } = spec;
  const live = defaultRoute(facts, [uplink])?.gateway ?? defaultRoute(facts, [bridge.name])?.gateway ?? null;
  const isMoved = linkNamed(facts, uplink)?.master === bridge.name;
  if (!isMoved || configured === null) return live;
  return live === null && defaultRoute(facts) !== null ? null : configured;
}

function hasAddress(facts: HostFacts, bridge: Link, { address, ipv4, dhcp }: Wanted): boolean {
  const present = bridge.addresses.filter(({ family, scope }) => family === 4 && scope === 'global');
  if (!ipv4) return true;
  if (!dhcp) {
    // An address that equals the static one, and yet is leased, would go with its lease.
    return present.some((each) => `${each.address}/${each.prefix}` === address && !each.dynamic);
  }
  // udhcpc's script sets no lifetime, so that the client itself has to tell.
  const client = facts.dhcpClients.running.some(({ link }) => link === bridge.name);
  return present.some(({ dynamic }) => dynamic || client);
}

/** IPv4 addresses that reach beyond the host, with prefix length. */
export function globalIpv4(link: Link | null): string[] {
  return (link?.addresses ?? [])
    .filter(({ family, scope }) => family === 4 && scope === 'global')
    .map(({ address, prefix }) => `${address}/${prefix}`);
}

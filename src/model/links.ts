import type { DhcpClients, HostFacts, Link, Route } from './facts.js';

/** The link of that name; `null` when there is none. */
export function linkNamed({ links }: Pick<HostFacts, 'links'>, name: string): Link | null {
  return links.find((link) => link.name === name) ?? null;
}

/** Kinds that the kernel lets no bridge have (`br_add_if`: bridges, and those with a receive handler of their own). */
const NO_PORTS = ['bridge', 'macvlan', 'macvtap', 'ipvlan', 'ipvtap', 'vrf', 'openvswitch'];

/** Whether a link takes Ethernet frames, with a MAC address of its own. */
export function isEthernet({ mac, type }: Link): boolean {
  return (
    type === undefined &&
    mac !== null &&
    /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac) &&
    !/^(00:){5}00$/.test(mac)
  );
}

/** Whether a link can be the port of a bridge: wired Ethernet that belongs to nothing else. */
export function canBePort(link: Link): boolean {
  const isWired = isEthernet(link) && !link.loopback && !link.wireless;
  return isWired && link.master === null && !NO_PORTS.includes(link.kind ?? '');
}

/**
 * The best default route: lowest metric, as the kernel chooses.
 * @param through only routes through these links
 */
export function defaultRoute(
  { routes }: Pick<HostFacts, 'routes'>,
  through?: readonly string[],
  family: 4 | 6 = 4,
): Route | null {
  const found = routes.filter(
    ({ family: own, destination, link }) =>
      own === family && destination === 'default' && (through === undefined || through.includes(link)),
  );
  return found.toSorted((a, b) => a.metric - b.metric)[0] ?? null;
}

/** Whether a DHCP client leases for IPv6: dhclient has a process for each protocol. */
export function isDhcpv6({ argv = [] }: Pick<DhcpClients['running'][number], 'argv'>): boolean {
  return argv.includes('-6');
}

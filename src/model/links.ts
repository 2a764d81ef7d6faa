import type { DhcpClients, HostFacts, Link, Route } from './facts.js';

/** The link of that name; `null` when there is none. */
export function linkNamed({ links }: Pick<HostFacts, 'links'>, name: string): Link | null {
  return links.find((link) => link.name === name) ?? null;
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

import type { HostFacts, Link } from '../model/facts.js';
import { lanPorts } from '../model/lan-ports.js';
import { defaultRoute, isEthernet } from '../model/links.js';

/**
 * Links that could be the port of a bridge, the likeliest first: NICs, and, on hosts whose NIC is virtual
 * (system containers), any link that is not one of Docker's or a tunnel.
 */
export function uplinkCandidates(facts: HostFacts): Link[] {
  const first = defaultRoute(facts)?.link;
  const usable = facts.links.filter(
    (link) =>
      !link.loopback && isEthernet(link) && link.kind !== 'bridge' && !/^(docker|br-|bs)/.test(link.name),
  );
  const physical = usable.filter((link) => link.physical);
  const candidates =
    physical.length > 0 ? physical : usable.filter((link) => link.addresses.length > 0 || link.master);
  return candidates.sort((a, b) => Number(b.name === first) - Number(a.name === first));
}

/**
 * The link that "auto" means: the one with the default route or, where that is the bridge already, its port.
 * `null` when the facts do not tell.
 */
export function automaticUplink(facts: HostFacts, bridge: string): string | null {
  const link = defaultRoute(facts)?.link;
  if (link === undefined) return null;
  return link === bridge ? (lanPorts(facts, bridge)[0]?.name ?? null) : link;
}

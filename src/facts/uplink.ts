import type { HostFacts, Link } from '../model/facts.js';
import { defaultRoute, isEthernet, linkNamed } from '../model/links.js';

/** Ports of a bridge that lead to the LAN: not the host's sides of containers. */
export function lanPorts(facts: HostFacts, bridge: string): Link[] {
  return facts.links.filter((link) => link.master === bridge && (link.physical || link.kind !== 'veth'));
}

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
 * The link that "auto" means: the one with the default route or, where that is our bridge already, its port.
 * `null` when the facts do not tell.
 */
export function automaticUplink(facts: HostFacts, bridge: string): string | null {
  const link = defaultRoute(facts)?.link;
  if (link === undefined) return null;
  if (link !== bridge) return link;
  // Our own bridge: its port is the one the bridge took its MAC address from, else the only one.
  const mac = linkNamed(facts, bridge)?.mac;
  const ports = facts.links.filter(({ master }) => master === bridge);
  const port =
    ports.find((candidate) => candidate.mac === mac) ??
    (ports.length === 1 ? ports[0] : lanPorts(facts, bridge)[0]);
  return port?.name ?? null;
}

import type { HostFacts } from './facts.js';
import { defaultRoute } from './links.js';

/**
 * A question to the LAN, asked before the first effect and after the last. `ping`: ICMP echo. `neighbour`: who has
 * this address (ARP, RFC 826; neighbour solicitation, RFC 4861), which a firewall does not keep from answering.
 * `dns`: any answer of a name server, also "no such name".
 */
export interface Probe {
  readonly how: 'ping' | 'neighbour' | 'dns';
  readonly address: string;
  /** Who that is, for people: "the gateway", "your end of the SSH session". */
  readonly who: string;
}

/** The probe as the subject of a sentence. */
export function probeTitle({ how, address, who }: Probe): string {
  const by = { ping: 'ping', neighbour: address.includes(':') ? 'NDP' : 'ARP', dns: 'DNS' }[how];
  return `${who} ${address} (${by})`;
}

/**
 * What tells whether a host is on its LAN: its gateways, its name servers, and whoever works on it.
 * @param wanted the IPv4 gateway as it will be; `moved`: the host gets an address that it has not, and what it could
 *   reach from the old one says nothing
 */
export function probesOf(
  facts: Pick<HostFacts, 'routes' | 'dns' | 'session'>,
  wanted: { readonly gateway: string | null; readonly moved: boolean },
): Probe[] {
  const gateways = [wanted.gateway, defaultRoute(facts, undefined, 6)?.gateway ?? null];
  const probes = gateways.flatMap((address): Probe[] =>
    address === null
      ? []
      : [
          { how: 'ping', address, who: 'the gateway' },
          { how: 'neighbour', address, who: 'the gateway' },
        ],
  );
  if (wanted.moved) return probes;
  // One on the host itself asks others, and a link-local one is named with the link, which changes.
  const servers = facts.dns.nameservers.filter((each) => !/^127\.|^::1$|%/.test(each));
  probes.push(...servers.map((address): Probe => ({ how: 'dns', address, who: 'the name server' })));
  const { client, link } = facts.session;
  if (client !== null && link !== null && link !== 'lo' && !/^fe[89ab]/i.test(client)) {
    probes.push({ how: 'ping', address: client, who: 'your end of the SSH session' });
  }
  return probes;
}

import type { HostFacts, Link } from '../model/facts.js';
import { addressesOf } from '../model/ipv4.js';
import type { Cable, LanSpec } from './lan.js';

/** What the sandbox is to be: the machine itself, or a host as most have it. */
export interface HostCopy {
  readonly kind: 'copy' | 'model';
  /** Why it is the one or the other, as a sentence. */
  readonly reason: string;
  readonly uplink: string;
  /** NICs, the uplink first. */
  readonly cables: readonly Cable[];
  readonly lan: LanSpec;
  /** Files to write before the network comes up. */
  readonly files: Readonly<Record<string, string>>;
  /** Packages that the machine lacks for being such a host. */
  readonly packages: readonly string[];
  /** The address that the host has on the LAN. */
  readonly address: string;
}

const MODEL_INTERFACES = `# interfaces(5) of a host as most have it
auto lo
iface lo inet loopback

# The LAN
allow-hotplug eth0
iface eth0 inet dhcp
`;

/** The model: the addresses of the guide, a NIC called eth0, DHCP. */
export function modelHost(reason: string): HostCopy {
  const mac = '02:00:5e:10:00:01';
  return {
    kind: 'model',
    reason,
    uplink: 'eth0',
    cables: [{ name: 'eth0', mac, mtu: 1500 }],
    lan: {
      gateway: '192.168.1.1',
      prefix: 24,
      range: ['192.168.1.100', '192.168.1.199'],
      reservations: { [mac]: '192.168.1.10' },
      nameservers: ['192.168.1.1'],
    },
    files: { '/etc/network/interfaces': MODEL_INTERFACES, '/etc/resolv.conf': 'nameserver 192.168.1.1\n' },
    packages: ['ifupdown', 'isc-dhcp-client'],
    address: '192.168.1.10',
  };
}

/** This machine's own network: names, MACs, addresses, gateway. `null` when the facts do not suffice. */
export function copyOfHost(facts: HostFacts, uplink: string, others: readonly Link[]): HostCopy | null {
  const port = facts.links.find(({ name }) => name === uplink);
  const carrier = port?.master ? facts.links.find(({ name }) => name === port.master) : port;
  const own = carrier?.addresses.find(({ family, scope }) => family === 4 && scope === 'global');
  const gateway = facts.routes.find(
    ({ family, destination, link }) => family === 4 && destination === 'default' && link === carrier?.name,
  )?.gateway;
  if (!port?.mac || own === undefined || !gateway) return null;
  const range = dhcpRange(`${own.address}/${own.prefix}`, [own.address, gateway, ...facts.dns.nameservers]);
  if (range === null) return null;
  const nics = [port, ...others.filter(({ name, mac }) => name !== uplink && mac !== null)];
  return {
    kind: 'copy',
    reason: `a copy of this host, ${own.address} on ${uplink}`,
    uplink,
    cables: nics.map(({ name, mac, mtu }) => ({ name, mac: mac ?? '', mtu })),
    lan: {
      gateway,
      prefix: own.prefix,
      range,
      reservations: { [port.mac]: own.address },
      nameservers: facts.dns.nameservers.filter((server) => !server.includes(':')),
    },
    files: {},
    packages: [],
    address: own.address,
  };
}

/**
 * First and last of the longest row of addresses without any of those taken, among the last hundred of the subnet.
 * `null` in a tiny subnet.
 */
export function dhcpRange(cidr: string, taken: readonly string[]): [string, string] | null {
  const rows: string[][] = [[]];
  for (const address of addressesOf(cidr, 102)) {
    if (taken.includes(address)) rows.push([]);
    else rows.at(-1)?.push(address);
  }
  const longest = rows.reduce((best, row) => (row.length >= best.length ? row : best));
  const [first, last] = [longest.at(0), longest.at(-1)];
  return first === undefined || last === undefined || longest.length < 4 ? null : [first, last];
}

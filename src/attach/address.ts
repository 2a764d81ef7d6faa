import ipaddr from 'ipaddr.js';

/** An address that a host can have, in canonical form. */
export interface HostAddress {
  readonly family: 4 | 6;
  /** Without its prefix length. */
  readonly address: string;
  readonly prefix: number;
}

/** `reason` completes the sentence "this is not usable: …". */
export type AddressResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

const NOT_FOR_A_HOST: Readonly<Record<string, string>> = {
  unspecified: 'it is the unspecified address',
  broadcast: 'it is the broadcast address',
  multicast: 'it is a multicast address',
  loopback: 'it is a loopback address',
  ipv4Mapped: 'it is an IPv4 address written as IPv6: write it as IPv4',
};

/**
 * Parse an IP address as people write it: IPv4 in four decimal parts (never octal or shortened, which `inet_aton`
 * would take), IPv6 by RFC 4291.
 */
export function parseIp(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)) return ipaddr.IPv6.parse(text);
  return null;
}

/** Parse `ADDRESS/PREFIX` of one host: not that of its network, nor a broadcast, multicast or loopback address. */
export function parseHostAddress(text: string): AddressResult<HostAddress> {
  const slash = text.indexOf('/');
  if (slash < 0) {
    const hint = parseIp(text) === null ? '' : `; perhaps ${text}/${text.includes(':') ? 64 : 24} is meant`;
    return no(`it has no prefix length${hint}`);
  }
  const ip = parseIp(text.slice(0, slash));
  if (ip === null) return no('it is not an IP address');
  const family = familyOf(ip);
  const bits = family === 4 ? 32 : 128;
  const prefix = text.slice(slash + 1);
  if (!/^[1-9]\d{0,2}$/.test(prefix) || Number(prefix) > bits) {
    return no(`the prefix length has to be 1 to ${bits}`);
  }
  const address = ip.toString();
  const fault = hostFault(ip) ?? networkFault(ip, Number(prefix));
  return fault === null ? { ok: true, value: { family, address, prefix: Number(prefix) } } : no(fault);
}

/** Parse a network, `ADDRESS/PREFIX` in CIDR notation (RFC 4632, 3.1; RFC 4291, 2.3). */
export function parseNetwork(text: string): AddressResult<string> {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const ip = parseIp(address);
  const bits = ip instanceof ipaddr.IPv6 ? 128 : 32;
  if (ip === null || rest.length > 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) {
    return no('expected a network such as 192.168.1.0/24');
  }
  const cidr = `${ip.toString()}/${Number(prefix)}`;
  const network = (ip instanceof ipaddr.IPv6 ? ipaddr.IPv6 : ipaddr.IPv4).networkAddressFromCIDR(cidr);
  if (network.toString() === ip.toString()) return { ok: true, value: cidr };
  return no(`it has host bits set; perhaps ${network.toString()}/${Number(prefix)} is meant`);
}

/** Whether an address (`ADDRESS/PREFIX`) is in one of the networks. Its prefix length does not matter. */
export function isInNetworks(address: string, networks: readonly string[]): boolean {
  const ip = ipaddr.parse(address.split('/')[0] ?? '');
  return networks.some((network) => {
    const [base, prefix] = ipaddr.parseCIDR(network);
    return base.kind() === ip.kind() && ip.match([base, prefix] as [ipaddr.IPv4, number]);
  });
}

/** Parse the gateway of a host; it may be outside the host's network. */
export function parseGateway(text: string, host: HostAddress): AddressResult<string> {
  const ip = parseIp(text);
  if (ip === null) return no('it is not an IP address');
  if (familyOf(ip) !== host.family) return no(`the address is IPv${host.family}, the gateway is not`);
  const fault = hostFault(ip);
  if (fault !== null) return no(fault);
  const gateway = ip.toString();
  return gateway === host.address ? no('it is the address itself') : { ok: true, value: gateway };
}

/**
 * Whether the gateway is reached without a route of its own: it is inside the network of the address (`ADDRESS/PREFIX`),
 * or it is an IPv6 link-local address, which is on-link everywhere (RFC 4291, 2.5.6).
 */
export function isOnLink(gateway: string, address: string): boolean {
  const ip = ipaddr.parse(gateway);
  return ip.range() === 'linkLocal' || ip.match(ipaddr.parseCIDR(address));
}

function hostFault(ip: ipaddr.IPv4 | ipaddr.IPv6): string | null {
  // Not ipaddr.js's "reserved": that has the networks for documentation and benchmarks too, which labs do use.
  if (ip instanceof ipaddr.IPv4 && (ip.octets[0] ?? 0) >= 240 && ip.range() !== 'broadcast') {
    return 'it is in the reserved range 240.0.0.0/4';
  }
  return NOT_FOR_A_HOST[ip.range()] ?? null;
}

/** With /31 and /127 both addresses are hosts' (RFC 3021, RFC 6164), with /32 and /128 the only one is. */
function networkFault(ip: ipaddr.IPv4 | ipaddr.IPv6, prefix: number): string | null {
  const cidr = `${ip.toString()}/${prefix}`;
  if (ip instanceof ipaddr.IPv6) {
    if (prefix >= 127) return null;
    const network = ipaddr.IPv6.networkAddressFromCIDR(cidr).toString();
    return ip.toString() === network ? 'it is the anycast address of the routers of its network' : null;
  }
  if (prefix >= 31) return null;
  if (ip.toString() === ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()) {
    return 'it is the address of its network';
  }
  return ip.toString() === ipaddr.IPv4.broadcastAddressFromCIDR(cidr).toString()
    ? 'it is the broadcast address of its network'
    : null;
}

function familyOf(ip: ipaddr.IPv4 | ipaddr.IPv6): 4 | 6 {
  return ip instanceof ipaddr.IPv6 ? 6 : 4;
}

function no(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}

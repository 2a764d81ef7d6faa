/** Arithmetic on IPv4 addresses that have been validated as text before. */

const toNumber = (address: string): number =>
  address.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);

function split(cidr: string): { address: number; prefix: number; size: number; network: number } {
  const [text = '', bits = '32'] = cidr.split('/');
  const [address, prefix] = [toNumber(text), Number(bits)];
  const size = 2 ** (32 - prefix);
  return { address, prefix, size, network: Math.floor(address / size) * size };
}

/** Whether an address lies in the subnet of `address/prefix`. */
export function inSubnet(address: string, cidr: string): boolean {
  const { network, size } = split(cidr);
  const number = toNumber(address);
  return number >= network && number < network + size;
}

/** Why `address/prefix` cannot be the address of a host; `null` when it can (RFC 1122, 3.2.1.3; RFC 3021 for /31). */
export function hostAddressProblem(cidr: string): string | null {
  const { address, prefix, size, network } = split(cidr);
  const first = Math.floor(address / 2 ** 24);
  if (first === 0 || first === 127 || first >= 224) return 'is not an address that a host on a LAN can have';
  if (prefix < 8) return 'has a prefix shorter than /8; a LAN is smaller';
  if (prefix >= 31) return null;
  if (address === network) return 'is the address of the network itself';
  return address === network + size - 1 ? 'is the broadcast address of its network' : null;
}

const toText = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');

/** The last `count` addresses of a subnet that a host can have, in ascending order. */
export function addressesOf(cidr: string, count: number): string[] {
  const { network, size } = split(cidr);
  const [first, last] = [network + 1, network + size - 2];
  const start = Math.max(first, last - count + 1);
  return Array.from({ length: Math.max(0, last - start + 1) }, (_, index) => toText(start + index));
}

/** The network of `address/prefix`, in CIDR notation. */
export function networkOf(cidr: string): string {
  const { network, prefix } = split(cidr);
  return `${toText(network)}/${prefix}`;
}

import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { addressesOf, hostAddressProblem, inSubnet } from '../../../src/model/ipv4.js';

const address = fc.ipV4();
const prefix = fc.integer({ min: 0, max: 32 });
/** The addresses beside and at the two ends of a subnet, where the mistakes are. */
const edges = fc
  .record({ address, prefix, end: fc.constantFrom('first', 'last'), offset: fc.integer({ min: -1, max: 1 }) })
  .map(({ end, offset, ...rest }) => {
    const cidr = `${rest.address}/${rest.prefix}`;
    const first = ipaddr.IPv4.networkAddressFromCIDR(cidr).toString();
    const last = ipaddr.IPv4.broadcastAddressFromCIDR(cidr).toString();
    return { ...rest, other: shifted(end === 'first' ? first : last, offset) };
  });
const neighbours = fc
  .record({ address, prefix, offset: fc.integer({ min: -300, max: 300 }) })
  .map(({ offset, ...rest }) => ({ ...rest, other: shifted(rest.address, offset) }));

function shifted(text: string, by: number): string {
  const number = ipaddr.IPv4.parse(text)
    .toByteArray()
    .reduce((sum, octet) => sum * 256 + octet, 0);
  const moved = Math.min(2 ** 32 - 1, Math.max(0, number + by));
  return [24, 16, 8, 0].map((shift) => Math.floor(moved / 2 ** shift) % 256).join('.');
}

describe('inSubnet', () => {
  it('agrees with ipaddr.js, far away and at the edges', () => {
    const pairs = fc.oneof(edges, neighbours, fc.record({ address, prefix, other: address }));
    fc.assert(
      fc.property(pairs, ({ address: own, prefix: length, other }) => {
        const expected = ipaddr.IPv4.parse(other).match(ipaddr.IPv4.parse(own), length);
        expect(inSubnet(other, `${own}/${length}`)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('hostAddressProblem', () => {
  it('knows the first and the last address of every network, as ipaddr.js does', () => {
    const lan = fc.integer({ min: 8, max: 30 });
    fc.assert(
      fc.property(address, lan, fc.constantFrom('first', 'last', 'own'), (own, length, which) => {
        const cidr = `${own}/${length}`;
        const first = ipaddr.IPv4.networkAddressFromCIDR(cidr).toString();
        const last = ipaddr.IPv4.broadcastAddressFromCIDR(cidr).toString();
        const chosen = { first, last, own }[which];
        const range = ipaddr.IPv4.parse(chosen).range();
        const outside = ['unspecified', 'loopback', 'multicast', 'broadcast'].includes(range);
        const special = outside || /^(0|2[45]\d)\./.test(chosen);
        const taken = chosen === first || chosen === last;
        expect(hostAddressProblem(`${chosen}/${length}`) === null).toBe(!special && !taken);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['192.168.1.10/24', null],
    ['10.0.0.0/31', null],
    ['10.0.0.1/31', null],
    ['10.0.0.1/32', null],
    ['192.168.1.0/24', 'is the address of the network itself'],
    ['192.168.1.255/24', 'is the broadcast address of its network'],
    ['127.0.0.1/8', 'is not an address that a host on a LAN can have'],
    ['0.0.0.0/8', 'is not an address that a host on a LAN can have'],
    ['224.0.0.1/24', 'is not an address that a host on a LAN can have'],
    ['255.255.255.255/32', 'is not an address that a host on a LAN can have'],
    ['10.0.0.1/7', 'has a prefix shorter than /8; a LAN is smaller'],
  ])('%s: %s', (cidr, problem) => {
    expect(hostAddressProblem(cidr)).toBe(problem);
  });
});

describe('addressesOf', () => {
  it('gives the last addresses of the subnet that a host can have, in a row', () => {
    const count = fc.integer({ min: 0, max: 300 });
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 16, max: 32 }), count, (own, length, wanted) => {
        const cidr = `${own}/${length}`;
        const found = addressesOf(cidr, wanted);
        const hosts = Math.max(0, 2 ** (32 - length) - 2);
        expect(found).toHaveLength(Math.min(wanted, hosts));
        const end = ipaddr.IPv4.broadcastAddressFromCIDR(cidr).toString();
        expect(found).toEqual(found.map((_, index) => shifted(end, index - found.length)));
      }),
    );
  });

  it('has none in a subnet of two or one', () => {
    expect(addressesOf('10.0.0.0/31', 5)).toEqual([]);
    expect(addressesOf('10.0.0.1/32', 5)).toEqual([]);
  });
});

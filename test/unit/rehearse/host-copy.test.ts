import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import type { HostFacts } from '../../../src/model/facts.js';
import { copyOfHost, dhcpRange, modelHost } from '../../../src/rehearse/host-copy.js';
import { hostFacts, link, UPLINK_MAC } from '../support/facts.js';

const numberOf = (address: string) =>
  ipaddr.IPv4.parse(address)
    .toByteArray()
    .reduce((sum, octet) => sum * 256 + octet, 0);

describe('dhcpRange', () => {
  it.each([
    ['192.168.1.10/24', [], ['192.168.1.153', '192.168.1.254']],
    ['192.168.1.254/24', ['192.168.1.254', '192.168.1.153'], ['192.168.1.154', '192.168.1.253']],
    ['10.1.2.3/8', [], ['10.255.255.153', '10.255.255.254']],
    ['10.0.0.1/29', ['10.0.0.1', '10.0.0.2'], ['10.0.0.3', '10.0.0.6']],
    ['192.168.1.200/24', ['192.168.1.200'], ['192.168.1.201', '192.168.1.254']],
    ['192.168.1.210/24', ['192.168.1.210', '192.168.1.1'], ['192.168.1.153', '192.168.1.209']],
  ])('of %s without %j is %j', (cidr, taken, range) => {
    expect(dhcpRange(cidr, taken)).toEqual(range);
  });

  it('is none in a subnet too small to share', () => {
    expect(dhcpRange('10.0.0.1/30', ['10.0.0.1', '10.0.0.2'])).toBeNull();
    expect(dhcpRange('10.0.0.1/32', ['10.0.0.1'])).toBeNull();
  });

  it('lies in the subnet, in order, at most 102 addresses, and all of them are free', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 8, max: 32 }), (own, gateway, prefix) => {
        const range = dhcpRange(`${own}/${prefix}`, [own, gateway]);
        if (range === null) return;
        const [first, last] = range;
        for (const end of range) {
          expect(ipaddr.IPv4.parse(end).match(ipaddr.IPv4.parse(own), prefix)).toBe(true);
        }
        for (const taken of [own, gateway])
          expect(numberOf(taken) < numberOf(first) || numberOf(taken) > numberOf(last)).toBe(true);
        const size = numberOf(last) - numberOf(first) + 1;
        expect(size).toBeGreaterThanOrEqual(4);
        expect(size).toBeLessThanOrEqual(102);
      }),
    );
  });
});

describe('copyOfHost', () => {
  const copy = (facts: Partial<HostFacts>, others: HostFacts['links'] = []) =>
    copyOfHost(hostFacts(facts), 'eth0', others);

  it('is the machine: its NIC, its address, its gateway, its name servers', () => {
    expect(copy({ dns: { nameservers: ['192.168.1.1', '2001:db8::1'], search: [] } })).toEqual({
      kind: 'copy',
      reason: 'a copy of this host, 192.168.1.10 on eth0',
      uplink: 'eth0',
      cables: [{ name: 'eth0', mac: UPLINK_MAC, mtu: 1500 }],
      lan: {
        gateway: '192.168.1.1',
        prefix: 24,
        range: ['192.168.1.153', '192.168.1.254'],
        reservations: { [UPLINK_MAC]: '192.168.1.10' },
        nameservers: ['192.168.1.1'],
      },
      files: {},
      packages: [],
      address: '192.168.1.10',
    });
  });

  it('has the other NICs too, after the uplink', () => {
    const others = [link(), link({ name: 'eth1', mtu: 9000 }), link({ name: 'tun0', mac: null })];
    expect(copy({}, others)?.cables.map(({ name, mtu }) => [name, mtu])).toEqual([
      ['eth0', 1500],
      ['eth1', 9000],
    ]);
  });

  it('takes address and gateway from the bridge where the uplink is its port already', () => {
    const { routes } = hostFacts();
    const links = [link({ master: 'br0', addresses: [] }), link({ name: 'br0', kind: 'bridge' })];
    const through = routes.map((route) => ({ ...route, link: 'br0' }));
    expect(copy({ links, routes: through })).toMatchObject({ address: '192.168.1.10', uplink: 'eth0' });
  });

  it.each<[string, Partial<HostFacts>]>([
    ['the uplink has no address', { links: [link({ addresses: [] })] }],
    ['there is no gateway', { routes: [] }],
    ['the uplink is not there', { links: [] }],
    ['the uplink has no MAC address', { links: [link({ mac: null })] }],
  ])('cannot be made where %s', (_, facts) => {
    expect(copy(facts)).toBeNull();
  });
});

describe('modelHost', () => {
  it('gives its host an address of its LAN, outside of what is handed out', () => {
    const { lan, address, cables } = modelHost('a model');
    expect(Object.entries(lan.reservations)).toEqual([[cables[0]?.mac, address]]);
    expect(numberOf(address)).toBeLessThan(numberOf(lan.range[0]));
  });
});

import { describe, expect, it } from 'vitest';
import { automaticUplink } from '../../../src/facts/uplink.js';
import { existingBridges } from '../../../src/model/existing-bridge.js';
import { lanPorts } from '../../../src/model/lan-ports.js';
import { hostFacts, link, loopback } from '../support/facts.js';

const OWN = '5a:00:00:00:00:01';
const bridge = (name = 'br0') =>
  link({ name, kind: 'bridge', physical: false, mac: OWN, bridge: { stp: false, forwardDelay: 15 } });
const port = (name: string, parts: Parameters<typeof link>[0] = {}) =>
  link({ name, master: 'br0', addresses: [], ...parts });
const veth = (name: string, mac = '02:00:00:00:00:09') => port(name, { kind: 'veth', physical: false, mac });
const names = (...ports: ReturnType<typeof link>[]) =>
  lanPorts({ links: [loopback, bridge(), ...ports] }, 'br0').map(({ name }) => name);

describe('ports that lead to the LAN', () => {
  it('are NICs, bonds and VLANs, whatever MAC address the bridge has', () => {
    expect(names(veth('veth1234567', OWN), port('eth0'))).toEqual(['eth0']);
    expect(names(port('bond0', { kind: 'bond', physical: false }))).toEqual(['bond0']);
    expect(names(port('eth0.10', { kind: 'vlan', physical: false }))).toEqual(['eth0.10']);
  });

  it('are the NIC of a system container, also where the bridge has another MAC address', () => {
    expect(names(veth('bs0123456789ab'), veth('vethab12cd3'), veth('eth0'))).toEqual(['eth0']);
    expect(names(veth('host0'), veth('eth0', OWN))).toEqual(['eth0']);
  });

  it.each([
    'bs0123456789ab',
    'vethab12cd3',
    'veth1pl4242',
    'vnet3',
    'tap100i0',
    'fwpr100p0',
    'lxcab12',
    'vb-web',
    've-web',
  ])('are not those of containers and virtual machines: %s', (name) =>
    expect(names(veth(name, OWN))).toEqual([]),
  );

  it('are not taps, dummies, or ports that a record has for containers', () => {
    expect(names(port('x0', { kind: 'tun', physical: false }))).toEqual([]);
    expect(names(port('x0', { kind: 'dummy', physical: false }))).toEqual([]);
    expect(lanPorts({ links: [bridge(), veth('mine')] }, 'br0', ['mine'])).toEqual([]);
  });
});

describe('a bridge with a MAC address of its own', () => {
  const routes = hostFacts().routes.map((route) => ({ ...route, link: 'br0' }));

  it('has the default route, and "auto" is its port', () => {
    const links = [loopback, veth('eth0'), veth('bs0123456789ab'), bridge()];
    expect(automaticUplink(hostFacts({ links, routes }), 'br0')).toBe('eth0');
  });
});

describe('bridges that can be used as they are', () => {
  it('lead to the LAN, are not Docker’s, and have a name that answers can hold', () => {
    const links = [
      loopback,
      port('eth0'),
      bridge('br0'),
      bridge('docker0'),
      bridge('br-0123456789ab'),
      bridge('virbr0'),
      bridge('ne$t'),
      ...['docker0', 'br-0123456789ab', 'ne$t'].map((master, index) => port(`eth${index + 1}`, { master })),
    ];
    expect(existingBridges(hostFacts({ links })).map(({ name }) => name)).toEqual(['br0']);
  });
});

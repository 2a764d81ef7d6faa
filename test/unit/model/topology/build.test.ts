import { describe, expect, it } from 'vitest';
import type { HostFacts } from '../../../../src/model/facts.js';
import { buildTopology } from '../../../../src/model/topology/build.js';
import type { TopologyInput } from '../../../../src/model/topology/input.js';
import { hostFacts, link } from '../../support/facts.js';
import { endpoint, healthy, idOf, NOW, setUpFacts, troubled, veth } from '../../support/topology.js';

const build = (change: Partial<TopologyInput> = {}) => buildTopology({ ...healthy(), ...change });
const portOf = (change: Partial<TopologyInput>, name = 'web') =>
  build(change).bridges[0]?.ports.find(({ container }) => container?.name === name);
const leased = (time: number, seconds: number) => ({
  bs0000000001: { time: NOW / 1000 - time, lease: { server: '192.168.1.1', seconds } },
});

describe('a healthy host', () => {
  it('has its LAN, uplink, bridge, and each port with its container, address and lease', () => {
    const { lan, bridges, healthy: isHealthy, troubles, uplink } = build();
    expect([isHealthy, troubles, uplink]).toEqual([true, [], null]);
    expect(lan).toEqual({ network: '192.168.1.0/24', gateway: '192.168.1.1', nameservers: ['192.168.1.1'] });
    const [bridge] = bridges;
    expect(bridge?.addresses[0]).toEqual({ address: '192.168.1.10/24', from: 'dhcp', client: 'dhclient' });
    expect(bridge?.uplinks.map(({ name }) => name)).toEqual(['eth0']);
    expect(bridge?.ports.map(({ container, from }) => [container?.name, from])).toEqual([
      ['db', 'static'],
      ['web', 'dhcp'],
    ]);
  });

  it('has the times of a lease', () => {
    expect(portOf({})?.lease).toEqual({
      server: '192.168.1.1',
      since: '2026-11-24T20:55:00.000Z',
      renewed: '2026-11-24T20:55:00.000Z',
      ageSeconds: 300,
      seconds: 7200,
      renewsAt: '2026-11-24T21:55:00.000Z',
      expiresAt: '2026-11-24T22:55:00.000Z',
    });
  });

  it('knows a lease without end', () => {
    const port = portOf({ leases: leased(10 ** 9, 0xffff_ffff) });
    expect([port?.lease?.renewsAt, port?.lease?.expiresAt, port?.trouble]).toEqual([null, null, null]);
  });

  it('has the name that the container has now', () => {
    const containers = { ...healthy().containers, [idOf('a')]: { name: 'www', image: 'x', running: true } };
    expect(portOf({ containers }, 'www')?.address).toBe('192.168.1.179/24');
  });
});

describe('what is wrong is marked, and the host is not healthy', () => {
  it.each<[string, Partial<TopologyInput>, RegExp]>([
    ['an expired lease', { leases: leased(7300, 7200) }, /lease has expired/],
    ['a late renewal', { leases: leased(6400, 7200) }, /not renewed in time/],
    ['no lease record', { leases: {} }, /no record of its lease/],
    [
      'a dead client',
      { clients: { bs0000000001: { client: 'udhcpc', alive: false } } },
      /DHCP client has ended/,
    ],
    ['a missing port', { facts: setUpFacts([]) }, /bs0000000001 is gone/],
    ['a port elsewhere', { facts: setUpFacts([veth('bs0000000001', null)]) }, /is not on br0/],
    [
      'a wait',
      { endpoints: [endpoint({ state: 'waiting-for-lease', error: 'no DHCP server answers' })] },
      /waits for a DHCP lease: no DHCP/,
    ],
    [
      'a long wait',
      { endpoints: [endpoint({ state: 'waiting-for-lease', since: new Date(NOW - 31_000).toISOString() })] },
      /^waits for a DHCP lease$/,
    ],
    ['a failure', { endpoints: [endpoint({ state: 'failed', error: 'because' })] }, /^because$/],
  ])('%s', (_, change, words) => {
    expect(portOf(change)?.trouble).toMatch(words);
    expect(build(change).healthy).toBe(false);
  });

  it('not yet a lease that is renewed a bit late, a client that asks since a moment, nor a stopped container', () => {
    expect(portOf({ leases: leased(6200, 7200) })?.trouble).toBeNull();
    const asking = endpoint({ state: 'waiting-for-lease', since: new Date(NOW - 29_000).toISOString() });
    expect(build({ endpoints: [asking] }).healthy).toBe(true);
    expect(build({ endpoints: [endpoint({ state: 'stopped', address: null })] }).healthy).toBe(true);
  });

  it.each<[string, Partial<TopologyInput>, RegExp]>([
    [
      'the accept rule',
      { facts: setUpFacts([], { netfilter: { ...healthy().facts.netfilter, acceptedBridges: [] } }) },
      /drops frames between its ports/,
    ],
    [
      'no uplink',
      { facts: setUpFacts([], { links: setUpFacts().links.filter(({ name }) => name !== 'eth0') }) },
      /no NIC is a port/,
    ],
    ['no bridge', { facts: hostFacts() }, /there is no br0/],
    [
      'an address on the port',
      {
        facts: setUpFacts([], {
          links: setUpFacts().links.map((one) => (one.name === 'eth0' ? link({ master: 'br0' }) : one)),
        }),
      },
      /eth0 still has an address/,
    ],
  ])('of the bridge: %s', (_, change, words) => {
    const topology = build({ ...change, endpoints: [] });
    expect(topology.bridges[0]?.troubles.join('\n')).toMatch(words);
    expect(topology.healthy).toBe(false);
  });

  it.each<[string, Partial<TopologyInput>, RegExp]>([
    ['a pending change', { pending: 'awaiting' }, /waits for its confirmation/],
    ['an interrupted one', { pending: 'open' }, /has not ended/],
    ['no daemon', { daemon: null }, /attach runtime does not run/],
    ['no default route', { facts: setUpFacts([], { routes: [] }) }, /no default route/],
    [
      'no Docker',
      { facts: setUpFacts([], { docker: { installed: true, reachable: false, version: null, error: 'x' } }) },
      /Docker does not answer/,
    ],
  ])('of the host: %s', (_, change, words) => {
    expect(build(change).troubles.join('\n')).toMatch(words);
  });
});

describe('other hosts', () => {
  it('one that is not set up has its uplink, and no bridge of Docker', () => {
    const docker0 = link({ name: 'docker0', kind: 'bridge', physical: false, mac: '02:42:00:00:00:01' });
    const facts = hostFacts({ links: [...hostFacts().links, docker0] });
    const topology = build({ facts, bridges: [], endpoints: [], daemon: null });
    expect([topology.bridges, topology.uplink?.name, topology.healthy]).toEqual([[], 'eth0', true]);
  });

  it('one with Open vSwitch has its endpoints by themselves: their ports are in no facts', () => {
    const ovs = link({ name: 'ovsbr0', kind: 'openvswitch', physical: false, mac: null });
    const facts = setUpFacts([], {});
    const topology = build({
      facts: { ...facts, links: [...facts.links, ovs] },
      bridges: ['br0', 'ovsbr0'],
      endpoints: [endpoint({ bridge: 'ovsbr0', method: 'static' })],
    });
    expect(topology.bridges.map(({ name }) => name)).toEqual(['br0']);
    expect(topology.direct).toMatchObject([{ on: 'ovsbr0', trouble: null }]);
    expect(topology.healthy).toBe(true);
  });

  it('one whose Docker is down keeps the names of the records, and does not know what runs', () => {
    const port = portOf({ containers: null });
    expect(port?.container).toEqual({ id: idOf('a'), name: 'web', image: null, running: null });
  });

  it('ports of others are told apart, and interfaces without a port', () => {
    const { bridges, direct } = buildTopology(troubled());
    expect(bridges[0]?.ports.find(({ state }) => state === 'foreign')?.port).toBe('vnet0');
    expect(direct.map(({ container, on, trouble }) => [container?.name, on, trouble])).toEqual([
      ['camera', 'eth3', null],
    ]);
  });

  it('an address beside the leased one is static, and IPv6 is by router advertisement or static', () => {
    const [lo, eth0, bridge] = setUpFacts().links;
    const six = (address: string, dynamic: boolean) =>
      ({ family: 6, address, prefix: 64, scope: 'global', dynamic }) as const;
    const second = {
      family: 4,
      address: '192.168.1.11',
      prefix: 24,
      scope: 'global',
      dynamic: false,
    } as const;
    const addresses = [...(bridge?.addresses ?? []), second, six('fd00::1', false), six('2001:db8::1', true)];
    const links = [lo, eth0, { ...bridge, addresses }].filter(
      (one) => one !== undefined,
    ) as HostFacts['links'];
    const topology = build({ facts: setUpFacts([], { links }), endpoints: [] });
    expect(topology.bridges[0]?.addresses.map(({ from }) => from)).toEqual([
      'dhcp',
      'static',
      'static',
      'router-advertisement',
    ]);
  });
});

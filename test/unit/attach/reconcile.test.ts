import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Found,
  type FoundClient,
  type FoundLink,
  reconcile,
  type Wanted,
} from '../../../src/attach/reconcile.js';
import type { Endpoint, EndpointAddress } from '../../../src/model/endpoint.js';

const STATIC: EndpointAddress = { method: 'static', family: 4, address: '10.0.0.5/24', gateway: null };
const DHCP: EndpointAddress = { method: 'dhcp', client: 'udhcpc' };

const want = (address: EndpointAddress = STATIC, parts: Partial<Endpoint> = {}): Wanted => ({
  hostLink: 'bs1',
  endpoint: { bridge: 'br0', interfaceName: 'eth0', hostInterfaceName: null, mac: null, address, ...parts },
});
const address = (text: string, dynamic = false) =>
  ({ family: 4, address: text, scope: 'global', dynamic }) as const;
const inside = (...addresses: ReturnType<typeof address>[]) => ({
  up: true,
  mac: '02:00:00:00:00:01',
  addresses,
});
const link = (parts: Partial<FoundLink> = {}): FoundLink => ({
  hostLink: 'bs1',
  interfaceName: 'eth0',
  bridge: 'br0',
  up: true,
  inside: inside(address('10.0.0.5/24')),
  ...parts,
});
const client = (parts: Partial<FoundClient> = {}): FoundClient => ({
  hostLink: 'bs1',
  client: 'udhcpc',
  alive: true,
  inside: true,
  supervised: true,
  lease: null,
  ...parts,
});
const found = (parts: Partial<Found> = {}): Found => ({ running: true, links: [], clients: [], ...parts });
const kinds = (wanted: Wanted[], now: Found) => reconcile(wanted, now).map(({ kind }) => kind);

describe('reconcile', () => {
  it('does nothing when all is as wanted', () => {
    expect(reconcile([want()], found({ links: [link()] }))).toEqual([]);
    const leased = link({ inside: inside(address('10.0.0.9/24', true)) });
    expect(
      reconcile([want(DHCP)], found({ links: [leased], clients: [client({ lease: '10.0.0.9/24' })] })),
    ).toEqual([]);
  });

  it.each<[number | null, number | undefined, EndpointAddress, string[]]>([
    [10, 10, STATIC, []],
    [null, undefined, STATIC, []],
    [10, 11, STATIC, ['repair']],
    [10, undefined, STATIC, ['repair']],
    [10, 11, DHCP, ['stop-client', 'remove', 'create', 'start-client']],
  ])(
    'moves a port of Open vSwitch from VLAN %s to %s, a lease with its link',
    (ovsVlan, vlan, asked, expected) => {
      const wanted = want(asked, vlan === undefined ? {} : { vlan });
      const clients = asked === DHCP ? [client()] : [];
      const leased = asked === DHCP ? { inside: inside(address('10.0.0.9/24', true)) } : {};
      expect(kinds([wanted], found({ links: [link({ ovsVlan, ...leased })], clients }))).toEqual(expected);
    },
  );

  it('creates what is missing', () => {
    expect(kinds([want()], found())).toEqual(['create']);
    expect(kinds([want(DHCP)], found())).toEqual(['create', 'start-client']);
  });

  it.each([
    ['in another bridge', { bridge: 'docker0' }],
    ['in no bridge', { bridge: null }],
    ['down', { up: false }],
    ['down inside', { inside: { ...inside(address('10.0.0.5/24')), up: false } }],
    ['without an address', { inside: inside() }],
  ])('repairs a link that is %s', (_, parts) => {
    expect(kinds([want()], found({ links: [link(parts)] }))).toEqual(['repair']);
  });

  it.each([
    ['its far end is elsewhere', want(), { inside: null }],
    ['it has another address', want(), { inside: inside(address('10.0.0.6/24')) }],
    ['another MAC address is wanted', want(STATIC, { mac: '02:00:00:00:00:02' }), {}],
    ['another name is wanted', { ...want(), hostLink: 'veth-web' }, {}],
  ])('replaces a link when %s', (_, wanted, parts) => {
    expect(kinds([wanted], found({ links: [link(parts)] }))).toEqual(['remove', 'create']);
  });

  it('leaves an address alone that the container has added', () => {
    const more = link({ inside: inside(address('10.0.0.5/24'), address('10.0.0.100/24')) });
    expect(reconcile([want()], found({ links: [more] }))).toEqual([]);
  });

  it('ends the client when a static address is wanted, and replaces a static address when DHCP is', () => {
    const leased = link({ inside: inside(address('10.0.0.9/24', true)) });
    expect(kinds([want()], found({ links: [leased], clients: [client()] }))).toEqual([
      'stop-client',
      'remove',
      'create',
    ]);
    expect(kinds([want(DHCP)], found({ links: [link()] }))).toEqual(['remove', 'create', 'start-client']);
  });

  it.each([
    ['ended', { alive: false }],
    ['is in the namespace of an earlier start', { inside: false }],
    ['is left over from a killed daemon', { supervised: false }],
    ['is not the one that is wanted', { client: 'dhcpcd' as const }],
    ['has lost its address', { lease: '10.0.0.77/24' }],
  ])('starts a client anew that %s', (_, parts) => {
    const now = found({ links: [link()], clients: [client(parts)] });
    expect(kinds([want(DHCP)], now)).toEqual(['stop-client', 'start-client']);
  });

  it('clears away a container that does not run, its client before its link', () => {
    const now = found({ running: false, links: [link()], clients: [client()] });
    expect(kinds([want()], now)).toEqual(['stop-client', 'remove']);
  });

  it('leaves alone what no rule asks for while the container runs', () => {
    expect(reconcile([], found({ links: [link()], clients: [client()] }))).toEqual([]);
  });

  it('acts on a link only by its own name, and never creates before it removes', () => {
    const links = fc.array(
      fc.record({
        hostLink: fc.constantFrom('bs1', 'bs2'),
        interfaceName: fc.constantFrom('eth0', 'eth1'),
        bridge: fc.constantFrom('br0', 'br1', null),
        up: fc.boolean(),
        inside: fc.constantFrom(null, inside(), inside(address('10.0.0.5/24'))),
      }),
      { maxLength: 3 },
    );
    const clients = fc.array(
      fc.record({
        hostLink: fc.constantFrom('bs1', 'bs2'),
        client: fc.constantFrom('udhcpc', 'dhclient'),
        alive: fc.boolean(),
        inside: fc.boolean(),
        supervised: fc.boolean(),
        lease: fc.constantFrom(null, '10.0.0.5/24'),
      }),
      { maxLength: 2 },
    );
    const now = fc.record({ running: fc.boolean(), links, clients });
    fc.assert(
      fc.property(now, fc.constantFrom<EndpointAddress>(STATIC, DHCP), (state, method) => {
        const actions = reconcile([want(method)], state);
        const known = [...state.links, ...state.clients].map(({ hostLink }) => hostLink);
        for (const { kind, hostLink } of actions) {
          if (kind === 'remove' || kind === 'stop-client') expect(known).toContain(hostLink);
        }
        const order = ['stop-client', 'remove', 'create', 'repair', 'start-client'];
        const places = actions.map(({ kind }) => order.indexOf(kind));
        if (state.running) expect(places).toEqual([...places].sort((a, b) => a - b));
      }),
    );
  });
});

import type { HostFacts } from '../../../src/model/facts.js';
import type { RecordedEndpoint, TopologyInput } from '../../../src/model/topology/input.js';
import { hostFacts, link, loopback, UPLINK_MAC } from './facts.js';

export const NOW = Date.parse('2026-11-24T21:00:00.000Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();
/** An id as Docker makes them. */
export const idOf = (digit: string) => digit.repeat(64);

/** The host's side of a container's interface. */
export const veth = (name: string, master: string | null = 'br0') =>
  link({ name, mac: '02:00:00:00:00:77', kind: 'veth', physical: false, master, addresses: [] });

/** The host of the guide once it is set up: eth0 is the port of br0, which has its addresses. */
export function setUpFacts(ports: HostFacts['links'] = [], overrides: Partial<HostFacts> = {}): HostFacts {
  const { routes, docker } = hostFacts();
  const [port, bridge] = [
    link({ name: 'eth0', master: 'br0', addresses: [] }),
    link({
      name: 'br0',
      index: 5,
      kind: 'bridge',
      physical: false,
      mac: UPLINK_MAC,
      bridge: { stp: false, forwardDelay: 0 },
    }),
  ];
  return hostFacts({
    links: [loopback, port, bridge, ...ports],
    routes: routes.map((route) => ({ ...route, link: 'br0' })),
    dhcpClients: { installed: ['dhclient'], running: [{ name: 'dhclient', pid: 612, link: 'br0' }] },
    docker,
    netfilter: {
      forwardPolicy: 'DROP',
      bridgeNfCallIptables: true,
      dockerUserChain: true,
      acceptedBridges: ['br0'],
    },
    runtime: { service: 'active', enabled: true, programDigest: 'abc' },
    ...overrides,
  });
}

/** The record of an endpoint: `web`, by DHCP, on bs0000000001. */
export function endpoint(parts: Partial<RecordedEndpoint> = {}): RecordedEndpoint {
  return {
    containerId: idOf('a'),
    containerName: 'web',
    interfaceName: 'eth0',
    hostInterfaceName: 'bs0000000001',
    bridge: 'br0',
    mac: '02:42:c0:a8:01:b3',
    method: 'dhcp',
    address: '192.168.1.179/24',
    gateway: '192.168.1.1',
    state: 'attached',
    error: null,
    since: ago(300),
    ...parts,
  };
}

/** A host with two containers, one by DHCP and one static; nothing is wrong. */
export function healthy(): TopologyInput {
  return {
    facts: setUpFacts([veth('bs0000000001'), veth('bs0000000002')]),
    now: NOW,
    bridges: ['br0'],
    existing: [],
    daemon: { ready: true, since: ago(2 * 86_400 + 4 * 3600) },
    endpoints: [
      endpoint(),
      endpoint({
        ...{ containerId: idOf('b'), containerName: 'db', hostInterfaceName: 'bs0000000002' },
        ...{ mac: '02:42:c0:a8:01:46', method: 'static', address: '192.168.1.70/24' },
      }),
    ],
    leases: { bs0000000001: { time: NOW / 1000 - 300, lease: { server: '192.168.1.1', seconds: 7200 } } },
    clients: { bs0000000001: { client: 'udhcpc', alive: true } },
    containers: {
      [idOf('a')]: { name: 'web', image: 'nginx:1.27', running: true },
      [idOf('b')]: { name: 'db', image: 'redis', running: true },
    },
    rules: [],
    pending: null,
    recordsReadable: true,
  };
}

/** A host where much is wrong, and with what is rare. */
export function troubled(): TopologyInput {
  const input = healthy();
  const facts = setUpFacts([veth('bs0000000001'), veth('bs0000000003', null), veth('vnet0')], {
    netfilter: { ...input.facts.netfilter, acceptedBridges: [] },
    runtime: { service: 'failed', enabled: true, programDigest: 'abc' },
  });
  const port = (digit: string) => ({ containerId: idOf(digit), hostInterfaceName: `bs000000000${digit}` });
  return {
    ...input,
    facts,
    daemon: null,
    endpoints: [
      endpoint(),
      endpoint({ ...port('2'), containerName: 'gone', method: 'static', address: '192.168.1.70/24' }),
      endpoint({ ...port('3'), containerName: 'loose', method: 'static', address: '192.168.1.71/24' }),
      endpoint({
        ...port('4'),
        containerName: 'tv',
        ...{ method: 'static', address: null, gateway: null, state: 'failed' },
        error: '192.168.1.90 is in use on br0 already, by the MAC address 02:00:00:00:00:99',
      }),
      endpoint({
        ...port('5'),
        containerName: 'slow',
        ...{ address: null, gateway: null, state: 'waiting-for-lease', error: 'no DHCP server answers' },
      }),
      endpoint({ ...port('6'), containerName: 'resting', address: null, gateway: null, state: 'stopped' }),
      endpoint({
        ...port('7'),
        containerName: 'camera',
        ...{ bridge: 'eth3', method: 'static', address: '10.9.0.2/24', interfaceName: 'eth1' },
      }),
    ],
    leases: { bs0000000001: { time: NOW / 1000 - 7000, lease: { server: '192.168.1.1', seconds: 7200 } } },
    pending: 'awaiting',
  };
}

/** Names that want to be more than names. */
export const HOSTILE = '</text><script>alert(1)</script>"\' onload=x \x1b[2J\u202e\r\n& b';

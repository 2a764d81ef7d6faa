import { describe, expect, it } from 'vitest';
import { ifupdown } from '../../../src/backends/ifupdown/index.js';
import type { Address, HostFacts, Link } from '../../../src/model/facts.js';
import type { Step } from '../../../src/model/plan.js';
import type { BridgeSpec } from '../../../src/model/spec.js';
import { hostFacts, link, loopback, UPLINK_MAC } from '../support/facts.js';
import { converted, factsWith, INTERFACES, refusedAs, spec, text } from './support.js';

/** A step in a line; a command with what undoes it. */
function line(step: Step): string {
  if (step.kind === 'run') return `${step.argv.join(' ')} <- ${step.undo?.join(' ') ?? '-'}`;
  if (step.kind === 'write-file') return `write ${step.path}`;
  if (step.kind === 'stop-dhcp-client' || step.kind === 'start-dhcp-client') {
    return `${step.kind} ${step.link}: ${step.argv.join(' ')}`;
  }
  if (step.kind === 'mark-interfaces') {
    const kept = step.kept.length === 0 ? '' : `, still up ${step.kept.join(' ')}`;
    return `up ${step.up.join(' ')}, down ${step.down.join(' ')}${kept}`;
  }
  if (step.kind === 'retire-addresses') return `retire ${step.addresses.join(' ')}`;
  return step.kind;
}

const MOVE = ['create-bridge', 'copy-addresses', 'add-port', 'move-routes', 'drop-addresses', 'source-check'];
const ENDS = ['up br0, down eth0', 'expect-network'];
const DHCLIENT = (name: string) =>
  `dhclient -4 -v -i -pf /run/dhclient.${name}.pid -lf /var/lib/dhcp/dhclient.${name}.leases -I -df /var/lib/dhcp/dhclient6.${name}.leases ${name}`;

const steps = (facts: HostFacts, wanted: BridgeSpec = spec()) => ifupdown.plan(facts, wanted).steps;
const lines = (facts: HostFacts, wanted?: BridgeSpec) => steps(facts, wanted).map(line);
const expectation = (facts: HostFacts, wanted?: BridgeSpec) => steps(facts, wanted).at(-1);

const IPV4: Address = {
  family: 4,
  address: '192.168.1.10',
  prefix: 24,
  scope: 'global',
  dynamic: true,
};
const STATIC = 'auto eth0\niface eth0 inet static\n  address 192.168.1.10/24\n  gateway 192.168.1.1\n';

/** A host after the conversion: br0 has eth0 as its port, and the address. */
function bridged(interfaces: string, bridge: Partial<Link> = {}, port: Partial<Link> = {}) {
  const br0 = link({
    name: 'br0',
    index: 3,
    kind: 'bridge',
    physical: false,
    addresses: [IPV4],
    bridge: { stp: false, forwardDelay: 0 },
    ...bridge,
  });
  const facts = factsWith(interfaces);
  return {
    ...facts,
    links: [loopback, link({ master: 'br0', addresses: [], ...port }), br0],
    routes: facts.routes.map((route) => ({ ...route, link: 'br0' })),
    dhcpClients: {
      installed: ['dhclient'],
      running: [{ name: 'dhclient', pid: 700, link: 'br0' }],
    },
  } satisfies HostFacts;
}

describe('activation', () => {
  it('writes the file, moves the network stage by stage, and keeps the books', () => {
    expect(lines(hostFacts())).toEqual([
      `write ${INTERFACES}`,
      `stop-dhcp-client eth0: ${DHCLIENT('eth0')}`,
      ...MOVE,
      `start-dhcp-client br0: ${DHCLIENT('br0')}`,
      ...ENDS,
    ]);
  });

  it('expects the leased address to stay, and the gateway of before', () => {
    expect(expectation(hostFacts())).toMatchObject({
      bridge: 'br0',
      port: 'eth0',
      mac: UPLINK_MAC,
      address: '192.168.1.10/24',
      gateway: '192.168.1.1',
    });
  });

  it('expects the static address: the one kept, or the one wanted', () => {
    const facts = factsWith(STATIC);
    expect(expectation(facts)).toMatchObject({ address: '192.168.1.10/24', gateway: '192.168.1.1' });
    const wanted = spec({ method: 'static', address: '10.0.0.2/8', gateway: '10.0.0.1', nameservers: null });
    expect(expectation(facts, wanted)).toMatchObject({ address: '10.0.0.2/8', gateway: '10.0.0.1' });
  });

  it('writes with the mode of the file, and with what it has now', () => {
    const facts = hostFacts();
    const write = steps(facts).find(({ kind }) => kind === 'write-file');
    expect(write).toMatchObject({ mode: 0o644, before: facts.files[INTERFACES]?.content });
  });

  it('lets the client that runs go on, whichever ifup would start, and one of IPv6 as it is, behind it as ifup starts it', () => {
    const running = [
      { name: 'dhcpcd', pid: 5, link: 'eth0', argv: ['dhcpcd: eth0 [ip4]'] },
      {
        name: 'dhclient',
        pid: 6,
        link: 'eth0',
        argv: ['dhclient', '-6', '-pf', '/run/dhclient6.eth0.pid', 'eth0'],
      },
    ] as const;
    expect(lines(hostFacts({ dhcpClients: { installed: ['dhclient', 'dhcpcd'], running } }))).toEqual([
      `write ${INTERFACES}`,
      'stop-dhcp-client eth0: dhclient -6 -pf /run/dhclient6.eth0.pid eth0',
      'stop-dhcp-client eth0: dhcpcd eth0',
      ...MOVE,
      'start-dhcp-client br0: dhcpcd br0',
      'start-dhcp-client br0: dhclient -6 -pf /run/dhclient6.br0.pid br0',
      ...ENDS,
    ]);
  });

  it('ends a client where the address becomes a static one, and takes the leased one off last', () => {
    const wanted = spec({ method: 'static', address: '10.0.0.2/8', gateway: '10.0.0.1', nameservers: null });
    expect(lines(hostFacts(), wanted)).toEqual([
      `write ${INTERFACES}`,
      `stop-dhcp-client eth0: ${DHCLIENT('eth0')}`,
      ...MOVE,
      'ip address add 10.0.0.2/8 broadcast + dev br0 <- ip address del 10.0.0.2/8 dev br0',
      'ip -4 route replace default via 10.0.0.1 dev br0 onlink <- ip -4 route replace default via 192.168.1.1 dev br0',
      'retire 192.168.1.10/24',
      ...ENDS,
    ]);
    const same = spec({
      method: 'static',
      address: '192.168.1.10/24',
      gateway: '192.168.1.1',
      nameservers: null,
    });
    expect(lines(hostFacts(), same)).toContain(
      'ip address change 192.168.1.10/24 dev br0 valid_lft forever preferred_lft forever <- -',
    );
    expect(lines(hostFacts(), same).join()).not.toContain('retire');
    // As ifup will set it: the route of the lease has other words, or another metric and is another route.
    expect(lines(hostFacts(), same)).toContain(
      'ip -4 route replace default via 192.168.1.1 dev br0 onlink <- ip -4 route replace default via 192.168.1.1 dev br0',
    );
    const facts = hostFacts();
    const routes = facts.routes.map((route) =>
      route.destination === 'default' ? { ...route, metric: 1003 } : route,
    );
    const text = lines({ ...facts, routes }, same);
    expect(text.filter((each) => each.includes(' default '))).toEqual([
      'ip -4 route add default via 192.168.1.1 dev br0 onlink <- ip -4 route del default via 192.168.1.1 dev br0 onlink',
      'ip -4 route del default via 192.168.1.1 dev br0 metric 1003 <- ip -4 route add default via 192.168.1.1 dev br0 metric 1003',
    ]);
    expect(expectation({ ...facts, routes }, same)).toMatchObject({ metric: 0 });
  });

  it('marks aliases, and a port with options of its own, as up', () => {
    const facts = factsWith(
      text(`
        auto eth0 eth0:0
        iface eth0 inet static
          address 192.168.1.10/24
          ethernet-wol g
        iface eth0:0 inet static
          address 192.168.1.11/24
        iface eth0:1 inet static
          address 192.168.1.12/24
      `),
      { links: [link()], dhcpClients: { installed: [], running: [] } },
    );
    expect(lines(facts)).toContain('up br0 br0:0, down eth0:0, still up eth0');
  });

  it('gives STP its time', () => {
    const timeout = (wanted: BridgeSpec) =>
      steps(hostFacts(), wanted).find(({ kind }) => kind === 'add-port');
    expect(timeout(spec())).toMatchObject({ timeoutSeconds: 10 });
    expect(timeout(spec(undefined, { stp: true, forwardDelay: 15 }))).toMatchObject({ timeoutSeconds: 42 });
  });
});

describe('a host with the bridge', () => {
  const dhcp = converted('auto eth0\niface eth0 inet dhcp\n').after;
  const fixed = converted(STATIC).after;

  it('has no steps when file and network are as wanted', () => {
    expect(ifupdown.plan(bridged(dhcp), spec())).toEqual({
      programs: ['brctl'],
      steps: [],
      notes: [],
      risks: [],
    });
    expect(lines(bridged(fixed, { addresses: [{ ...IPV4, dynamic: false }] }))).toEqual([]);
  });

  it.each<[string, Partial<Link>, Partial<Link>, string[]]>([
    [
      'has another MAC address',
      { mac: '02:00:00:00:00:99' },
      {},
      [`ip link set dev br0 address ${UPLINK_MAC} <- ip link set dev br0 address 02:00:00:00:00:99`],
    ],
    [
      'has STP on',
      { bridge: { stp: true, forwardDelay: 2 } },
      {},
      [
        'ip link set dev br0 type bridge stp_state 0 forward_delay 0 <- ip link set dev br0 type bridge stp_state 1 forward_delay 200',
      ],
    ],
    ['is down', { up: false }, {}, ['ip link set dev br0 up <- ip link set dev br0 down']],
    [
      'has a port with an address',
      {},
      { addresses: [IPV4] },
      ['copy-addresses', 'move-routes', 'drop-addresses', 'source-check'],
    ],
  ])('is mended without a pause when it %s', (_, bridge, port, expected) => {
    expect(lines(bridged(dhcp, bridge, port))).toEqual([...expected, ...ENDS]);
  });

  it('gets back what is missing: a route, an address without a lease, a client', () => {
    const routeless = { ...bridged(fixed, { addresses: [{ ...IPV4, dynamic: false }] }), routes: [] };
    expect(lines(routeless)).toContain(
      'ip -4 route add default via 192.168.1.1 dev br0 onlink <- ip -4 route del default via 192.168.1.1 dev br0 onlink',
    );
    expect(lines(bridged(fixed))).toEqual([
      `stop-dhcp-client br0: ${DHCLIENT('br0')}`,
      'ip address change 192.168.1.10/24 dev br0 valid_lft forever preferred_lft forever <- -',
      ...ENDS,
    ]);
    const unleased = bridged(dhcp, { addresses: [{ ...IPV4, dynamic: false }] });
    expect(lines(unleased)).toEqual([]);
    expect(lines({ ...unleased, dhcpClients: { installed: ['dhclient'], running: [] } })).toEqual([
      `start-dhcp-client br0: ${DHCLIENT('br0')}`,
      ...ENDS,
    ]);
  });

  it('only has its file written when the network is as wanted already', () => {
    const file = dhcp.replace(/.*bridge_hw.*\n/, '');
    expect(lines(bridged(file))).toEqual([`write ${INTERFACES}`]);
  });

  it('is only activated when the file is right and the bridge is not there', () => {
    expect(lines(factsWith(dhcp))).toEqual([
      `stop-dhcp-client eth0: ${DHCLIENT('eth0')}`,
      ...MOVE,
      `start-dhcp-client br0: ${DHCLIENT('br0')}`,
      ...ENDS,
    ]);
  });
});

describe('a live bridge that the files do not know', () => {
  const withBridge = (bridge: Partial<Link>, port: Partial<Link> = {}) =>
    hostFacts({ links: [link(port), link({ name: 'br0', kind: 'bridge', addresses: [], ...bridge })] });

  it('is used as it is when it is empty', () => {
    expect(lines(withBridge({}))).not.toContain('create-bridge');
  });

  it.each<[string, HostFacts]>([
    ['has a port', withBridge({}, { master: 'br0' })],
    ['has an address', withBridge({ addresses: [IPV4] })],
    ['is no bridge', withBridge({ kind: 'veth' })],
  ])('is refused when it %s', (_, facts) => {
    expect(refusedAs(() => steps(facts))).toBe('bridge-name-taken');
  });

  it('refuses a gateway where another NIC is the way out with the same metric, and not with another one', () => {
    const facts = factsWith('auto eth0\niface eth0 inet static\n  address 192.168.1.10/24\n');
    const ours = { address: '192.168.1.88/24', gateway: '192.168.1.1', nameservers: null };
    const beside = (metric: number) => {
      const other = {
        family: 4,
        destination: 'default',
        gateway: '10.5.0.1',
        link: 'eth1',
        protocol: 'boot',
      } as const;
      return { ...facts, routes: [{ ...other, metric }] };
    };
    const wanted = spec({ method: 'static', ...ours });
    expect(refusedAs(() => steps(beside(0), wanted))).toBe('way-out-taken');
    expect(lines(beside(50), wanted).join('\n')).toContain('ip -4 route add default via 192.168.1.1 dev br0');
  });
});

import { describe, expect, it } from 'vitest';
import { ifupdown } from '../../../src/backends/ifupdown/index.js';
import { eui64LinkLocal } from '../../../src/backends/ifupdown/release.js';
import type { Address, HostFacts, Link } from '../../../src/model/facts.js';
import type { Step } from '../../../src/model/plan.js';
import type { BridgeSpec } from '../../../src/model/spec.js';
import { hostFacts, link, loopback, UPLINK_MAC } from '../support/facts.js';
import { converted, factsWith, INTERFACES, refusedAs, spec, text } from './support.js';

const DOWN = 'ifdown --force --ignore-errors';

/** A step in a line, and what undoes it. */
function line(step: Step): string {
  if (step.kind === 'run') return `${step.argv.join(' ')} <- ${step.undo?.join(' ') ?? '-'}`;
  if (step.kind === 'write-file') return `write ${step.path}`;
  if (step.kind === 'copy-lease') return `copy ${step.from} ${step.to}`;
  return step.kind;
}

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
  it('goes down with the old file, and up with the new one; every step has its inverse', () => {
    expect(lines(hostFacts())).toEqual([
      'copy /var/lib/dhcp/dhclient.eth0.leases /var/lib/dhcp/dhclient.br0.leases',
      `${DOWN} eth0 <- ifup eth0`,
      'ip addr flush dev eth0 <- -',
      'ip link set dev eth0 addrgenmode none <- ip link set dev eth0 addrgenmode eui64',
      `write ${INTERFACES}`,
      `ifup --force br0 <- ${DOWN} br0`,
      'expect-network',
    ]);
  });

  it('expects any address of a DHCP server, and the gateway of before', () => {
    expect(expectation(hostFacts())).toMatchObject({
      bridge: 'br0',
      port: 'eth0',
      mac: UPLINK_MAC,
      address: null,
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

  it('copies a lease only from dhclient to dhclient', () => {
    const copies = (facts: HostFacts, wanted?: BridgeSpec) =>
      steps(facts, wanted).some(({ kind }) => kind === 'copy-lease');
    expect(copies(hostFacts())).toBe(true);
    expect(copies(hostFacts({ dhcpClients: { installed: ['udhcpc', 'dhcpcd'], running: [] } }))).toBe(false);
    const wanted = spec({ method: 'static', address: '10.0.0.2/8', gateway: '10.0.0.1', nameservers: null });
    expect(copies(hostFacts(), wanted)).toBe(false);
    const idle = { dhcpClients: { installed: ['dhclient'] as const, running: [] } };
    expect(copies(factsWith(STATIC, idle), spec({ method: 'dhcp' }))).toBe(false);
  });

  it('stops a DHCP client that ifdown does not know of', () => {
    expect(lines(factsWith(STATIC))).toContain(
      'kill 612 <- dhclient -4 -i -pf /run/dhclient.eth0.pid -lf /var/lib/dhcp/dhclient.eth0.leases eth0',
    );
    // One of IPv6, which ifdown stops.
    expect(lines(factsWith(`${STATIC}iface eth0 inet6 dhcp\n`)).join()).not.toContain('kill');
  });

  it('takes aliases, VLANs and a port with options of its own down and up again, in order', () => {
    const facts = factsWith(
      text(`
        auto eth0 eth0:0 eth0.10
        iface eth0 inet static
          address 192.168.1.10/24
          ethernet-wol g
        iface eth0:0 inet static
          address 192.168.1.11/24
        iface eth0:1 inet static
          address 192.168.1.12/24
        iface eth0.10 inet dhcp
        iface eth0.20 inet dhcp
      `),
      {
        links: [link(), link({ name: 'eth0.10', kind: 'vlan' })],
        dhcpClients: { installed: [], running: [] },
      },
    );
    expect(lines(facts)).toEqual([
      `${DOWN} eth0.10 <- ifup eth0.10`,
      `${DOWN} eth0:0 <- ifup eth0:0`,
      `${DOWN} eth0 <- ifup eth0`,
      'ip addr flush dev eth0 <- -',
      'ip link set dev eth0 addrgenmode none <- ip link set dev eth0 addrgenmode eui64',
      `write ${INTERFACES}`,
      `ifup eth0 <- ${DOWN} eth0`,
      `ifup --force br0 <- ${DOWN} br0`,
      `ifup br0:0 <- ${DOWN} br0:0`,
      `ifup eth0.10 <- ${DOWN} eth0.10`,
      'expect-network',
    ]);
  });

  it('gives STP and the DHCP server their time', () => {
    const timeout = (wanted: BridgeSpec, facts = hostFacts()) =>
      steps(facts, wanted).find(({ id }) => id === 'ifup-br0');
    expect(timeout(spec())).toMatchObject({ timeoutSeconds: 90 });
    expect(timeout(spec(undefined, { stp: true, forwardDelay: 15 }))).toMatchObject({ timeoutSeconds: 122 });
    expect(timeout(spec(), factsWith(STATIC))).toMatchObject({ timeoutSeconds: 30 });
  });

  it('does not clear a VLAN, whose link ifdown removes', () => {
    const facts = factsWith('iface eth0 inet dhcp\n', { links: [link({ kind: 'vlan' })] });
    expect(lines(facts).join()).not.toContain('flush');
  });
});

describe('a host with the bridge', () => {
  const dhcp = converted('auto eth0\niface eth0 inet dhcp\n').after;
  const fixed = converted(STATIC).after;

  it('has no steps when file and network are as wanted', () => {
    expect(ifupdown.plan(bridged(dhcp), spec())).toEqual({ programs: ['brctl'], steps: [], notes: [] });
    expect(lines(bridged(fixed, { addresses: [{ ...IPV4, dynamic: false }] }))).toEqual([]);
  });

  it.each<[string, Partial<Link>, Partial<Link>]>([
    ['has no address', { addresses: [] }, {}],
    ['has another MAC address', { mac: '02:00:00:00:00:99' }, {}],
    ['has STP on', { bridge: { stp: true, forwardDelay: 0 } }, {}],
    ['has another forward delay', { bridge: { stp: false, forwardDelay: 15 } }, {}],
    ['is down', { up: false }, {}],
    ['has a port with an address', {}, { addresses: [IPV4] }],
  ])('is restarted when it %s', (_, bridge, port) => {
    expect(lines(bridged(dhcp, bridge, port))).toEqual([
      `${DOWN} br0 <- ifup br0`,
      `ifup --force br0 <- ${DOWN} br0`,
      'expect-network',
    ]);
  });

  it('is restarted when its default route is missing, or its address has the wrong origin', () => {
    const restart = [`${DOWN} br0 <- ifup br0`, `ifup --force br0 <- ${DOWN} br0`, 'expect-network'];
    const routeless = { ...bridged(fixed, { addresses: [{ ...IPV4, dynamic: false }] }), routes: [] };
    expect(lines(routeless)).toEqual(restart);
    expect(lines(bridged(fixed))).toEqual(restart);
    const unleased = bridged(dhcp, { addresses: [{ ...IPV4, dynamic: false }] });
    expect(lines(unleased)).toEqual([]);
    expect(lines({ ...unleased, dhcpClients: { installed: ['dhclient'], running: [] } })).toEqual(restart);
  });

  it('only has its file written when the network is as wanted already', () => {
    const file = dhcp.replace(/.*bridge_hw.*\n/, '');
    expect(lines(bridged(file))).toEqual([`write ${INTERFACES}`]);
  });

  it('is only activated when the file is right and the bridge is not there', () => {
    const facts = factsWith(dhcp, { links: [link({ addresses: [{ ...IPV4, dynamic: false }] })] });
    expect(lines(facts)).toEqual([
      'copy /var/lib/dhcp/dhclient.eth0.leases /var/lib/dhcp/dhclient.br0.leases',
      'kill 612 <- -',
      'ip -4 route flush exact default dev eth0 <- ip -4 route replace default via 192.168.1.1 dev eth0',
      'ip addr del 192.168.1.10/24 dev eth0 <- ip addr add 192.168.1.10/24 dev eth0',
      `${DOWN} eth0 <- ifup eth0`,
      'ip addr flush dev eth0 <- -',
      `ifup --force br0 <- ${DOWN} br0`,
      'expect-network',
    ]);
  });

  it('loses a half-made bridge for good, and needs no stanza of the port', () => {
    const facts = bridged(
      'auto br0\niface br0 inet dhcp\n bridge_ports eth0\n bridge_fd 0\n bridge_hw eth0\n',
      {},
      { master: null },
    );
    expect(lines(facts)).toEqual([
      `${DOWN} br0 <- -`,
      'ip link set dev eth0 down <- ip link set dev eth0 up',
      'ip addr flush dev eth0 <- -',
      `ifup --force br0 <- ${DOWN} br0`,
      'expect-network',
    ]);
  });

  it('has its file and its network changed together', () => {
    const wanted = spec({ method: 'static', address: '10.0.0.2/8', gateway: '10.0.0.1', nameservers: null });
    expect(lines(bridged(dhcp), wanted)).toEqual([
      `${DOWN} br0 <- ifup br0`,
      `write ${INTERFACES}`,
      `ifup --force br0 <- ${DOWN} br0`,
      'expect-network',
    ]);
  });
});

describe('a live bridge that the files do not know', () => {
  const withBridge = (bridge: Partial<Link>, port: Partial<Link> = {}) =>
    hostFacts({ links: [link(port), link({ name: 'br0', kind: 'bridge', addresses: [], ...bridge })] });

  it('is deleted when it is empty', () => {
    expect(lines(withBridge({}))).toContain('ip link delete br0 type bridge <- ip link add br0 type bridge');
  });

  it.each<[string, HostFacts]>([
    ['has a port', withBridge({}, { master: 'br0' })],
    ['has an address', withBridge({ addresses: [IPV4] })],
    ['is no bridge', withBridge({ kind: 'veth' })],
  ])('is refused when it %s', (_, facts) => {
    expect(refusedAs(() => steps(facts))).toBe('bridge-name-taken');
  });
});

describe('eui64LinkLocal', () => {
  it.each([
    ['52:54:00:12:34:56', 'fe80::5054:ff:fe12:3456'],
    ['02:00:00:00:00:01', 'fe80::ff:fe00:1'],
    ['00:1b:21:3a:00:00', 'fe80::21b:21ff:fe3a:0'],
  ])('%s: %s', (mac, address) => {
    expect(eui64LinkLocal(mac)).toBe(address);
  });
});

import { describe, expect, it } from 'vitest';
import { differences } from '../../../src/backends/registry.js';
import type { HostFacts, Link } from '../../../src/model/facts.js';
import { files, hostFacts, link, loopback, UPLINK_MAC } from '../support/facts.js';
import {
  bridge,
  client,
  fixed,
  leased,
  NO_CLIENT,
  own,
  port,
  ROUTES,
  route,
  STATIC,
  STATIC_ADDRESSES,
} from './set-up-host.js';
import { INTERFACES } from './support.js';

const withBridge = (more: Partial<Link>) => ({ links: [loopback, port(), bridge(more)] });
const withPort = (...ports: Link[]) => ({ links: [loopback, ...ports, bridge()] });
const without = (gone: string) => STATIC_ADDRESSES.filter(({ address }) => address !== gone);
const edited = (from: string | RegExp, to: string, before = STATIC) => {
  expect(before).toMatch(from);
  return before.replace(from, to);
};
const found = (facts: HostFacts) =>
  differences(facts, 'br0').map(({ severity, check }) => `${severity} ${check}`);

describe('differences of files and network', () => {
  it('are none on a host that is as its files say', () => {
    expect(differences(fixed(), 'br0')).toEqual([]);
    expect(differences(leased(), 'br0')).toEqual([]);
  });

  it('are none where the files are spelt another way', () => {
    const sourced = files({
      [INTERFACES]: 'source /etc/network/interfaces.d/*\n',
      '/etc/network/interfaces.d/bridge': STATIC.replaceAll('bridge_', 'bridge-').replace(UPLINK_MAC, 'eth0'),
    });
    expect(differences(fixed({ files: sourced }), 'br0')).toEqual([]);
  });

  it('are none with a client that sets no lifetime, and one that looks after all links', () => {
    const links = [loopback, port(), bridge({ addresses: [own('192.168.1.10', 24)] })];
    expect(differences(leased({ links }), 'br0')).toEqual([]);
    expect(differences(leased({ dhcpClients: client(null) }), 'br0')).toEqual([]);
  });

  it('are none on a host that was never set up, or whose bridge is not a matter of these files', () => {
    expect(differences(hostFacts(), 'br0')).toEqual([]);
    expect(differences(fixed({}, 'auto lo\niface lo inet loopback\n'), 'br0')).toEqual([]);
    expect(differences(fixed({ files: {} }), 'br0')).toEqual([]);
  });

  it.each<[string, HostFacts, string[]]>([
    ['no bridge', fixed({ links: [link()], routes: [] }), ['error bridge-not-there']],
    ['a link of that name', fixed(withBridge({ kind: 'dummy' })), ['error bridge-not-there']],
    ['a bridge that is down', fixed(withBridge({ up: false })), ['error bridge-down']],
    [
      'a bridge that does not come up',
      fixed({}, edited('auto br0 br0:1', 'auto br0:1')),
      ['error bridge-not-at-boot'],
    ],
    ['a pattern that may mean it', fixed({}, edited('auto br0', 'auto /br* br0')), []],
    [
      'a file without the bridge',
      fixed({}, 'auto eth0\niface eth0 inet dhcp\n'),
      ['error bridge-not-in-files'],
    ],
    ['a line that ifup refuses', fixed({}, `${STATIC}nonsense\n`), ['error interfaces-unreadable']],
    [
      'a stanza that inherits',
      fixed(
        {},
        `iface lan inet6 manual\n${edited('iface br0 inet6 static', 'iface br0 inet6 static inherits lan')}`,
      ),
      [],
    ],
    ['no such port', fixed(withPort()), ['error port-not-in-bridge']],
    ['a port that is out', fixed(withPort(port({ master: null }))), ['error port-not-in-bridge']],
    ['a port of another bridge', fixed(withPort(port({ master: 'br1' }))), ['error port-not-in-bridge']],
    ['one more port', fixed(withPort(port(), port({ name: 'eth1' }))), ['warning port-not-in-files']],
    [
      'ports by a pattern',
      fixed(
        withPort(port(), port({ name: 'eth1' })),
        STATIC.replaceAll('bridge_ports eth0', 'bridge_ports all'),
      ),
      [],
    ],
    [
      'a port with an address',
      fixed(withPort(port({ addresses: [own('10.0.0.1', 8)] }))),
      ['error port-has-address'],
    ],
    [
      'a port with a stanza that gives it one',
      fixed({}, edited('iface eth0 inet manual', 'iface eth0 inet dhcp')),
      ['error port-has-stanza'],
    ],
    ['another MAC address', fixed(withBridge({ mac: '02:00:00:00:00:01' })), ['error mac-differs']],
    ['another MTU', fixed(withBridge({ mtu: 1500 })), ['warning mtu-differs']],
    ['STP', fixed(withBridge({ bridge: { stp: true, forwardDelay: 0 } })), ['warning stp-differs']],
    [
      'another delay',
      fixed(withBridge({ bridge: { stp: false, forwardDelay: 15 } })),
      ['warning forward-delay-differs'],
    ],
    ["bridge-utils' own delay", fixed({}, edited(/ +bridge_fd 0\n/, '')), ['warning forward-delay-differs']],
    [
      'a delay that the kernel does not take with STP',
      fixed(
        withBridge({ bridge: { stp: true, forwardDelay: 2 } }),
        edited('bridge_stp off', 'bridge_stp on'),
      ),
      [],
    ],
    [
      'a static address that is gone',
      fixed(withBridge({ addresses: without('192.168.1.10') })),
      ['error address-not-there'],
    ],
    [
      'an alias that is gone',
      fixed(withBridge({ addresses: without('192.168.1.11') })),
      ['error address-not-there'],
    ],
    [
      'a static IPv6 address that is gone',
      fixed(withBridge({ addresses: without('fd00:1::10') })),
      ['error address-not-there'],
    ],
    [
      'another prefix length',
      fixed({}, edited('255.255.255.0', '255.255.0.0')),
      ['error address-not-there', 'warning address-not-in-files'],
    ],
    [
      'an address that cannot be read',
      fixed({}, edited('address FD00:1:0:0::10', 'address br0.lan')),
      ['error address-unreadable', 'warning address-not-in-files'],
    ],
    [
      'an address that no file gives',
      fixed(withBridge({ addresses: [...STATIC_ADDRESSES, own('192.168.1.99', 24)] })),
      ['warning address-not-in-files'],
    ],
    [
      'an IPv6 address that no file gives',
      fixed(withBridge({ addresses: [...STATIC_ADDRESSES, own('fd00:1::99', 64)] })),
      ['warning address-not-in-files'],
    ],
    [
      'a static address that is leased',
      fixed(
        withBridge({ addresses: [own('192.168.1.10', 24, { dynamic: true }), ...STATIC_ADDRESSES.slice(1)] }),
      ),
      ['error address-is-leased'],
    ],
    ['a client beside a static address', fixed({ dhcpClients: client('br0') }), ['error method-differs']],
    [
      'a lease that is none',
      leased({ ...withBridge({ addresses: [] }), dhcpClients: NO_CLIENT }),
      ['error method-differs'],
    ],
    [
      'a static address instead of a lease',
      leased({ ...withBridge({ addresses: [own('192.168.1.10', 24)] }), dhcpClients: NO_CLIENT }),
      ['error method-differs', 'warning address-not-in-files'],
    ],
    ['a lease without a client', leased({ dhcpClients: client('eth0') }), ['error no-client-on-bridge']],
    [
      'an address beside the lease',
      leased(withBridge({ addresses: [own('192.168.1.10', 24, { dynamic: true }), own('10.0.0.1', 8)] })),
      ['warning address-not-in-files'],
    ],
    ['no gateway', fixed({ routes: ROUTES.slice(1) }), ['error gateway-not-there']],
    [
      'no IPv6 gateway',
      fixed({ routes: [route('192.168.1.1'), route('fe80::1', { protocol: 'ra' })] }),
      ['error gateway-not-there'],
    ],
    [
      'another gateway',
      fixed({}, edited('gateway 192.168.1.1', 'gateway 192.168.1.254')),
      ['error gateway-not-there', 'warning gateway-not-in-files'],
    ],
    [
      'one more gateway',
      fixed({ routes: [...ROUTES, route('192.168.1.2', { metric: 9 })] }),
      ['warning gateway-not-in-files'],
    ],
    [
      'a gateway by a command',
      fixed({}, edited('gateway 192.168.1.1', 'up ip route add default via 192.168.1.1')),
      [],
    ],
    [
      'a route through the port',
      fixed({ routes: [...ROUTES, route('192.168.1.1', { link: 'eth0', metric: 9 })] }),
      ['error route-through-port'],
    ],
  ])('%s', (_, facts, expected) => {
    expect(found(facts)).toEqual(expected);
    for (const { message, remedy } of differences(facts, 'br0')) {
      expect(message).toMatch(/\.$/);
      expect(remedy).toMatch(/\.$/);
      expect(`${message} ${remedy}`).not.toMatch(/undefined|null|NaN/);
    }
  });

  it('say what the file says, what is there, and what to do', () => {
    const [gone] = differences(fixed(withBridge({ addresses: [own('192.168.1.20', 24)] })), 'br0');
    expect(gone).toEqual({
      check: 'address-not-there',
      severity: 'error',
      message: '/etc/network/interfaces gives br0 the address 192.168.1.10/24, but it has 192.168.1.20/24.',
      remedy:
        'If the file is right, run `ip address add 192.168.1.10/24 dev br0`; if the network is right, correct the file.',
    });
    const [gateway] = differences(fixed({ routes: [route('192.168.1.2'), ...ROUTES.slice(1)] }), 'br0');
    expect(gateway).toMatchObject({
      message:
        '/etc/network/interfaces sends what leaves the LAN to 192.168.1.1 through br0, but the default route is "via 192.168.1.2 dev br0".',
      remedy:
        'If the file is right, run `ip route replace default via 192.168.1.1 dev br0`; if the network is right, correct the file.',
    });
  });
});

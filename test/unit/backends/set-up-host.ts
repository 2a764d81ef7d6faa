import type { Address, HostFacts, Link, Route } from '../../../src/model/facts.js';
import { files, hostFacts, link, loopback, UPLINK_MAC } from '../support/facts.js';
import { INTERFACES, text } from './support.js';

/** Addresses of both families, an alias, one by a command. */
export const STATIC = text(`
  auto lo
  iface lo inet loopback

  iface eth0 inet manual

  auto br0 br0:1
  iface br0 inet static
      bridge_ports eth0
      bridge_stp off
      bridge_fd 0
      bridge_maxwait 0
      bridge_hw ${UPLINK_MAC}
      address 192.168.1.10
      netmask 255.255.255.0
      gateway 192.168.1.1
      mtu 1400
      up ip address add 192.168.1.12/24 dev br0

  iface br0 inet6 static
      bridge_ports eth0
      address FD00:1:0:0::10
      gateway fd00:1::1

  iface br0:1 inet static
      address 192.168.1.11/24
`);
const LEASED = text(`
  iface eth0 inet manual

  auto br0
  iface br0 inet dhcp
      bridge_ports eth0
      bridge_stp off
      bridge_fd 0
      bridge_hw ${UPLINK_MAC}
`);

/** An address of the bridge. */
export const own = (address: string, prefix: number, more: Partial<Address> = {}): Address => ({
  family: address.includes(':') ? 6 : 4,
  address,
  prefix,
  scope: 'global',
  dynamic: false,
  ...more,
});
/** A default route through the bridge. */
export const route = (gateway: string, more: Partial<Route> = {}): Route => ({
  family: gateway.includes(':') ? 6 : 4,
  destination: 'default',
  gateway,
  link: 'br0',
  metric: 0,
  protocol: 'boot',
  ...more,
});
/** What STATIC makes, and what a router has given. */
export const STATIC_ADDRESSES = [
  own('192.168.1.10', 24),
  own('192.168.1.11', 24),
  own('192.168.1.12', 24),
  own('fd00:1::10', 64),
  own('2001:db8::5', 64, { dynamic: true }),
  own('fe80::5054:ff:fe12:3456', 64, { scope: 'link' }),
];
export const ROUTES = [
  route('192.168.1.1'),
  route('fd00:1::1', { metric: 1024 }),
  route('fe80::1', { protocol: 'ra' }),
];
/** The NIC. */
export const port = (more: Partial<Link> = {}) => link({ master: 'br0', mtu: 1400, addresses: [], ...more });
export const bridge = (more: Partial<Link> = {}) =>
  link({
    name: 'br0',
    index: 4,
    kind: 'bridge',
    physical: false,
    mtu: 1400,
    addresses: STATIC_ADDRESSES,
    bridge: { stp: false, forwardDelay: 0 },
    ...more,
  });
const container = link({ name: 'bs0123456789', kind: 'veth', physical: false, master: 'br0', addresses: [] });
/** A DHCP client on a link. */
export const client = (on: string | null) => ({
  installed: ['dhclient'] as const,
  running: [{ name: 'dhclient' as const, pid: 612, link: on }],
});
export const NO_CLIENT = { installed: [], running: [] };

/** A host with static addresses that is as its files say, but for this. */
export function fixed(more: Partial<HostFacts> = {}, interfaces = STATIC): HostFacts {
  return hostFacts({
    links: [loopback, port(), bridge(), container],
    routes: ROUTES,
    dhcpClients: NO_CLIENT,
    files: files({ [INTERFACES]: interfaces }),
    ...more,
  });
}

/** The same with a lease. */
export function leased(more: Partial<HostFacts> = {}, interfaces = LEASED): HostFacts {
  const addresses = [own('192.168.1.10', 24, { dynamic: true })];
  return fixed(
    {
      links: [loopback, port(), bridge({ addresses })],
      routes: [route('192.168.1.1')],
      dhcpClients: client('br0'),
      ...more,
    },
    interfaces,
  );
}

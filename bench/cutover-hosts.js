import { modelHost } from './kit.js';

/** What dnsmasq gives to the MAC of the model host: it hashes the MAC to find where to start looking. */
const ADDRESS = '192.168.1.117';
const GATEWAY = '192.168.1.1';
const GATEWAY6 = 'fd00:1::1';

/**
 * Debian's own, and one more line. Without it ifup returns as soon as there is an IPv6 address, seconds before the
 * IPv4 one, which dhcpcd first probes for (RFC 5227).
 */
const DHCPCD_CONF = `duid
persistent
vendorclassid
option domain_name_servers, domain_name, domain_search
option classless_static_routes
option interface_mtu
option host_name
option rapid_commit
require dhcp_server_identifier
slaac private
waitip 4
`;

/** Hosts by the way they got their addresses; `packages` has the one DHCP client that ifupdown finds. */
export const CASES = {
  static: {
    stanzas: [
      `inet static\n    address ${ADDRESS}/24\n    gateway ${GATEWAY}`,
      `inet6 static\n    address fd00:1::10/64\n    gateway ${GATEWAY6}`,
    ],
    ra: false,
    packages: ['isc-dhcp-client'],
    files: {},
  },
  dhclient: {
    stanzas: ['inet dhcp', 'inet6 auto'],
    ra: true,
    packages: ['isc-dhcp-client'],
    files: {},
  },
  udhcpc: { stanzas: ['inet dhcp', 'inet6 auto'], ra: true, packages: ['udhcpc'], files: {} },
  // It looks after IPv6 itself.
  dhcpcd: {
    stanzas: ['inet dhcp'],
    ra: true,
    packages: ['dhcpcd-base'],
    files: { '/etc/dhcpcd.conf': DHCPCD_CONF },
  },
};

const LO = 'auto lo\niface lo inet loopback\n';
const iface = (name, stanzas) =>
  `\nauto ${name}\n${stanzas.map((text) => `iface ${name} ${text}\n`).join('')}`;
/** `inet6 auto` is unknown to ifupdown2; the kernel does it anyway. */
const stanzasFor = (method, { stanzas }) =>
  method === 'ifupdown2' ? stanzas.filter((text) => text !== 'inet6 auto') : stanzas;

/** interfaces(5) before the move. */
export const onUplink = (method, host) => LO + iface('eth0', stanzasFor(method, host));

/** interfaces(5) after the move, as a person writes it. */
export function onBridge(method, host) {
  const options = ['bridge_ports eth0', 'bridge_stp off', 'bridge_fd 0']
    .map((text) => `\n    ${text}`)
    .join('');
  const [first, ...others] = stanzasFor(method, host);
  const port = method === 'ifupdown2' ? '\nauto eth0\niface eth0\n' : '';
  return LO + port + iface('br0', [first + options, ...others]);
}

/** The model host in one of the cases. No reservation: the DHCP server has to know the host again by itself. */
export function hostCopy(method, host) {
  const model = modelHost('a model host, for the bench');
  return {
    ...model,
    address: ADDRESS,
    lan: { ...model.lan, reservations: {}, ipv6: { address: GATEWAY6, prefix: 64, ra: host.ra } },
    packages: [method === 'ifupdown2' ? 'ifupdown2' : 'ifupdown', 'fping', ...host.packages],
    files: { ...model.files, ...host.files, '/etc/network/interfaces': onUplink(method, host) },
  };
}

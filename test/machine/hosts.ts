/** A host before bridge-setup touches it. */
export interface HostModel {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  /** The rule of the container with a static address. */
  readonly staticRule: string;
}

/** Address of the container that has a static one. */
export const STATIC_CONTAINER = '192.168.1.70';
const STATIC_RULE = `br0 -i eth0 @CONTAINER_NAME@ ${STATIC_CONTAINER}/24`;

/** As Debian's installer leaves it; without udev there is nobody for `allow-hotplug`. */
export const DHCP_HOST: HostModel = {
  title: 'a host with DHCP',
  files: {
    '/etc/network/interfaces': `# This file describes the network interfaces available on your system
# and how to activate them. For more information, see interfaces(5).

source /etc/network/interfaces.d/*

# The loopback network interface
auto lo
iface lo inet loopback

# The primary network interface
auto eth0
iface eth0 inet dhcp
`,
    '/etc/resolv.conf': '',
  },
  staticRule: STATIC_RULE,
};

/** As people write it by hand. */
export const STATIC_HOST: HostModel = {
  title: 'a host with a static address',
  files: {
    '/etc/network/interfaces': `auto lo
iface lo inet loopback

# Uplink, port 7 of the switch in the cellar
auto eth0
iface eth0 inet static
    address 192.168.1.10/24
    gateway 192.168.1.1
    dns-nameservers 192.168.1.1

# Spare port; comes up by hand
iface eth1 inet manual
`,
    '/etc/resolv.conf': 'nameserver 192.168.1.1\n',
  },
  staticRule: `${STATIC_RULE}@192.168.1.1`,
};

/** What ROUTED_HOST reaches by a route of its own. */
export const ROUTED_NETWORK = '10.77.0.0/16';

/** As hosts become with the years: a file of its own, what stanzas have in common, an alias, IPv6, and a route by a hook. */
export const ROUTED_HOST: HostModel = {
  title: 'a host with an alias, IPv6, and a route of its own',
  files: {
    '/etc/network/interfaces': `source /etc/network/interfaces.d/*

auto lo
iface lo inet loopback
`,
    '/etc/network/interfaces.d/10-uplink': `# What all of our hosts have.
iface office inet static
    gateway 192.168.1.1
    dns-nameservers 192.168.1.1

auto eth0
iface eth0 inet static inherits office
    address 192.168.1.12/24
    up ip route add ${ROUTED_NETWORK} via 192.168.1.1 dev eth0

iface eth0 inet6 static
    address fd00:1::12/64

auto eth0:0
iface eth0:0 inet static
    address 192.168.1.13/24
`,
    '/etc/resolv.conf': 'nameserver 192.168.1.1\n',
  },
  staticRule: `${STATIC_RULE}@192.168.1.1`,
};

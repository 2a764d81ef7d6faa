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

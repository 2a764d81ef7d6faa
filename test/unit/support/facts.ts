import type { ConfigFile, HostFacts, Link } from '../../../src/model/facts.js';

export const UPLINK_MAC = '52:54:00:12:34:56';

/** A NIC that is up, on the LAN 192.168.1.0/24. */
export function link(overrides: Partial<Link> = {}): Link {
  return {
    name: 'eth0',
    index: 2,
    mac: UPLINK_MAC,
    mtu: 1500,
    up: true,
    carrier: true,
    kind: null,
    loopback: false,
    wireless: false,
    physical: true,
    master: null,
    lower: null,
    addresses: [
      { family: 4, address: '192.168.1.10', prefix: 24, scope: 'global', dynamic: true },
      { family: 6, address: 'fe80::5054:ff:fe12:3456', prefix: 64, scope: 'link', dynamic: false },
    ],
    bridge: null,
    ...overrides,
  };
}

export const loopback: Link = link({
  name: 'lo',
  index: 1,
  mac: '00:00:00:00:00:00',
  mtu: 65536,
  loopback: true,
  physical: false,
  addresses: [{ family: 4, address: '127.0.0.1', prefix: 8, scope: 'host', dynamic: false }],
});

/** Configuration files by path, mode 0644. */
export function files(contents: Readonly<Record<string, string>>): Record<string, ConfigFile> {
  return Object.fromEntries(
    Object.entries(contents).map(([path, content]) => [path, { content, mode: 0o644 }]),
  );
}

/** A Debian 12 host with Docker: eth0 has 192.168.1.10/24 by DHCP from 192.168.1.1, set up by ifupdown. */
export function hostFacts(overrides: Partial<HostFacts> = {}): HostFacts {
  return {
    version: 1,
    distro: {
      id: 'debian',
      versionId: '12',
      prettyName: 'Debian GNU/Linux 12 (bookworm)',
      family: 'debian',
    },
    init: 'systemd',
    machine: { virtual: false, manufacturer: '', model: '' },
    root: true,
    links: [loopback, link()],
    routes: [
      {
        family: 4,
        destination: 'default',
        gateway: '192.168.1.1',
        link: 'eth0',
        metric: 0,
        protocol: 'boot',
      },
      {
        family: 4,
        destination: '192.168.1.0/24',
        gateway: null,
        link: 'eth0',
        metric: 0,
        protocol: 'kernel',
      },
    ],
    dns: { nameservers: ['192.168.1.1'], search: [] },
    managers: [{ name: 'ifupdown', active: true, links: ['lo', 'eth0'] }],
    dhcpClients: { installed: ['dhclient'], running: [{ name: 'dhclient', pid: 612, link: 'eth0' }] },
    docker: { installed: true, reachable: true, version: '20.10.24', error: null },
    netfilter: {
      forwardPolicy: 'DROP',
      bridgeNfCallIptables: true,
      dockerUserChain: true,
      acceptedBridges: [],
    },
    session: { ssh: false, client: null, link: null },
    programs: {
      'apt-get': '/usr/bin/apt-get',
      brctl: '/usr/sbin/brctl',
      busybox: null,
      ifup: '/usr/sbin/ifup',
      ip: '/usr/bin/ip',
      iptables: '/usr/sbin/iptables',
      nsenter: '/usr/bin/nsenter',
      ping: '/usr/bin/ping',
      pipework: null,
      udhcpc: null,
    },
    runtime: { service: null, enabled: false, programDigest: null },
    files: files({
      '/etc/network/interfaces': [
        'auto lo',
        'iface lo inet loopback',
        '',
        'allow-hotplug eth0',
        'iface eth0 inet dhcp',
        '',
      ].join('\n'),
    }),
    ...overrides,
  };
}

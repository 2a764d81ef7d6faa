import { describe, expect, it } from 'vitest';
import { parseClient } from '../../../src/facts/dhcp-clients.js';
import { parseLinks, parseRoutes } from '../../../src/facts/links.js';
import { parseNmcli } from '../../../src/facts/managers.js';
import { parseRules } from '../../../src/facts/netfilter.js';
import { parseSshConnection } from '../../../src/facts/session.js';
import { parseOsRelease, parseResolvConf } from '../../../src/facts/system.js';

/** As `ip -json -details address show` of iproute2 6.1 prints it, shortened to what matters. */
const IP_ADDRESS = JSON.stringify([
  {},
  {
    ifindex: 1,
    ifname: 'lo',
    flags: ['LOOPBACK', 'UP', 'LOWER_UP'],
    mtu: 65536,
    operstate: 'UNKNOWN',
    link_type: 'loopback',
    address: '00:00:00:00:00:00',
    addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8, scope: 'host', label: 'lo' }],
  },
  {
    ifindex: 2,
    ifname: 'eth0',
    flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
    mtu: 1500,
    operstate: 'UP',
    master: 'br0',
    address: '52:54:00:12:34:56',
    linkinfo: { info_slave_kind: 'bridge' },
    addr_info: [],
  },
  {
    ifindex: 3,
    link: 'eth0',
    ifname: 'eth0.10',
    flags: ['BROADCAST', 'MULTICAST'],
    mtu: 1500,
    operstate: 'DOWN',
    address: '52:54:00:12:34:56',
    linkinfo: { info_kind: 'vlan', info_data: { id: 10 } },
    addr_info: [],
  },
  {
    ifindex: 4,
    ifname: 'br0',
    flags: ['BROADCAST', 'UP', 'LOWER_UP'],
    mtu: 1500,
    operstate: 'UP',
    address: '52:54:00:12:34:56',
    linkinfo: { info_kind: 'bridge', info_data: { forward_delay: 1500, stp_state: 1 } },
    addr_info: [
      { family: 'inet', local: '192.168.1.10', prefixlen: 24, scope: 'global', dynamic: true },
      { family: 'inet6', local: 'fe80::1', prefixlen: 64, scope: 'link' },
    ],
  },
]);

describe('links', () => {
  const links = parseLinks(IP_ADDRESS, { wireless: () => false, physical: (name) => name === 'eth0' });
  const named = (name: string) => links.find((link) => link.name === name);

  it('are all told, without the empty entries of older versions', () => {
    expect(links.map(({ name }) => name)).toEqual(['lo', 'eth0', 'eth0.10', 'br0']);
  });
  it('know the bridge that they are a port of', () =>
    expect(named('eth0')).toMatchObject({ master: 'br0', kind: null, physical: true }));
  it('know the NIC below a VLAN', () =>
    expect(named('eth0.10')).toMatchObject({ kind: 'vlan', lower: 'eth0', up: false, carrier: false }));
  it('tell the forward delay in seconds', () =>
    expect(named('br0')?.bridge).toEqual({ stp: true, forwardDelay: 15 }));
  it('tell both families of addresses', () =>
    expect(named('br0')?.addresses).toEqual([
      { family: 4, address: '192.168.1.10', prefix: 24, scope: 'global', dynamic: true },
      { family: 6, address: 'fe80::1', prefix: 64, scope: 'link', dynamic: false },
    ]));
});

it('routes tell gateway, link and metric', () => {
  const text = JSON.stringify([
    { dst: 'default', gateway: '192.168.1.1', dev: 'br0', metric: 100, protocol: 'dhcp', flags: [] },
    {
      dst: '192.168.1.0/24',
      dev: 'br0',
      protocol: 'kernel',
      scope: 'link',
      prefsrc: '192.168.1.10',
      flags: [],
    },
    { type: 'blackhole', dst: '10.0.0.0/8', flags: [] },
  ]);
  expect(parseRoutes(text, 4)).toEqual([
    { family: 4, destination: 'default', gateway: '192.168.1.1', link: 'br0', metric: 100, protocol: 'dhcp' },
    { family: 4, destination: '192.168.1.0/24', gateway: null, link: 'br0', metric: 0, protocol: 'kernel' },
  ]);
  expect(parseRoutes('', 6)).toEqual([]);
});

describe('os-release', () => {
  it.each([
    ['PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n', 'debian', 'debian', '12'],
    ['NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"', 'debian', 'ubuntu', '24.04'],
    ["ID='raspbian'\nID_LIKE=debian\nVERSION_ID='11'", 'debian', 'raspbian', '11'],
    ['NAME="CentOS Linux"\nVERSION_ID="7"\nID="centos"\nID_LIKE="rhel fedora"\n', 'rhel', 'centos', '7'],
    ['ID=alpine\nVERSION_ID=3.20', 'other', 'alpine', '3.20'],
    ['', 'other', '', ''],
  ])('%j is %s', (text, family, id, versionId) => {
    expect(parseOsRelease(text)).toMatchObject({ family, id, versionId });
  });
});

it('resolv.conf: all name servers, the last search line', () => {
  const text =
    '# by hand\nnameserver 192.168.1.1\nsearch old\n nameserver  9.9.9.9\nnameserver\nsearch lan home\noptions ndots:1\n';
  expect(parseResolvConf(text)).toEqual({ nameservers: ['192.168.1.1', '9.9.9.9'], search: ['lan', 'home'] });
});

describe('a DHCP client', () => {
  it.each([
    [
      'dhclient -4 -v -i -pf /run/dhclient.eth0.pid -lf /var/lib/dhcp/dhclient.eth0.leases -I -df /var/lib/dhcp/dhclient6.eth0.leases eth0',
      'dhclient',
      'eth0',
    ],
    ['/sbin/udhcpc -n -p /run/udhcpc.ens3.pid -i ens3', 'udhcpc', 'ens3'],
    ['busybox udhcpc -i eth1 -f', 'udhcpc', 'eth1'],
    ['udhcpc', 'udhcpc', 'eth0'],
    ['dhcpcd: eth0 [ip4]', 'dhcpcd', 'eth0'],
    ['dhcpcd: [manager] [ip4] [ip6]', 'dhcpcd', null],
  ])('%s', (line, name, link) => expect(parseClient(line.split(' '))).toEqual({ name, link }));
  it.each(['sshd: root@pts/0', 'vi dhclient.conf', 'grep dhclient', ''])('is not %j', (line) => {
    expect(parseClient(line.split(' '))).toBeNull();
  });
});

it('iptables: policy, chain, and the accept rule of one bridge', () => {
  const rules =
    '-P INPUT ACCEPT\n-P FORWARD DROP\n-N DOCKER-USER\n-A DOCKER-USER -i br0 -o br0 -j ACCEPT\n-A DOCKER-USER -i br1 -o br2 -j ACCEPT\n-A DOCKER-USER -j RETURN\n';
  expect(parseRules(rules)).toEqual({
    forwardPolicy: 'DROP',
    dockerUserChain: true,
    acceptedBridges: ['br0'],
  });
  expect(parseRules('')).toEqual({ forwardPolicy: null, dockerUserChain: false, acceptedBridges: [] });
});

it('nmcli: what NetworkManager has in its hands', () => {
  expect(parseNmcli('eth0:connected\nbr0:unmanaged\nwlan0:unavailable\nlo:connected (externally)\n')).toEqual(
    ['eth0', 'lo'],
  );
});

it('SSH_CONNECTION: the client, v4 or v6, and nothing that is no address', () => {
  expect(parseSshConnection('192.168.1.50 51234 192.168.1.10 22')).toBe('192.168.1.50');
  expect(parseSshConnection('fe80::1%eth0 51234 fe80::2 22')).toBe('fe80::1');
  expect(parseSshConnection('$(reboot) 1 2 3')).toBeNull();
  expect(parseSshConnection(undefined)).toBeNull();
});

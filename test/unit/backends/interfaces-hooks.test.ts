import { describe, expect, it } from 'vitest';
import { convert } from '../../../src/backends/ifupdown/convert.js';
import { converted, factsWith, INTERFACES, spec, text } from './support.js';

/** The line of a hook in the converted file with the interface whose stanza has it; the codes of the risks behind it. */
function moved(
  hook: string,
  stanza = 'iface eth0 inet static\n    address 192.168.1.10/24\n',
  followsFirewall = false,
): string {
  const before = `auto eth0\n${stanza}    ${hook}\n`;
  const facts = factsWith(before);
  const { changed, risks } = convert(facts.files, { ...spec(), followsFirewall }, facts);
  let owner = '';
  for (const line of (changed[INTERFACES] ?? '').split('\n')) {
    owner = /^iface (\S+)/.exec(line)?.[1] ?? owner;
    if (/^ +((pre|post)-)?(up|down) /.test(line))
      return [`${owner}: ${line.trim()}`, ...risks.map(({ message }) => why(message))].join(' | ');
  }
  return 'lost';
}

const why = (message: string) =>
  ['does not know', 'firewall rule', 'while there is no br0'].find((part) => message.includes(part)) ??
  message;

describe('a hook about addresses, routes or aliases goes to the bridge, with its name', () => {
  it.each([
    ['post-up ifup eth0:1', 'post-up ifup br0:1'],
    ['pre-down /sbin/ifdown --force eth0:1', 'pre-down /sbin/ifdown --force br0:1'],
    [
      'up ifconfig eth0:1 192.168.1.11 netmask 255.255.255.0 up',
      'up ifconfig br0:1 192.168.1.11 netmask 255.255.255.0 up',
    ],
    ['down ifconfig eth0:1 down', 'down ifconfig br0:1 down'],
    [
      'up ip addr add 192.168.1.11/24 dev eth0 label eth0:1',
      'up ip addr add 192.168.1.11/24 dev br0 label br0:1',
    ],
    ['up (ip addr add 192.168.1.11/24 dev eth0)', 'up (ip addr add 192.168.1.11/24 dev br0)'],
    [
      'up if ip link show eth0; then ip addr add 192.168.1.11/24 dev eth0; fi',
      'up if ip link show eth0; then ip addr add 192.168.1.11/24 dev br0; fi',
    ],
    [
      'up if ip route get 192.168.1.1 oif eth0; then :; fi',
      'up if ip route get 192.168.1.1 oif br0; then :; fi',
    ],
    [
      'up bash -c "ip addr add 192.168.1.11/24 dev eth0 && ip route add 10.0.0.0/8 dev eth0"',
      'up bash -c "ip addr add 192.168.1.11/24 dev br0 && ip route add 10.0.0.0/8 dev br0"',
    ],
    [
      "up /bin/sh -ec 'ip -6 addr add 2001:db8::1/64 dev eth0'",
      "up /bin/sh -ec 'ip -6 addr add 2001:db8::1/64 dev br0'",
    ],
    ['up sudo -n /sbin/ip route add 10.0.0.0/8 dev eth0', 'up sudo -n /sbin/ip route add 10.0.0.0/8 dev br0'],
    ['up LANG=C ip route add 10.0.0.0/8 dev eth0', 'up LANG=C ip route add 10.0.0.0/8 dev br0'],
    [
      'up for a in 11 12; do ip addr add 192.168.1.$a/24 dev eth0; done',
      'up for a in 11 12; do ip addr add 192.168.1.$a/24 dev br0; done',
    ],
    ['up sysctl -w net.ipv4.conf.eth0.rp_filter=2', 'up sysctl -w net.ipv4.conf.br0.rp_filter=2'],
    ['up sysctl net/ipv6/conf/eth0/accept_ra=0', 'up sysctl net/ipv6/conf/br0/accept_ra=0'],
    [
      'up echo 1 > /proc/sys/net/ipv4/conf/eth0/proxy_arp',
      'up echo 1 > /proc/sys/net/ipv4/conf/br0/proxy_arp',
    ],
    [
      'up echo 0 | tee /proc/sys/net/ipv6/conf/eth0/autoconf',
      'up echo 0 | tee /proc/sys/net/ipv6/conf/br0/autoconf',
    ],
    ['up arping -c 1 -U -I eth0 192.168.1.10', 'up arping -c 1 -U -I br0 192.168.1.10'],
    [
      'up [ "$IFACE" = eth0 ] && ip route add 10.0.0.0/8 dev $IFACE',
      'up [ "$IFACE" = br0 ] && ip route add 10.0.0.0/8 dev $IFACE',
    ],
    [
      'up ip addr add 192.168.1.11/24 dev $IFACE; ethtool -K "$IFACE" gro off',
      'up ip addr add 192.168.1.11/24 dev $IFACE; ethtool -K "eth0" gro off',
    ],
    ['up iptables -A INPUT -i $IFACE -j ACCEPT', 'up iptables -A INPUT -i $IFACE -j ACCEPT'],
    ['pre-up ip rule add from 192.168.1.10 table 7', 'pre-up ip rule add from 192.168.1.10 table 7'],
  ])('%s', (hook, after) => expect(moved(hook)).toBe(`br0: ${after}`));
});

describe('a hook about the NIC stays with it', () => {
  it.each([
    'up ethtool -K eth0 gro off',
    'up sudo ethtool -K $IFACE gro off',
    'up ip link set dev $IFACE txqueuelen 5000',
    'up ifconfig eth0 up',
    'up tc qdisc add dev $IFACE root fq',
    'up echo 2 > /sys/class/net/eth0/queues/rx-0/rps_cpus',
    'up logger eth0 is up',
  ])('%s', (hook) => expect(moved(hook)).toBe(`eth0: ${hook}`));
});

describe('what nobody can know is named', () => {
  it.each([
    ['eth0', 'up /usr/local/sbin/tell eth0', 'does not know'],
    ['eth0', 'up ip link add link eth0 name eth0.10 type vlan id 10', 'does not know'],
    ['eth0', 'up ip link set eth0 master vrf0', 'does not know'],
    ['eth0', 'up ifup eth0', 'does not know'],
    ['eth0', 'down dhclient -r eth0', 'does not know'],
    ['eth0', 'up NIC=eth0; ip addr add 192.168.1.11/24 dev $NIC', 'does not know'],
    ['eth0', 'up case $IFACE in eth0) ip route add 10.0.0.0/8 dev eth0;; esac', 'does not know'],
    ['br0', 'up ip route add 10.0.0.0/8 dev br0; tell eth0', 'does not know'],
    ['eth0', 'post-up iptables -A INPUT -i eth0 -p tcp --dport 22 -j ACCEPT', 'firewall rule'],
    ['eth0', 'pre-up ip addr flush dev eth0', 'while there is no br0'],
    ['eth0', 'pre-up sysctl -w net.ipv6.conf.$IFACE.accept_ra=0', 'while there is no br0'],
    ['eth0', 'post-down ip route flush dev eth0', 'while there is no br0'],
  ])('%s: %s', (owner, hook, because) =>
    expect(moved(hook.replace('dev br0;', 'dev eth0;'))).toBe(`${owner}: ${hook} | ${because}`),
  );

  it('with its file and line, and what to do', () => {
    const facts = factsWith('auto eth0\niface eth0 inet dhcp\n    up /usr/local/sbin/tell eth0\n');
    expect(convert(facts.files, spec(), facts).risks).toEqual([
      {
        check: 'hook-names-uplink',
        severity: 'warning',
        message:
          '"up /usr/local/sbin/tell eth0" (/etc/network/interfaces:3) names eth0 in a command that bridge-setup does not know, which is not changed.',
        remedy: 'Check whether it should name br0: it has the addresses of eth0 from now on.',
      },
    ]);
  });
});

describe('hooks of other interfaces', () => {
  it('follow the addresses, too, and nothing else of their stanzas changes', () => {
    const { after, notes } = converted(
      text(`
        auto eth0
        iface eth0 inet dhcp

        auto eth1
        iface eth1 inet static
            address 10.0.0.1/8
            # the way back
            up ip route add 172.16.0.0/12 via 192.168.1.2 dev eth0
            up ip route add 172.32.0.0/12 dev $IFACE
            post-up ifup eth0:1

        iface eth0:1 inet static
            address 192.168.1.11/24
      `),
    );
    expect(after.slice(after.indexOf('auto eth1'))).toBe(
      text(`
        auto eth1
        iface eth1 inet static
            address 10.0.0.1/8
            # the way back
            up ip route add 172.16.0.0/12 via 192.168.1.2 dev br0
            up ip route add 172.32.0.0/12 dev $IFACE
            post-up ifup br0:1

        iface br0:1 inet static
            address 192.168.1.11/24
      `),
    );
    expect(notes.filter((note) => note.startsWith('eth1:'))).toEqual([
      'eth1: "up ip route add 172.16.0.0/12 via 192.168.1.2 dev eth0" becomes "up ip route add 172.16.0.0/12 via 192.168.1.2 dev br0".',
      'eth1: "post-up ifup eth0:1" becomes "post-up ifup br0:1".',
    ]);
  });
});

describe('the order in which a boot brings interfaces up', () => {
  const STANZAS = 'iface eth1 inet dhcp\niface eth0 inet dhcp\n';
  const autos = (before: string) =>
    converted(before)
      .after.split('\n')
      .filter((line) => line.startsWith('auto'))
      .join('; ');

  it.each([
    [`auto lo eth0 eth1\n${STANZAS}`, 'auto lo br0 eth1'],
    [`auto eth0\nauto eth1\n${STANZAS}`, 'auto br0; auto eth1'],
    [`auto lo eth1 eth0\n${STANZAS}`, 'auto lo eth1; auto br0'],
    [
      `auto eth0 eth1 eth0:0\n${STANZAS}iface eth0:0 inet static\n address 192.168.1.9/24\n`,
      'auto br0 br0:0 eth1',
    ],
    [`auto eth0 eth1\n${STANZAS}    up ethtool -K eth0 gro off\n`, 'auto eth0 br0 eth1'],
  ])('is as before: %s', (before, after) => expect(autos(before)).toBe(after));
});

describe('a rule of the firewall, where those are to follow, goes to the bridge with its name', () => {
  it.each([
    ['post-up iptables -A INPUT -i eth0 -j DROP', 'br0: post-up iptables -A INPUT -i br0 -j DROP'],
    [
      'pre-up /sbin/ip6tables -A INPUT -i eth0 -p tcp --dport 22 -j ACCEPT || true',
      'br0: pre-up /sbin/ip6tables -A INPUT -i br0 -p tcp --dport 22 -j ACCEPT || true',
    ],
    [
      'post-down iptables -t nat -D POSTROUTING -o eth0 -j MASQUERADE',
      'br0: post-down iptables -t nat -D POSTROUTING -o br0 -j MASQUERADE',
    ],
    [
      'up nft add rule inet filter input iifname eth0 accept',
      'br0: up nft add rule inet filter input iifname br0 accept',
    ],
    [
      'up ebtables -A FORWARD -i eth0 -j DROP',
      'eth0: up ebtables -A FORWARD -i eth0 -j DROP | firewall rule',
    ],
    [
      'up iptables -A FORWARD -m physdev --physdev-in eth0 -j DROP',
      'eth0: up iptables -A FORWARD -m physdev --physdev-in eth0 -j DROP | firewall rule',
    ],
  ])('%s', (hook, line) => {
    expect(moved(hook, undefined, true)).toBe(line);
  });
});

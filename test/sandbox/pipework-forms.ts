import { THIRD } from './pipework-support.js';

/** A form of the original's README, and how ours differs from it. */
export interface Form {
  readonly name: string;
  /** Commands one after another; `GUEST` is the container. */
  readonly commands: readonly (readonly string[])[];
  /** More words for ours. */
  readonly ours?: readonly string[];
  /** The MAC address is given, so it has to be the same. */
  readonly mac?: true;
  /** Ours refuses it here. */
  readonly fails?: true;
  /** What only one of the two has, as the test saw it: `-` the original's, `+` ours. */
  readonly differences?: readonly string[];
  /** Why ours is better. */
  readonly reason?: string;
}

const ADDRESS = '192.168.1.81/24';

/** In the order of the README. */
export const FORMS: readonly Form[] = [
  { name: 'a bridge', commands: [['br0', 'GUEST', ADDRESS]] },
  {
    name: 'a bridge that is missing',
    fails: true,
    commands: [['br5', 'GUEST', '10.5.0.1/24']],
    differences: [
      '- succeeds',
      '+ fails',
      '- link eth1 veth mtu 1500 UP',
      '- address eth1 10.5.0.1/24 brd 10.5.0.255',
      '- route 10.5.0.0/24 dev eth1 proto kernel scope link src 10.5.0.1',
      '- host 1 port(s) of br5',
    ],
    reason: 'a mistyped name gives no bridge that leads nowhere',
  },
  {
    name: 'a missing bridge, ours with --create',
    commands: [['br6', 'GUEST', '10.6.0.1/24']],
    ours: ['--create'],
  },
  { name: '-i', commands: [['br0', '-i', 'eth2', 'GUEST', ADDRESS]] },
  { name: '-i and -l', commands: [['br0', '-i', 'eth2', '-l', 'hostapp1', 'GUEST', ADDRESS]] },
  {
    name: 'two interfaces',
    commands: [
      ['br0', 'GUEST', ADDRESS],
      ['br0', '-i', 'eth2', 'GUEST', '192.168.2.1/24'],
    ],
  },
  { name: 'another netmask', commands: [['br0', 'GUEST', '192.168.4.25/20']] },
  { name: 'a gateway', commands: [['br0', 'GUEST', `${ADDRESS}@192.168.1.1`]] },
  {
    name: 'a gateway off the subnet',
    commands: [['br0', 'GUEST', '192.168.1.81/32@192.168.1.1']],
    differences: ['- address eth1 192.168.1.81/32 brd 192.168.1.81', '+ address eth1 192.168.1.81/32'],
    reason: 'a network of one address has no broadcast address',
  },
  { name: '-a 4', commands: [['br0', '-a', '4', 'GUEST', ADDRESS]] },
  {
    name: '-a 6',
    commands: [['br0', '-a', '6', 'GUEST', '2001:db8::81/64']],
    differences: [
      '- fails',
      '+ succeeds',
      '- link eth1 veth mtu 1500 DOWN',
      '- litter in /run/netns',
      '+ link eth1 veth mtu 1500 UP',
      '+ address eth1 2001:db8::81/64',
      '+ route 2001:db8::/64 dev eth1 proto kernel metric 256 pref medium',
    ],
    reason: 'where busybox is installed, the original asks its ipcalc, which knows IPv4 only',
  },
  { name: 'another NIC: macvlan', commands: [['eth1', 'GUEST', `${ADDRESS}@192.168.1.1`]] },
  { name: '--direct-phys', commands: [['--direct-phys', 'eth2', 'GUEST', ADDRESS]], mac: true },
  {
    name: '--direct-phys mac:',
    commands: [['--direct-phys', `mac:${THIRD.mac}`, '-i', 'container0', 'GUEST', '0/0']],
    mac: true,
  },
  { name: '0/0', commands: [['br0', 'GUEST', '0/0']] },
  {
    name: 'dummy',
    fails: true,
    commands: [['dummy', 'GUEST', '192.168.21.101/24@192.168.21.1']],
    differences: ['- litter in /run/netns'],
    reason: 'it leaves nothing behind where the kernel has no dummy interfaces',
  },
  {
    name: 'udhcpc',
    commands: [['br0', 'GUEST', 'udhcpc', '02:00:00:00:00:81']],
    mac: true,
    differences: [
      '- fails',
      '+ succeeds',
      '- address eth1 192.168.1.191/24 brd 192.168.1.255',
      '- litter in /run/netns',
      '+ address eth1 192.168.1.191/24 with a lifetime',
    ],
    reason: 'the client stays and renews, the address ends with its lease, and success exits 0',
  },
  { name: 'a MAC address', commands: [['br0', 'GUEST', ADDRESS, '26:2e:71:98:60:8f']], mac: true },
  { name: 'U:string', commands: [['br0', 'GUEST', ADDRESS, 'U:myhost.foo.com']], mac: true },
  { name: 'U:string with spaces', commands: [['br0', 'GUEST', ADDRESS, 'U:my  host']], mac: true },
  {
    name: 'a VLAN on a NIC',
    fails: true,
    commands: [['eth1', 'GUEST', ADDRESS, '@10']],
    differences: ['- litter in /run/netns'],
    reason: 'it leaves nothing behind where the kernel has no VLANs',
  },
  { name: 'a VLAN on a Linux bridge', fails: true, commands: [['br0', 'GUEST', ADDRESS, '@10']] },
  {
    name: 'route',
    commands: [
      ['br0', 'GUEST', ADDRESS],
      ['route', 'GUEST', 'add', '10.0.5.0/24', 'via', '192.168.1.2'],
    ],
  },
  {
    name: 'rule',
    commands: [
      ['br0', 'GUEST', ADDRESS],
      ['rule', 'GUEST', 'add', 'from', '172.19.0.2/32', 'table', '1'],
    ],
  },
  {
    name: 'tc',
    commands: [
      ['br0', 'GUEST', ADDRESS],
      ['tc', 'GUEST', 'qdisc', 'add', 'dev', 'eth1', 'root', 'pfifo', 'limit', '7'],
    ],
  },
  { name: 'Open vSwitch', fails: true, commands: [['ovsbr0', 'GUEST', ADDRESS]] },
  {
    name: 'the same again',
    commands: [
      ['br0', 'GUEST', ADDRESS],
      ['br0', 'GUEST', ADDRESS],
    ],
    differences: ['- fails', '+ succeeds', '- litter in /run/netns'],
    reason: 'what is so already is a success',
  },
  { name: 'no netmask', fails: true, commands: [['br0', 'GUEST', '192.168.1.81']] },
];

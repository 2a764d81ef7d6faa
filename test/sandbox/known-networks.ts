import type { Line, RandomNetwork } from './random-network.js';

const network = (lines: readonly (readonly [Line['family'], string])[], settings = {}): RandomNetwork => ({
  settings,
  gateway: null,
  lines: lines.map(([family, text]) => ({ family, text })),
});

/** Networks that were different once; each run begins with them. */
export const KNOWN_NETWORKS: readonly RandomNetwork[] = [
  // The route to the subnet took the end of the address that was moved last.
  network([
    [0, 'address add fd00:2::10/64 dev eth0 valid_lft 7000 preferred_lft 3000'],
    [0, 'address add fd00:2::11/64 dev eth0 valid_lft 9000 preferred_lft 0'],
  ]),
  // The route of eth2 was replaced by that of the bridge.
  network([
    [0, 'address add fd00:2::10/64 dev eth2'],
    [0, 'address add fd00:2::10/64 dev eth0 valid_lft 7000 preferred_lft 3000'],
  ]),
  // The gateway is reached by the one default route, which came together with the other one.
  network([
    [6, 'route add default dev eth0'],
    [6, 'route add fd99::/64 via fd00:1::1 dev eth0'],
    [6, 'route append default via fd00:1::1 dev eth0'],
  ]),
  // The leased one of two that differ by their peer was given for ever.
  network([
    [0, 'address add 192.168.1.15/32 dev eth0 valid_lft 7000 preferred_lft 3000'],
    [0, 'address add 192.168.1.15 peer 192.168.1.1/32 dev eth0'],
  ]),
  // A rule hides the gateway of the next hop through eth1, and the kernel asks for that again: refused before.
  network([
    [0, 'address add 10.7.0.14/25 dev eth1'],
    [4, 'route add 10.99.1.0/24 nexthop via 192.168.1.2 dev eth0 onlink nexthop via 10.7.0.3 dev eth1'],
    [4, 'rule add not from all oif eth0 ipproto tcp dport 22 priority 100 unreachable'],
  ]),
  // Another link has the hidden gateway for its broadcast address, which no rule hides.
  network([
    [0, 'address add 172.20.5.15/24 dev eth0'],
    [0, 'address add 172.20.5.12 peer 172.20.5.1/30 dev eth2'],
    [4, 'route add 10.99.0.0/16 via 172.20.5.3 dev eth0'],
    [4, 'rule add not from all iif eth0 priority 100 unreachable'],
  ]),
  // The second half of addresses that routers advertise stayed with the port.
  network([[0, 'token set ::5 dev eth0']], { 'ipv6/conf/eth0/router_solicitations': '1' }),
];

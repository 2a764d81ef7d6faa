import { describe, expect, it } from 'vitest';
import { addressEntry } from '../../../src/iproute/address.js';
import { neighbourLines } from '../../../src/iproute/neighbour.js';
import { nexthopLine, parseIpNexthops } from '../../../src/iproute/nexthop.js';
import { obstaclesOf } from '../../../src/iproute/obstacles.js';
import { parseIpRoutes } from '../../../src/iproute/route.js';
import { planRouteMoves } from '../../../src/iproute/route-moves.js';
import { parseIpRules, planRuleMoves } from '../../../src/iproute/rule.js';

const lines = (text: string, family: 4 | 6 = 4) =>
  planRouteMoves(parseIpRoutes(text, family), 'eth0', 'br0').flatMap((each) => each.lines);
const faithful = (text: string, family: 4 | 6 = 4) =>
  planRouteMoves(parseIpRoutes(text, family), 'eth0', 'br0').every((each) => each.faithful);

describe('routes to another link', () => {
  it('keep all that makes them what they are', () => {
    const text =
      'unicast 10.9.0.0/16 tos 0x10 via 192.168.1.1 dev eth0 table 77 proto static scope global linkdown mtu lock 1400 onlink';
    expect(lines(text)).toEqual([
      'route replace unicast 10.9.0.0/16 tos 0x10 via 192.168.1.1 dev br0 table 77 proto static scope global mtu lock 1400 onlink',
    ]);
  });

  it('of several next hops: those of other links stay', () => {
    const text =
      'unicast default table main proto boot scope global metric 5 \\	nexthop via 192.168.1.1 dev eth0 weight 2 \\	nexthop via 10.1.0.2 dev eth1 weight 1 ';
    expect(lines(text)).toEqual([
      'route replace unicast default table main proto boot scope global metric 5 nexthop via 192.168.1.1 dev br0 weight 2 nexthop via 10.1.0.2 dev eth1 weight 1',
    ]);
  });

  it('leave the default routes of other links alone', () => {
    const text = [
      'unicast default via 10.1.0.1 dev eth1 table main proto boot scope global',
      'unicast default via 192.168.1.1 dev eth0 table main proto boot scope global metric 200',
    ].join('\n');
    expect(lines(text)).toEqual([
      'route replace unicast default via 192.168.1.1 dev br0 table main proto boot scope global metric 200',
    ]);
    // Replaced, the first of the two would go.
    expect(lines(text.replace(' metric 200', ''))).toEqual([
      'route append unicast default via 192.168.1.1 dev br0 table main proto boot scope global',
      'route del unicast default via 192.168.1.1 dev eth0 table main proto boot scope global',
    ]);
  });

  it('are not moved as they were where a route of another link stands behind one that is not the first', () => {
    const route = (link: string) => `unicast 10.0.0.0/8 dev ${link} table main proto boot scope link`;
    expect(faithful([route('eth0'), route('eth1')].join('\n'))).toBe(true);
    expect(faithful([route('eth1'), route('eth0')].join('\n'))).toBe(true);
    expect(faithful([route('eth1'), route('eth0'), route('eth2')].join('\n'))).toBe(false);
    const ll = (link: string) =>
      `unicast fe80::/64 dev ${link} table main proto kernel metric 256 pref medium`;
    expect(faithful([ll('eth1'), ll('eth0'), ll('eth2')].join('\n'), 6)).toBe(true);
  });

  it('come before those whose gateway is reached by them, also as alternatives of others with a gateway', () => {
    const text = [
      'unicast fd99::/64 via fd00:1::1 dev eth0 table main proto boot scope global metric 1024 pref medium',
      'unicast fd00:2::/64 dev eth0 table main proto kernel scope global metric 256 pref medium',
      'unicast default dev eth0 table main proto boot scope global metric 1024 pref medium',
      'unicast default via fd00:1::1 dev eth0 table main proto boot scope global metric 1024 pref medium',
    ].join('\n');
    const moves = planRouteMoves(parseIpRoutes(text, 6), 'eth0', 'br0');
    expect(moves.map(({ first, viaGateway }) => [first.destination, viaGateway])).toEqual([
      ['fd99::/64', 'all'],
      ['fd00:2::/64', 'none'],
      ['default', 'some'],
    ]);
  });

  it('are deleted only where an address has brought the same along', () => {
    const route = (link: string) =>
      `unicast 192.168.1.0/24 dev ${link} table main proto kernel scope link src 192.168.1.10`;
    expect(lines([route('eth0'), route('br0')].join('\n'))).toEqual([`route del ${route('eth0')}`]);
    expect(lines([route('eth0'), route('eth1'), route('br0')].join('\n'))).toEqual([
      `route del ${route('br0')}`,
      `route replace ${route('br0')}`,
    ]);
  });

  it('lose the unit of their lifetime, and follow a nexthop object', () => {
    const text =
      'unicast default via fe80::1 dev eth0 table main proto ra metric 1024 expires 99sec pref high';
    expect(lines(text, 6)[0]).toContain('dev br0 table main proto ra metric 1024 expires 99 pref high');
    expect(lines('unicast 10.7.0.0/16 nhid 5 via 192.168.1.1 dev eth0 table main\n	nh_info id 5')).toEqual(
      [],
    );
  });

  it('do not include those to the own addresses', () => {
    const own = 'dev eth0 table local proto kernel scope host src 192.168.1.10';
    expect(lines(`local 192.168.1.10 ${own}`)).toEqual([]);
    expect(lines(`local 10.88.0.0/24 ${own.replace('kernel', 'boot')}`)).toHaveLength(1);
  });
});

describe('rules to another link', () => {
  it('keep their place among those of the same priority', () => {
    const text =
      '0:	from all lookup local\n50:	from all iif eth0 [detached] lookup 77\n50:	from all fwmark 0x1 lookup 78\n60:	from all oif eth1 lookup 5\n';
    expect(planRuleMoves(parseIpRules(text), 'eth0', 'br0')).toEqual([
      'rule add priority 50 from all iif br0 lookup 77',
      'rule del priority 50 from all iif eth0 lookup 77',
      'rule del priority 50 from all fwmark 0x1 lookup 78',
      'rule add priority 50 from all fwmark 0x1 lookup 78',
    ]);
  });
});

it('nexthop objects and neighbours are given to another link', () => {
  const [nexthop] = parseIpNexthops('id 5 via 192.168.1.1 dev eth0 scope link proto static onlink \n');
  expect(nexthop && nexthopLine(nexthop, 'br0')).toBe(
    'nexthop replace id 5 via 192.168.1.1 dev br0 onlink proto static',
  );
  const shown =
    '192.168.1.1 lladdr 02:00:00:00:00:01 STALE\n192.168.1.9 lladdr 02:00:00:00:00:09 PERMANENT\n192.168.1.7 FAILED\n';
  expect(neighbourLines(shown, '192.168.1.8 proxy\n', 'br0')).toEqual([
    'neighbour replace 192.168.1.1 lladdr 02:00:00:00:00:01 dev br0 nud reachable',
    'neighbour replace 192.168.1.9 lladdr 02:00:00:00:00:09 dev br0 nud permanent',
    'neighbour replace proxy 192.168.1.8 dev br0',
  ]);
});

describe('what cannot be moved', () => {
  const read = (routes: string, nexthops = '', flags = {}) =>
    obstaclesOf(
      {
        routes: [...parseIpRoutes(routes, 4)],
        nexthops: parseIpNexthops(nexthops),
        addresses: {
          eth0: [
            addressEntry.parse({
              family: 'inet6',
              local: 'fd00::2',
              prefixlen: 64,
              scope: 'global',
              ...flags,
            }),
          ],
        },
      },
      'eth0',
    ).map(({ kind, text }) => `${kind} ${text}`);

  it.each([
    [
      'unicast 10.0.0.0/8 encap mpls 100 via 10.1.0.1 dev eth0 table main',
      'route unicast 10.0.0.0/8 encap mpls 100',
    ],
    [
      'unicast default table main \\	nexthop via 10.1.0.1 dev eth0 weight 1 \\	nexthop via 10.2.0.1 dev eth1 weight 1 dead linkdown',
      'route unicast default',
    ],
  ])('is found: %s', (routes, found) => {
    expect(read(routes)).toEqual([expect.stringContaining(found)]);
  });

  it('is a nexthop object without a gateway, and an address of a secret', () => {
    expect(read('', 'id 8 dev eth0 scope link\nid 5 via 10.1.0.1 dev eth0\nid 9 group 5/8\n')).toEqual([
      'nexthop id 8 dev eth0 scope link',
    ]);
    expect(read('', '', { 'stable-privacy': true })).toEqual(['address fd00::2/64']);
    expect(read('unicast default via 10.1.0.1 dev eth0 table main')).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Route } from '../../../src/model/facts.js';
import { ids, onlyFinding } from '../support/findings.js';

const route = (link: string, parts: Partial<Route> = {}): Route => ({
  family: 4,
  destination: 'default',
  gateway: '192.168.1.1',
  link,
  metric: 100,
  protocol: 'boot',
  ...parts,
});
const v6 = (link: string, protocol = 'static') =>
  route(link, { family: 6, gateway: 'fe80::1', metric: 1024, protocol });

describe('default-routes-clash', () => {
  it('names both, wherever the one of the uplink stands', () => {
    const other = route('eth1', { gateway: '10.0.0.1' });
    for (const routes of [
      [route('eth0'), other],
      [other, route('eth0')],
    ]) {
      const finding = onlyFinding({ routes });
      expect(finding).toMatchObject({ check: 'default-routes-clash', severity: 'error' });
      expect(finding.message).toContain('eth0 (via 192.168.1.1) and eth1 (via 10.0.0.1)');
      expect(finding.message).toContain('IPv4');
      expect(finding.remedy).toContain('Give the route of eth1 another metric');
    }
  });

  it('takes the routes of the bridge for those of the uplink', () => {
    expect(ids({ routes: [route('br0'), route('eth1')] })).toEqual(['error default-routes-clash']);
    expect(ids({ routes: [route('br0'), route('eth0')] })).toEqual([]);
  });

  it('knows a route without a gateway', () => {
    expect(onlyFinding({ routes: [route('eth0'), route('ppp0', { gateway: null })] }).message).toContain(
      'and ppp0. ',
    );
  });

  it('is said of IPv6, too, each family by itself', () => {
    expect(onlyFinding({ routes: [v6('eth0'), v6('eth1')] }).message).toContain('IPv6');
    expect(ids({ routes: [route('eth0'), route('eth1'), v6('eth0'), v6('eth1')] })).toHaveLength(2);
    expect(ids({ routes: [route('eth0', { metric: 1024 }), v6('eth1')] })).toEqual([]);
  });

  it.each<[string, Route[]]>([
    ['the metrics differ', [route('eth0'), route('eth1', { metric: 101 })]],
    ['other links clash', [route('eth0'), route('eth1', { metric: 5 }), route('eth2', { metric: 5 })]],
    ['the routers announced themselves', [v6('eth0', 'ra'), v6('eth1', 'ra')]],
    ['one of the two routers announced itself', [v6('eth0'), v6('eth1', 'ra')]],
    [
      'they are no default routes',
      ['eth0', 'eth1'].map((link) => route(link, { destination: '10.0.0.0/8' })),
    ],
    ['both lead through the uplink', [route('eth0'), route('eth0', { gateway: '192.168.1.2' })]],
  ])('is not said where %s', (_what, routes) => expect(ids({ routes })).toEqual([]));

  it('does not spare a route of IPv4 for its protocol', () => {
    expect(ids({ routes: ['eth0', 'eth1'].map((link) => route(link, { protocol: 'ra' })) })).toHaveLength(1);
  });
});

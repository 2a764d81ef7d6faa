import { describe, expect, it } from 'vitest';
import { unequal, type WholeNetwork } from '../../../src/apply/equality.js';
import { restoreLink, restoreSettings } from '../../../src/apply/restore-link.js';
import { parseRouteText } from '../../../src/facts/network-details.js';
import type { Link } from '../../../src/model/facts.js';
import { network } from '../support/applied.js';
import { link } from '../support/facts.js';
import { FakeHost } from '../support/fake-host.js';

const addresses: Link['addresses'] = [
  { family: 4, address: '192.168.1.10', prefix: 24, scope: 'global', dynamic: false },
];
const eth0 = (parts: Partial<Link>) => ({ links: [link({ name: 'eth0', addresses, ...parts })] });
const STATIC = '192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.10';
const DEFAULT = 'default via 192.168.1.1 dev eth0 metric 100';
const SETTINGS = { 'ipv6/conf/eth0/accept_ra': '0' };

/** A network with these routes of IPv4, or with `-6` before them of IPv6. */
function whole(routes: readonly string[], parts: Partial<WholeNetwork> = {}): WholeNetwork {
  const details = {
    routes: routes.flatMap((text) => parseRouteText(text.replace('-6 ', ''), text.startsWith('-6 ') ? 6 : 4)),
    rules: ['-4 0: from all lookup local'],
    settings: SETTINGS,
    zones: { eth0: 'internal' },
  };
  return { ...network(eth0({})), details, ...parts };
}
const before = whole([STATIC, DEFAULT]);
const said = (after: WholeNetwork, now: WholeNetwork | null = null, was = before) =>
  unequal({ before: was, now, runs: [], uplink: 'eth0' }, after).map(({ what }) => what);

describe('unequal', () => {
  it('finds nothing where all is as before, whatever Docker and containers do', () => {
    const docker = link({ name: 'docker0', kind: 'bridge', addresses: [] });
    const withDocker = (routes: string[]) =>
      whole([STATIC, DEFAULT, ...routes], { links: [...before.links, docker] });
    const was = withDocker(['172.17.0.0/16 dev docker0 proto kernel scope link linkdown']);
    expect(said(before)).toEqual([]);
    expect(said(withDocker([]), null, was)).toEqual([]);
    expect(said(withDocker(['10.5.0.0/16 via 10.0.0.1 dev wg0']))).toEqual([]);
  });

  it('names a route that has another metric, table or gateway, and one too many', () => {
    expect(said(whole([STATIC, 'default via 192.168.1.1 dev eth0 metric 200']))).toEqual([
      'Before: the route "default via 192.168.1.1 dev eth0 metric 100". Not so now.',
      'Not so before: the route "default via 192.168.1.1 dev eth0 metric 200".',
    ]);
    expect(said(whole([STATIC, DEFAULT, '10.9.0.0/16 via 192.168.1.1 dev eth0 table 100']))).toEqual([
      'Not so before: the route "10.9.0.0/16 via 192.168.1.1 dev eth0 table 100".',
    ]);
  });

  it('knows the metric that goes by the index of the link', () => {
    const local = (metric: number) => `169.254.0.0/16 dev eth0 scope link metric ${metric}`;
    const was = whole([STATIC, local(1002)]);
    expect(said(whole([STATIC, local(1025)]), null, was)).toEqual([]);
    expect(said(whole([STATIC, local(1025), local(1002)]), null, was)).toEqual([]);
    expect(said(whole([STATIC, local(50)]), null, was)).toHaveLength(2);
  });

  it('names addresses, rules, settings, zones and states of links', () => {
    const other = { family: 4, address: '10.0.0.5', prefix: 8, scope: 'global', dynamic: false } as const;
    const details = {
      ...before.details,
      rules: [],
      settings: { 'ipv6/conf/eth0/accept_ra': '1' },
      zones: { eth0: 'public' },
    };
    const after = whole([], { details, ...eth0({ addresses: [...addresses, other], mtu: 1400 }) });
    expect(said(after)).toEqual([
      'Before: the rule "-4 0: from all lookup local". Not so now.',
      'Not so before: eth0 has 10.0.0.5/8.',
      'Before: eth0 is up, with MTU 1500, no port. Now: eth0 is up, with MTU 1400, no port.',
      'Before: net/ipv6/conf/eth0/accept_ra was 0. Now: 1.',
      'Before: eth0 was in the zone internal of firewalld. Now: public.',
    ]);
  });

  it('leaves to a lease and to routers what they give, and names what they did not give before', () => {
    const leased = eth0({
      addresses: [{ family: 4, address: '192.168.1.50', prefix: 24, scope: 'global', dynamic: true }],
    });
    const was = whole(['192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.50'], leased);
    const renewed = ['192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.77'];
    expect(said(whole(renewed, leased), null, was)).toEqual([]);
    expect(said(whole([...renewed, 'default via 192.168.1.1 dev eth0'], leased), null, was)).toEqual([
      'Not so before: the route "default via 192.168.1.1 dev eth0".',
    ]);
    // A lease that comes back as it was, for the time being without its end.
    const fixed = eth0({
      addresses: leased.links[0]?.addresses.map((one) => ({ ...one, dynamic: false })) ?? [],
    });
    const subnet = '192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.50';
    expect(said(whole([subnet], fixed), null, was)).toEqual([]);
    const dhcpcd = '-6 default via fe80::1 dev eth0 proto ra metric 1002';
    const kernel = '-6 default via fe80::1 dev eth0 proto ra metric 1024 expires 1790sec';
    const advertised = whole([STATIC, DEFAULT, dhcpcd]);
    expect(said(whole([STATIC, DEFAULT]), null, advertised)).toEqual([]);
    expect(said(whole([STATIC, DEFAULT, dhcpcd, kernel]), null, advertised)).toEqual([
      'Not so before: the route "-6 default via fe80::1 dev eth0 proto ra metric 1024".',
    ]);
  });

  it('takes no offence at a route that a router has begun to advertise meanwhile', () => {
    const listening = { ...before.details, settings: { 'ipv6/conf/eth0/accept_ra': '1' } };
    const route = '-6 default via fe80::1 dev eth0 proto ra metric 1024 expires 29sec';
    const after = whole([STATIC, DEFAULT, route]);
    const details = { ...after.details, settings: listening.settings };
    expect(said({ ...after, details }, null, { ...before, details: listening })).toEqual([]);
    expect(said(after)).toHaveLength(1);
  });

  it('leaves alone what somebody else has changed since, weeks later', () => {
    const now = whole(['10.7.0.0/16 via 192.168.1.2 dev br0', DEFAULT.replace('eth0', 'br0')]);
    expect(said(whole([DEFAULT, '10.7.0.0/16 via 192.168.1.2 dev eth0']), now)).toEqual([]);
  });

  it('names what the set-up itself has added or lost, also weeks later', () => {
    const [theirs, ours, lost] = ['10.7.0.0/16', '10.8.0.0/16', '10.9.0.0/16'];
    const via = (subnet: string, link: string) => `${subnet} via 192.168.1.2 dev ${link}`;
    const was = whole([STATIC, DEFAULT, via(lost, 'eth0')]);
    const made = whole([DEFAULT.replace('eth0', 'br0'), via(ours, 'br0')]);
    const now = whole([DEFAULT.replace('eth0', 'br0'), via(ours, 'br0'), via(theirs, 'br0')]);
    const after = whole([STATIC, DEFAULT, via(ours, 'eth0'), via(theirs, 'eth0')]);
    const runs = [{ before: was, after: made }];
    const found = unequal({ before: was, now, runs, uplink: 'eth0' }, after);
    expect(found.map(({ what }) => what)).toEqual([
      `Before: the route "${via(lost, 'eth0')}". Not so now.`,
      `Not so before: the route "${via(ours, 'eth0')}".`,
    ]);
    expect(said(after, now, was)).toEqual([]);
  });
});

describe('the uplink after a rollback', () => {
  const host = (files: Readonly<Record<string, string>>) => {
    const made = new FakeHost();
    for (const [path, text] of Object.entries(files)) made.content.set(path, text);
    return made;
  };
  const was = { ...before, passed: [], uplink: 'eth0' };

  it('has its settings back, and those about routers before it comes out of the bridge', async () => {
    const settings = { 'ipv6/conf/eth0/accept_ra': '0', 'ipv4/conf/eth0/rp_filter': '1' };
    const details = { ...before.details, settings };
    const made = host({
      '/proc/sys/net/ipv6/conf/eth0/accept_ra': '1\n',
      '/proc/sys/net/ipv4/conf/eth0/rp_filter': '2\n',
    });
    const written = () => made.commands.map(({ argv, input }) => `${argv.at(-1)}=${input}`);
    expect(await restoreSettings(made, { ...was, details }, 'first')).toEqual([]);
    expect(written()).toEqual(['/proc/sys/net/ipv6/conf/eth0/accept_ra=0']);
    await restoreSettings(made, { ...was, details }, 'last');
    expect(written()).toContain('/proc/sys/net/ipv4/conf/eth0/rp_filter=1');
  });

  it.each([
    ['down', { up: false }, { flags: '0x1003' }, 'link set dev eth0 down\n'],
    ['with its MTU', { mtu: 9000 }, { mtu: '1500', flags: '0x1003' }, 'link set dev eth0 mtu 9000\n'],
    ['untouched where it is up as before', {}, { mtu: '1500', flags: '0x1003' }, undefined],
    ['untouched while it is a port', { up: false }, { flags: '0x1003', master: '' }, undefined],
  ])('is %s', async (_, parts, files, line) => {
    const made = host(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`/sys/class/net/eth0/${name}`, text])),
    );
    expect(await restoreLink(made, { ...was, ...eth0(parts) })).toEqual([]);
    expect(made.commands.at(-1)?.input).toBe(line);
  });
});

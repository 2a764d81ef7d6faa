import fc from 'fast-check';

/** A line of ip(8) that makes a part of a network; the kernel may refuse it. */
export interface Line {
  /** 0: the line names no family, or says it itself. */
  readonly family: 0 | 4 | 6;
  readonly text: string;
}

/** A network, as the commands that make it; the uplink is eth0. */
export interface RandomNetwork {
  /** Settings of eth0, by path below /proc/sys/net. */
  readonly settings: Readonly<Record<string, string>>;
  readonly lines: readonly Line[];
  /** The gateway in the file of the uplink; `null`: none. */
  readonly gateway: string | null;
}

const LINKS = ['eth0', 'eth1', 'eth2'] as const;
/** Subnets; eth0 is in the first two of each, the others overlap with it. */
const NETS4 = ['192.168.1', '10.7.0', '172.20.5'];
const NETS6 = ['fd00:1:', 'fd00:2:', '2001:db8:5:'];

const link = fc.constantFrom(...LINKS);
/** The uplink more often than the others. */
const often = fc.constantFrom('eth0', 'eth0', 'eth0', 'eth1', 'eth2');
const net = fc.nat(2);
const host = fc.integer({ min: 10, max: 16 });
const metric = fc.constantFrom('', '', '', ' metric 5', ' metric 50', ' metric 200');
const table = fc.constantFrom('', '', '', ' table 77', ' table 100');
const protocol = fc.constantFrom(
  '',
  '',
  ' proto static',
  ' proto ra',
  ' proto dhcp',
  ' proto 99',
  ' proto kernel',
);
const line =
  (family: Line['family']) =>
  (text: string): Line => ({ family, text: text.replace(/ +/g, ' ') });

const lifetime = fc.constantFrom(
  '',
  '',
  ' valid_lft 7000 preferred_lft 3000',
  ' valid_lft 9000 preferred_lft 0',
  ' valid_lft forever preferred_lft 0',
);

const address4 = fc
  .record({
    link: often,
    net,
    host,
    prefix: fc.constantFrom(24, 24, 25, 32),
    broadcast: fc.constantFrom('', ' brd +'),
    label: fc.constantFrom('', '', ':0', ':web'),
    flags: fc.constantFrom('', '', '', ' noprefixroute'),
    scope: fc.constantFrom('', '', '', ' scope link', ' scope host'),
    metric,
    lifetime,
  })
  .map((a) =>
    line(0)(
      `address add ${NETS4[a.net]}.${a.host}/${a.prefix}${a.broadcast} dev ${a.link}${a.scope} label ${a.link}${a.label}${a.metric}${a.lifetime}${a.flags}`,
    ),
  );

const peer4 = fc
  .record({ link: often, net, host, prefix: fc.constantFrom(32, 32, 30) })
  .map((a) =>
    line(0)(`address add ${NETS4[a.net]}.${a.host} peer ${NETS4[a.net]}.1/${a.prefix} dev ${a.link}`),
  );

const address6 = fc
  .record({
    link: often,
    net,
    host,
    prefix: fc.constantFrom(64, 64, 64, 128),
    flags: fc.constantFrom(
      '',
      '',
      ' nodad',
      ' noprefixroute',
      ' mngtmpaddr',
      ' home',
      ' mngtmpaddr noprefixroute',
    ),
    metric,
    lifetime,
  })
  .map((a) =>
    line(0)(
      `address add ${NETS6[a.net]}:${a.host}/${a.prefix} dev ${a.link}${a.metric}${a.lifetime}${a.flags}`,
    ),
  );

const peer6 = fc
  .record({ link: often, net, host })
  .map((a) => line(0)(`address add ${NETS6[a.net]}:${a.host} peer ${NETS6[a.net]}:1/128 dev ${a.link}`));

const linkLocal = fc.oneof(
  fc.constant(line(0)('address add fe80::5/64 dev eth0')),
  fc.constant(line(6)('address flush dev eth0 scope link')),
  fc.constant(line(0)('link set eth0 addrgenmode none')),
  // Where the link sends router solicitations.
  fc.constant(line(0)('token set ::5 dev eth0')),
);

const gateway4 = fc.record({ net, last: fc.constantFrom(1, 2, 3) }).map((g) => `${NETS4[g.net]}.${g.last}`);
const gateway6 = fc.oneof(
  fc.record({ net, last: fc.constantFrom(1, 2) }).map((g) => `${NETS6[g.net]}:${g.last}`),
  fc.constantFrom('fe80::1', 'fe80::2'),
);
const destination4 = fc.constantFrom('default', 'default', '10.99.0.0/16', '10.99.1.0/24', '198.51.100.7');
const destination6 = fc.constantFrom('default', 'default', 'fd99::/48', 'fd99:0:0:1::/64', '2001:db8:77::7');
const verb = fc.constantFrom('add', 'append', 'prepend');

const via4 = fc
  .record({
    verb,
    destination: destination4,
    gateway: gateway4,
    link: often,
    metric,
    table,
    protocol,
    more: fc.constantFrom(
      '',
      '',
      '',
      ' onlink',
      ' mtu 1400',
      ' mtu lock 1300',
      ' tos 0x10',
      ' advmss 1200 initcwnd 4',
    ),
  })
  .map((r) =>
    line(4)(
      `route ${r.verb} ${r.destination} via ${r.gateway} dev ${r.link}${r.metric}${r.table}${r.protocol}${r.more}`,
    ),
  );
const via6 = fc
  .record({
    verb: fc.constantFrom('add', 'append'),
    destination: destination6,
    gateway: gateway6,
    link: often,
    metric,
    table,
    protocol,
    more: fc.constantFrom('', '', ' expires 900', ' mtu 1300', ' pref high', ' onlink'),
  })
  .map((r) =>
    line(6)(
      `route ${r.verb} ${r.destination} via ${r.gateway} dev ${r.link}${r.metric}${r.table}${r.protocol}${r.more}`,
    ),
  );
const onLink4 = fc
  .record({
    verb,
    destination: fc.oneof(
      destination4,
      net.map((n) => `${NETS4[n]}.0/24`),
    ),
    link: often,
    metric,
    table,
    protocol,
    scope: fc.constantFrom('', '', ' scope link', ' scope global'),
    source: fc.oneof(
      fc.constant(''),
      fc.record({ net, host }).map((s) => ` src ${NETS4[s.net]}.${s.host}`),
    ),
  })
  .map((r) =>
    line(4)(
      `route ${r.verb} ${r.destination} dev ${r.link}${r.metric}${r.table}${r.protocol}${r.scope}${r.source}`,
    ),
  );
const onLink6 = fc
  .record({
    verb: fc.constantFrom('add', 'append'),
    destination: fc.oneof(
      destination6,
      net.map((n) => `${NETS6[n]}:/64`),
    ),
    link: often,
    metric,
    table,
    protocol,
    source: fc.oneof(
      fc.constant(''),
      fc.record({ net, host }).map((s) => ` src ${NETS6[s.net]}:${s.host}`),
    ),
  })
  .map((r) =>
    line(6)(`route ${r.verb} ${r.destination} dev ${r.link}${r.metric}${r.table}${r.protocol}${r.source}`),
  );

const hop4 = fc
  .record({
    gateway: gateway4,
    link: often,
    weight: fc.constantFrom('', ' weight 5'),
    onlink: fc.constantFrom('', '', ' onlink'),
  })
  .map((h) => ` nexthop via ${h.gateway} dev ${h.link}${h.weight}${h.onlink}`);
const hop6 = fc
  .record({ gateway: gateway6, link: often, weight: fc.constantFrom('', ' weight 5') })
  .map((h) => ` nexthop via ${h.gateway} dev ${h.link}${h.weight}`);
const multipath = fc.oneof(
  fc
    .record({
      destination: destination4,
      metric,
      table,
      protocol,
      hops: fc.array(hop4, { minLength: 2, maxLength: 3 }),
    })
    .map((r) => line(4)(`route add ${r.destination}${r.metric}${r.table}${r.protocol}${r.hops.join('')}`)),
  fc
    .record({
      destination: destination6,
      metric,
      table,
      protocol,
      hops: fc.array(hop6, { minLength: 2, maxLength: 3 }),
    })
    .map((r) => line(6)(`route add ${r.destination}${r.metric}${r.table}${r.protocol}${r.hops.join('')}`)),
);

const special = fc.constantFrom(
  line(4)('route add unreachable 10.66.0.0/16'),
  line(4)('route add blackhole 10.99.0.0/16 metric 9000'),
  line(4)('route add local 10.88.0.0/24 dev eth0'),
  line(4)('route add throw default table 77 metric 9999'),
  line(6)('route add unreachable fd66::/16'),
  line(6)('route add blackhole fd99::/48 metric 9000'),
  line(4)('route add 10.55.0.0/16 via inet6 fe80::1 dev eth0'),
  line(0)('nexthop add id 5 via 192.168.1.1 dev eth0'),
  line(0)('nexthop add id 6 via 192.168.1.2 dev eth1'),
  line(0)('nexthop add id 7 via fe80::1 dev eth0'),
  line(0)('nexthop add id 8 dev eth0'),
  line(0)('nexthop add id 9 group 5/6'),
);
const byNexthop = fc.constantFrom(
  line(4)('route add 10.44.0.0/16 nhid 5'),
  line(4)('route add 10.45.0.0/16 nhid 9'),
  line(6)('route add fd44::/32 nhid 7'),
  line(4)('route add 10.46.0.0/16 nhid 8'),
);
/** Prefix routes of the kernel that somebody has removed, or given another metric. */
const changedPrefix = fc.oneof(
  net.map((n) => line(4)(`route del ${NETS4[n]}.0/24 dev eth0`)),
  net.map((n) => line(6)(`route del ${NETS6[n]}:/64 dev eth0`)),
);

const ruleEnd = fc.constantFrom(
  'lookup 77',
  'lookup 100',
  'unreachable',
  'lookup main suppress_prefixlength 0',
);
const rule = fc
  .record({
    family: fc.constantFrom(4 as const, 6 as const),
    priority: fc.constantFrom(100, 100, 200, 300),
    direction: fc.constantFrom('iif', 'oif'),
    not: fc.constantFrom('', '', 'not '),
    link,
    mark: fc.constantFrom('', ' fwmark 0x1', ' fwmark 0x2/0xf', ' ipproto tcp dport 22'),
    end: ruleEnd,
  })
  .map((r) =>
    line(r.family)(
      `rule add ${r.not}from all ${r.direction} ${r.link}${r.mark} priority ${r.priority} ${r.end}`,
    ),
  );

const neighbour = fc
  .record({ kind: fc.constantFrom('static', 'proxy'), net, host, six: fc.boolean() })
  .map((n) => {
    const address = n.six ? `${NETS6[n.net]}:2${n.host}` : `${NETS4[n.net]}.2${n.host}`;
    return line(0)(
      n.kind === 'static'
        ? `neighbour replace ${address} lladdr 02:00:00:00:00:${n.host} dev eth0 nud permanent`
        : `neighbour replace proxy ${address} dev eth0`,
    );
  });

const settings = fc.record(
  {
    'ipv4/conf/eth0/rp_filter': fc.constantFrom('0', '1', '2'),
    'ipv4/conf/eth0/arp_ignore': fc.constantFrom('1', '2'),
    'ipv4/conf/eth0/forwarding': fc.constantFrom('0', '1'),
    'ipv4/conf/eth0/promote_secondaries': fc.constantFrom('0', '1'),
    'ipv6/conf/eth0/use_tempaddr': fc.constantFrom('0', '2'),
    'ipv6/conf/eth0/accept_ra': fc.constantFrom('0', '2'),
    'ipv6/conf/eth0/temp_prefered_lft': fc.constant('4000'),
    'ipv6/conf/eth0/disable_ipv6': fc.constantFrom('0', '0', '0', '1'),
    'ipv6/conf/eth0/router_solicitations': fc.constant('1'),
    'ipv6/conf/eth0/hop_limit': fc.constant('44'),
  },
  { requiredKeys: [] },
);

const some = <T>(arbitrary: fc.Arbitrary<T>, maxLength: number) => fc.array(arbitrary, { maxLength });

/** Networks of all kinds that ip(8) can make on three links. */
export const randomNetwork: fc.Arbitrary<RandomNetwork> = fc
  .record({
    settings,
    addresses: some(
      fc.oneof({ weight: 4, arbitrary: address4 }, peer4, { weight: 3, arbitrary: address6 }, peer6),
      8,
    ),
    linkLocal: some(linkLocal, 2),
    changed: some(changedPrefix, 2),
    routes: some(
      fc.oneof(
        { weight: 4, arbitrary: via4 },
        { weight: 3, arbitrary: via6 },
        { weight: 2, arbitrary: onLink4 },
        { weight: 2, arbitrary: onLink6 },
        { weight: 2, arbitrary: multipath },
        special,
      ),
      9,
    ),
    byNexthop: some(byNexthop, 2),
    rules: some(rule, 4),
    neighbours: some(neighbour, 3),
    gateway: fc.option(gateway4),
  })
  .map(({ settings: given, gateway, ...parts }) => ({
    settings: given as Record<string, string>,
    gateway,
    lines: [
      ...parts.addresses,
      ...parts.linkLocal,
      ...parts.changed,
      ...parts.routes,
      ...parts.byNexthop,
      ...parts.rules,
      ...parts.neighbours,
    ],
  }));

/** What is read of the text of ip(8), in the words of its JSON. */
type Entry = Record<string, unknown>;

/** The kernel's word for "for ever" (INFINITY_LIFE_TIME, linux/if_addr.h), as the JSON has it. */
const FOR_EVER = 0xffffffff;
/** Types of routes that stand before the destination (ip-route(8)). */
const ROUTE_TYPES = /^(unicast|local|broadcast|multicast|anycast|throw|unreachable|prohibit|blackhole|nat)$/;
/** What stands behind the scope of an address and is no label (ip/ipaddress.c). */
const ADDRESS_FLAGS = [
  ...['secondary', 'temporary', 'tentative', 'dadfailed', 'deprecated', 'dynamic', 'home', 'nodad'],
  ...['mngtmpaddr', 'noprefixroute', 'autojoin', 'permanent', 'optimistic', 'stable-privacy'],
];

/**
 * What `ip -json WORDS` would have printed, from the text that `ip WORDS` has printed: for iproute2 before 4.13, such as
 * that of RHEL 7. As far as anybody here looks at it: links with addresses, routes, neighbours.
 */
export function jsonOfIpText(words: readonly string[], text: string): Entry[] {
  const [object = ''] = words.filter((word) => !word.startsWith('-'));
  const link = after(words, 'dev');
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if ('route'.startsWith(object)) return routes(lines, link);
  if ('neighbour'.startsWith(object) || 'neighbor'.startsWith(object))
    return lines.map((line) => neighbour(line, link));
  return links(lines);
}

function after(words: readonly string[], key: string): string | undefined {
  const at = words.indexOf(key);
  return at === -1 ? undefined : words[at + 1];
}

/** Without what is not there. */
function entry(values: Entry): Entry {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

const number = (word: string | undefined) => (word === undefined ? undefined : Number(word));
const split = (line: string) => line.trim().split(/\s+/);

/** `3: eth0@if5: <UP> mtu 1500 …`, and below it lines that are indented. */
function links(lines: readonly string[]): Entry[] {
  const found: { head: Entry; addresses: Entry[] }[] = [];
  for (const line of lines) {
    const begin = /^(\d+): ([^\s:@]+)(?:@(\S+))?: <([^>]*)>(.*)$/.exec(line);
    if (begin !== null) found.push({ head: linkHead(begin), addresses: [] });
    const last = found.at(-1);
    if (begin === null && last !== undefined) belowLink(line, last.head, last.addresses);
  }
  return found.map(({ head, addresses }) => ({ ...head, addr_info: addresses }));
}

function linkHead([, index, name, other, flags = '', rest = '']: RegExpExecArray): Entry {
  const words = split(rest);
  // The link below, by its number when it is in another namespace.
  const elsewhere = /^if(\d+)$/.exec(other ?? '')?.[1];
  return entry({
    ifindex: Number(index),
    ifname: name,
    link: other === undefined || other === 'NONE' || elsewhere !== undefined ? undefined : other,
    link_index: number(elsewhere),
    flags: flags.split(',').filter((flag) => flag !== ''),
    mtu: number(after(words, 'mtu')),
    master: after(words, 'master'),
    operstate: after(words, 'state'),
  });
}

function belowLink(line: string, head: Entry, addresses: Entry[]): void {
  const words = split(line);
  const [first = ''] = words;
  const mode = after(words, 'addrgenmode');
  if (first === 'inet' || first === 'inet6') addresses.push(address(words));
  else if (first === 'valid_lft') Object.assign(addresses.at(-1) ?? {}, lifetimes(words));
  else if (first === 'alias') head.ifalias = line.trim().slice('alias '.length);
  else if (first.startsWith('link/')) Object.assign(head, linkAddress(words));
  else if (/^[a-z][\w-]*$/.test(first) && first !== 'vf') head.linkinfo = kind(head.linkinfo, words);
  if (mode !== undefined) head.inet6_addr_gen_mode = mode;
}

function linkAddress([type = '', own]: readonly string[]): Entry {
  const isAddress = own !== undefined && /^[0-9a-f.:]+$/i.test(own);
  return entry({ link_type: type.slice('link/'.length), address: isAddress ? own : undefined });
}

/** Settings of a kind of link that somebody reads. */
const SETTINGS = ['stp_state', 'forward_delay', 'vlan_filtering', 'vlan_default_pvid', 'id'];

/** `bridge forward_delay 1500 …`, and a line of its own for what a port is: `bridge_slave state forwarding …`. */
function kind(before: unknown, words: readonly string[]): Entry {
  const [name = ''] = words;
  const info = (typeof before === 'object' && before !== null ? before : {}) as Entry;
  if (name.endsWith('_slave')) return { ...info, info_slave_kind: name.slice(0, -'_slave'.length) };
  const data = entry(Object.fromEntries(SETTINGS.map((key) => [key, number(after(words, key))])));
  return entry({ ...info, info_kind: name, info_data: Object.keys(data).length > 0 ? data : undefined });
}

function address(words: readonly string[]): Entry {
  const [family, first = ''] = words;
  const peer = after(words, 'peer');
  const [local = ''] = first.split('/');
  const length = (peer ?? first).split('/')[1] ?? (family === 'inet' ? '32' : '128');
  const flags = words.slice(words.indexOf('scope') + 2);
  const last = flags.at(-1);
  const label = family === 'inet' && last !== undefined && !ADDRESS_FLAGS.includes(last) ? last : undefined;
  const has = (flag: string) => (flags.includes(flag) ? true : undefined);
  return entry({
    family,
    local,
    address: peer?.split('/')[0],
    prefixlen: Number(length),
    metric: number(after(words, 'metric')),
    broadcast: after(words, 'brd'),
    scope: after(words, 'scope'),
    ...Object.fromEntries(ADDRESS_FLAGS.map((flag) => [flag, has(flag)])),
    label,
  });
}

function lifetimes(words: readonly string[]): Entry {
  const seconds = (key: string) => {
    const value = after(words, key);
    return value === 'forever' ? FOR_EVER : Number.parseInt(value ?? '', 10);
  };
  return { valid_life_time: seconds('valid_lft'), preferred_life_time: seconds('preferred_lft') };
}

/** A route over several links has each of them on a line of its own: `nexthop via … dev … weight 1`. */
function routes(lines: readonly string[], link: string | undefined): Entry[] {
  const found: Entry[] = [];
  for (const line of lines) {
    const words = split(line);
    if (/^\s/.test(line)) {
      const last = found.at(-1);
      if (words[0] !== 'nexthop' || last === undefined) continue;
      const hops = (last.nexthops ?? []) as Entry[];
      last.nexthops = [
        ...hops,
        entry({ gateway: gateway(words), dev: after(words, 'dev'), flags: routeFlags(words) }),
      ];
      continue;
    }
    const isTyped = ROUTE_TYPES.test(words[0] ?? '');
    found.push(
      entry({
        type: isTyped ? words[0] : undefined,
        dst: words[isTyped ? 1 : 0],
        gateway: gateway(words),
        dev: after(words, 'dev') ?? link,
        protocol: after(words, 'proto'),
        scope: after(words, 'scope'),
        prefsrc: after(words, 'src'),
        metric: number(after(words, 'metric')),
        flags: routeFlags(words),
      }),
    );
  }
  return found;
}

/** Of the flags of a route, the one that was given with it; the others say how it fares. */
const routeFlags = (words: readonly string[]): string[] | undefined =>
  words.includes('onlink') ? ['onlink'] : undefined;

/** `via 192.168.1.1`; one of the other family is `via inet6 fe80::1`, and no gateway in the JSON. */
function gateway(words: readonly string[]): string | undefined {
  const via = after(words, 'via');
  return via === 'inet' || via === 'inet6' ? undefined : via;
}

/** `192.168.1.1 dev eth0 lladdr 52:54:00:00:00:01 REACHABLE`. */
function neighbour(line: string, link: string | undefined): Entry {
  const words = split(line);
  return entry({
    dst: words[0],
    dev: after(words, 'dev') ?? link,
    lladdr: after(words, 'lladdr'),
    state: words.filter((word) => /^[A-Z]+$/.test(word)),
  });
}

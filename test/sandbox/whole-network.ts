import type { RunningCopy } from '../../src/rehearse/copy.js';

type Shown = Record<string, unknown>;

/** Docker's own, and what the kernel has in each namespace. */
const NOT_THE_NETWORK = /^(docker0|veth.*|sit0|ip6tnl0|tunl0|gre.*|erspan0|ip_vti0|ip6_vti0|ip6gre0)$/;
/** What goes by time, or by the order in which links were made. */
const PASSING =
  /^(valid_life_time|preferred_life_time|ifindex|link_index|link_netnsid|link|group|operstate|master)$/;
const KEPT_OF_LINKS = /^(ifname|flags|mtu|address|txqlen|qdisc|inet6_addr_gen_mode|addr_info)$/;

/**
 * All of the host's network, surplus included, as sorted lines: links with their addresses and flags, routes of all tables,
 * rules, name servers, and what ifupdown takes for up.
 * @param names links that get another word, such as `{ br0: 'LINK', eth0: 'PORT' }`
 */
export async function wholeNetwork(
  copy: RunningCopy,
  names: Readonly<Record<string, string>>,
): Promise<string[]> {
  const script = [
    ...[
      'address show',
      '-4 route show table all',
      '-6 route show table all',
      '-4 rule show',
      '-6 rule show',
    ].map(
      (words) => `/usr/bin/ip -json ${words.startsWith('address') ? '-details ' : ''}${words}; echo '\f'`,
    ),
    'cat /etc/resolv.conf; printf "\f"; sort /run/network/ifstate',
  ].join('\n');
  const { stdout } = await copy.sandbox.run(['sh', '-c', script]);
  const [links = '', v4 = '', v6 = '', rules4 = '', rules6 = '', resolv = '', state = ''] =
    stdout.split('\f');
  const list = (text: string): Shown[] => JSON.parse(text.trim() || '[]');
  const rename = (text: string) =>
    Object.entries(names).reduce(
      (line, [from, to]) =>
        line.replaceAll(new RegExp(`(?<![\\w.-])${from.replaceAll('.', '\\.')}(?![\\w.-])`, 'g'), to),
      text,
    );
  const lines = [
    ...list(links).flatMap(linkLines),
    ...[...list(v4), ...list(v6)].flatMap(routeLine),
    ...list(rules4).map((rule) => `rule4 ${words(rule)}`),
    ...list(rules6).map((rule) => `rule6 ${words(rule)}`),
    ...resolv
      .trim()
      .split('\n')
      .map((line) => `resolv ${line}`),
    ...state
      .trim()
      .split('\n')
      .map((line) => `ifstate ${line}`),
  ];
  return lines.map(rename).sort();
}

function linkLines(link: Shown): string[] {
  if (NOT_THE_NETWORK.test(String(link.ifname))) return [];
  const kept = Object.fromEntries(
    Object.entries(link).filter(([key]) => KEPT_OF_LINKS.test(key) && key !== 'addr_info'),
  );
  const addresses = (link.addr_info ?? []) as Shown[];
  return [
    `link ${words(kept)}`,
    ...addresses.map((address) => `address ${String(link.ifname)} ${words(address)}`),
  ];
}

function routeLine(route: Shown): string[] {
  if (NOT_THE_NETWORK.test(String(route.dev)) || /^(ff00::\/8|multicast)/.test(String(route.dst))) return [];
  return [`route ${words(route)}`];
}

function words(shown: Shown): string {
  return Object.keys(shown)
    .filter(
      (key) => !PASSING.test(key) && !(Array.isArray(shown[key]) && (shown[key] as unknown[]).length === 0),
    )
    .sort()
    .map(
      (key) =>
        `${key}=${Array.isArray(shown[key]) ? (shown[key] as unknown[]).join(',') : String(shown[key])}`,
    )
    .join(' ');
}

/** Lines that only one of two networks has: `-` of the first, `+` of the second. */
export function differing(expected: readonly string[], found: readonly string[]): string[] {
  return [
    ...expected.filter((line) => !found.includes(line)).map((line) => `- ${line}`),
    ...found.filter((line) => !expected.includes(line)).map((line) => `+ ${line}`),
  ];
}

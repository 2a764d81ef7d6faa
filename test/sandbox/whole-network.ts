import type { RunningCopy } from '../../src/rehearse/copy.js';

type Shown = Record<string, unknown>;

/** Docker's own, and what the kernel has in each namespace. */
const NOT_THE_NETWORK = /^(docker0|veth.*|sit0|ip6tnl0|tunl0|gre.*|erspan0|ip_vti0|ip6_vti0|ip6gre0)$/;
/** What goes by time, or by the order in which links were made. */
const PASSING =
  /^(valid_life_time|preferred_life_time|expires|ifindex|link_index|link_netnsid|link|group|operstate|master)$/;
const KEPT_OF_LINKS = /^(ifname|flags|mtu|address|txqlen|inet6_addr_gen_mode|addr_info)$/;

/** Settings that the kernel keeps by itself, or that are of the link's details. */
const NOT_A_SETTING = /\/(mc_forwarding|stable_secret|addr_gen_mode):/;
/** Where the stand-in for firewalld has the zones of links. */
export const ZONES = '/run/firewalld-zones';

/**
 * All of the host's network, surplus included, as sorted lines: links with their addresses and flags, routes of all tables,
 * rules, name servers, settings of the named links, their DHCP clients and zones, and what ifupdown takes for up.
 * @param nic whose queueing discipline is read: it stays with the hardware, and a bridge has none
 * @param names links that get another word, such as `{ br0: 'LINK', eth0: 'PORT' }`
 */
export async function wholeNetwork(
  copy: RunningCopy,
  names: Readonly<Record<string, string>>,
  nic = 'eth0',
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
    'cat /etc/resolv.conf; printf "\f"; sort /run/network/ifstate 2>/dev/null; printf "\f"',
    ...Object.keys(names).map(
      (name) => `grep -sH . /proc/sys/net/ipv4/conf/${name}/* /proc/sys/net/ipv6/conf/${name}/*`,
    ),
    `printf "\f"; ps -eo args; printf "\f"; cat ${ZONES} 2>/dev/null; true`,
  ].join('\n');
  const { stdout } = await copy.sandbox.run(['sh', '-c', script]);
  const [links = '', v4 = '', v6 = '', rules4 = '', rules6 = '', ...texts] = stdout.split('\f');
  const [resolv = '', state = '', settings = '', processes = '', zones = ''] = texts;
  const linesOf = (text: string) => text.split('\n').filter((line) => line.trim() !== '');
  const list = (text: string): Shown[] => JSON.parse(text.trim() || '[]');
  // By nature random (RFC 8981): that there is one is compared, and where.
  const temporary = list(links).flatMap(({ addr_info = [] }) =>
    (addr_info as Shown[]).flatMap(({ temporary, local }) => (temporary ? [String(local)] : [])),
  );
  const renamed = [...Object.entries(names), ...temporary.map((each) => [each, 'TEMPORARY'] as const)];
  const rename = (text: string) =>
    renamed.reduce(
      (line, [from, to]) =>
        line.replaceAll(new RegExp(`(?<![\\w.-])${from.replaceAll('.', '\\.')}(?![\\w.-])`, 'g'), to),
      text,
    );
  const lines = [
    ...list(links).flatMap(linkLines),
    ...list(links).flatMap(({ ifname, qdisc }) => (ifname === nic ? [`qdisc ${String(qdisc)}`] : [])),
    ...[...list(v4), ...list(v6)].flatMap(routeLine),
    ...list(rules4).map((rule) => `rule4 ${words(rule)}`),
    ...list(rules6).map((rule) => `rule6 ${words(rule)}`),
    ...linesOf(resolv).map((line) => `resolv ${line}`),
    ...linesOf(state).map((line) => `ifstate ${line}`),
    ...linesOf(settings).flatMap(settingLine),
    ...linesOf(processes).flatMap((line) => clientLine(line, Object.keys(names))),
    ...linesOf(zones).map((line) => `zone ${line}`),
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
  // RHEL: 1000 and the index of the link that it was made for, which a live change keeps.
  const byIndex = route.dst === '169.254.0.0/16' ? { metric: 'by index' } : {};
  return [`route ${words({ ...route, ...byIndex })}`];
}

/** `/proc/sys/net/ipv4/conf/eth0/rp_filter:0` */
function settingLine(line: string): string[] {
  const [, family, link, setting] = /net\/(ipv[46])\/conf\/([^/]+)\/(.*)$/.exec(line) ?? [];
  return NOT_A_SETTING.test(line) ? [] : [`setting ${link} ${family}/${setting?.replace(':', '=')}`];
}

/** Each client once, however it was started. */
function clientLine(line: string, links: readonly string[]): string[] {
  const argv = line.split(' ');
  const client = /^\S*?(dhclient|udhcpc|dhcpcd)$/.exec(argv[0] ?? '')?.[1];
  const link = links.find((name) => argv.includes(name));
  return client === undefined || link === undefined
    ? []
    : [`client ${client}${argv.includes('-6') ? ' -6' : ''} ${link}`];
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

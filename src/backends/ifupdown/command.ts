/** Between the simple commands of a shell line. */
const SEPARATOR = /(&&|\|\||[;|&\n])/;
/** What may stand before the program of a simple command: brackets, keywords, `sudo`, `sh -c "`, assignments. */
const PREFIX =
  /^(?:[({"'`]+|\$\(|(?:if|elif|while|until|then|do|else|exec|command|nohup|time|env|!|(?:\S*\/)?sudo)(?:\s+-[A-Za-z]+)*\s+|(?:\S*\/)?(?:ba|da|a)?sh\s+-\w*c\s+|[A-Za-z_]\w*=\S*\s+)\s*/;
/** ifupdown's name for the interface of the stanza. */
const VARIABLE = /\$(?:IFACE\b|\{IFACE\})/g;

/** Programs that work on the NIC itself. On a bridge they fail, or shape the host's own packets only. */
const NIC_PROGRAMS = ['ethtool', 'mii-tool', 'mii-diag', 'iw', 'iwconfig', 'tc'];
/** Programs about addresses and neighbours, whatever their arguments. */
const ADDRESS_PROGRAMS = ['route', 'arping', 'arp', 'ping', 'ping6', 'ndsend', 'ndisc6', 'rdisc6'];
const DHCP_CLIENTS = ['dhclient', 'dhclient3', 'dhcpcd', 'dhcpcd5', 'udhcpc', 'udhcpc6', 'pump'];
/** Options of theirs that end a lease, or do nothing. */
const NO_LEASE = /^(-[rxkTVh]|--(release|exit|rebind|version|help))$/;
const FIREWALL_PROGRAM = /^(ip6?tables|arptables|ebtables|nft|ufw|firewall-cmd)/;
/** Programs that change nothing. */
const HARMLESS = ['echo', 'printf', 'logger', 'sleep', 'true', 'false', ':', 'test', '[', '[['];

/**
 * What a simple command is about: `address` (also routes, rules, neighbours, sysctls and aliases), the `nic` itself, a
 * `firewall`, a `dhcp` client that is started, something `harmless`, or `unknown`.
 */
type Subject = 'address' | 'nic' | 'firewall' | 'dhcp' | 'harmless' | 'unknown';

/** A simple command of a shell line, or the separator between two. Nothing is parsed as a shell would: only words count. */
export interface Command {
  readonly text: string;
  readonly subject: Subject;
}

/** The commands of a line and their separators: joined again they are the line. */
export function commandsOf(line: string, link: string): Command[] {
  return line.split(SEPARATOR).map((text) => ({ text, subject: subjectOf(text, link) }));
}

function subjectOf(text: string, link: string): Subject {
  const [first = '', ...args] = withoutPrefixes(text).split(/\s+/);
  const program = first.replace(/^.*\//, '').replace(/["')}]+$/, '');
  if (sysctlsOf(link).test(text) || sysctlsOf('$IFACE').test(text) || sysctlsOf('${IFACE}').test(text))
    return 'address';
  if (ADDRESS_PROGRAMS.includes(program)) return 'address';
  if (NIC_PROGRAMS.includes(program)) return 'nic';
  if (FIREWALL_PROGRAM.test(program)) return 'firewall';
  if (DHCP_CLIENTS.includes(program)) return args.some((arg) => NO_LEASE.test(arg)) ? 'unknown' : 'dhcp';
  if (program === 'ip') return subjectOfIp(args);
  if (program === 'ifconfig') return subjectOfIfconfig(args);
  // An alias has its stanza under the name of the bridge from now on.
  if (/^if(up|down|query)$/.test(program)) return isAlias(text, link) ? 'address' : 'unknown';
  if (text.includes(`/sys/class/net/${link}/`)) return 'nic';
  return HARMLESS.includes(program) ? 'harmless' : 'unknown';
}

function withoutPrefixes(text: string): string {
  let rest = text.trim();
  for (let next = rest.replace(PREFIX, ''); next !== rest; next = rest.replace(PREFIX, '')) rest = next;
  return rest;
}

/** ip(8) accepts any unambiguous beginning: "ip r", "ip -6 addr". */
function subjectOfIp(args: readonly string[]): Subject {
  const at = args.findIndex((arg) => !/^(-.*|inet6?)$/.test(arg));
  const object = args[at] ?? '';
  if (object === '') return 'unknown';
  const isAddress = ['address', 'route', 'rule', 'neighbour', 'neighbor', 'tunnel', 'maddress'].some((name) =>
    name.startsWith(object),
  );
  if (isAddress) return 'address';
  // A link on top of it, a master or another name: more than a setting of the NIC.
  const isSetting = !args.slice(at + 1).some((arg) => /^(a|ad|add|master|name|netns)$/.test(arg));
  return 'link'.startsWith(object) && isSetting ? 'nic' : 'unknown';
}

/** ifconfig(8) with an address, or with an alias, whatever becomes of that. */
function subjectOfIfconfig([link = '', ...args]: readonly string[]): Subject {
  const isAddress = /^(\d|add$|del$|inet6?$|netmask$|broadcast$|-?arp$|pointopoint$)/.test(args[0] ?? '');
  return isAddress || link.includes(':') ? 'address' : 'nic';
}

function isAlias(text: string, link: string): boolean {
  return [...text.matchAll(nameOf(link))].some(([, alias]) => alias !== '');
}

/** Whether a text names a link as a word, or one of its sysctls; `eth0.10` and `eth00` are others, `eth0:0` is an alias. */
export function namesLink(text: string, link: string): boolean {
  return nameOf(link).test(text) || sysctlsOf(link).test(text);
}

/** Whether a text means the link of its stanza, by name or by `$IFACE`. */
export function meansLink(text: string, link: string): boolean {
  return namesLink(text, link) || withoutVariable(text, '') !== text;
}

/** The text with another name for the link, for its aliases and in the names of its sysctls. */
export function withName(text: string, link: string, name: string): string {
  return text
    .replace(sysctlsOf(link), (_, head: string) => head + (head.endsWith('.') ? dotted(name) : name))
    .replace(nameOf(link), (_, alias: string) => name + alias);
}

/** The text with the name of the link for `$IFACE`. */
export function withoutVariable(text: string, link: string): string {
  return text.replace(VARIABLE, link);
}

function nameOf(link: string): RegExp {
  return new RegExp(`(?<![\\w.:$-])${escaped(link)}((?::\\w+)?)(?![\\w.-])`, 'g');
}

/** `net.ipv4.conf.eth0.` and `/proc/sys/net/ipv4/conf/eth0/`: sysctl(8) writes a dot in a name as a slash, and the other way. */
function sysctlsOf(link: string): RegExp {
  const name = `(?:${escaped(dotted(link))}(?=\\.)|${escaped(link)}(?=/))`;
  return new RegExp(`(net([./])ipv[46]\\2(?:conf|neigh)\\2)${name}`, 'g');
}

const dotted = (link: string) => link.replaceAll('.', '/');
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

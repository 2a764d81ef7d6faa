import type { HostFacts, Link } from '../model/facts.js';
import { networkOf } from '../model/ipv4.js';
import { defaultRoute, isDhcpv6, linkNamed } from '../model/links.js';
import type { Plan } from '../model/plan.js';
import type { Style } from './style.js';

/** What the wizard knows before it asks, and where from, in lines of at most 80 columns. */
export function knownText(facts: HostFacts, uplink: string, bridge: string, s: Style): string {
  const route = defaultRoute(facts);
  const carrier = carrierOf(facts, uplink, bridge);
  const own = ownAddress(linkNamed(facts, carrier));
  const { docker, session } = facts;
  const rows: [string, string][] = [
    ['system', facts.distro.prettyName],
    ['Docker', docker.version ?? (docker.installed ? 'does not answer' : 'not installed')],
    ['uplink', `${uplink}${route?.link === carrier ? ', by the default route' : ''}`],
    ['address', own === null ? 'none' : addressText(facts, carrier)],
    [
      'LAN',
      `${own === null ? 'unknown' : networkOf(own)}${route?.gateway ? `, gateway ${route.gateway}` : ''}`,
    ],
    ['DNS', facts.dns.nameservers.length > 0 ? `${facts.dns.nameservers.join(', ')} (resolv.conf)` : 'none'],
  ];
  if (session.ssh) rows.push(['you', `over SSH from ${session.client}, through ${session.link}`]);
  const lines = rows.map(([what, value]) => `  ${what.padEnd(9)}${value}`.slice(0, 80));
  return [s.bold('What is known of this host'), ...lines].join('\n');
}

/** The address of the host now, and where it comes from: `192.168.1.10/24, by DHCP (dhclient on eth0)`. */
export function addressText(facts: HostFacts, link: string): string {
  const own = ownAddress(linkNamed(facts, link));
  if (own === null) return 'no address';
  const client = clientOn(facts, link);
  if (client !== undefined) return `${own}, by DHCP (${client.name} on ${link})`;
  return `${own}, ${isLeased(facts, link) ? 'by DHCP' : 'static'} (${link})`;
}

/** Whether a DHCP server gave a link its IPv4 address. */
export function isLeased(facts: HostFacts, link: string): boolean {
  const addresses = linkNamed(facts, link)?.addresses ?? [];
  return (
    clientOn(facts, link) !== undefined || addresses.some(({ family, dynamic }) => family === 4 && dynamic)
  );
}

const clientOn = ({ dhcpClients }: HostFacts, link: string) =>
  dhcpClients.running.find((one) => one.link === link && !isDhcpv6(one));

/** The link that has the address of the host: the bridge where it is set up already. */
export function carrierOf(facts: HostFacts, uplink: string, bridge: string): string {
  return linkNamed(facts, uplink)?.master === bridge ? bridge : uplink;
}

function ownAddress(link: Link | null): string | null {
  const own = link?.addresses.find(({ family, scope }) => family === 4 && scope === 'global');
  return own === undefined ? null : `${own.address}/${own.prefix}`;
}

/** Addresses that a plan removes once it is kept. */
export const replacedAddresses = ({ steps }: Plan): readonly string[] =>
  steps.flatMap((step) => (step.kind === 'retire-addresses' ? step.addresses : []));

/** The same in a sentence, where the host keeps its address. */
export const safetySentence = (confirmSeconds: number): string =>
  `The host keeps its address all the time; without your confirmation within ${confirmSeconds} s it is rolled back.`;

/** Why nobody is cut off, before the plan is carried out; where the address changes, when and how sessions end. */
export function safetyText(plan: Plan, facts: HostFacts, confirmSeconds: number, s: Style): string {
  const { ssh, client, link } = facts.session;
  const { bridge, uplink } = plan;
  const replaced = replacedAddresses(plan);
  const isOver = ssh && (link === uplink || link === bridge);
  const who = `You are connected over ${link}, from ${client}.`;
  const heads =
    replaced.length > 0
      ? [`${who}\nIts address changes:`, 'The host stays reachable, and its address changes:']
      : [`${who} You will not be cut off:`, 'The host stays reachable:'];
  const boot = facts.init === 'systemd' ? '; after a power cut, the next boot does' : '';
  return [
    s.bold(heads[isOver ? 0 : 1] ?? ''),
    ...(replaced.length > 0
      ? changeOfAddress(plan, replaced)
      : [`  - ${bridge} has the address before ${uplink} gives it up; connections go on.`]),
    '  - What answers now (gateway, name servers, your end of an SSH session) has to',
    '    answer afterwards, or the host is taken back.',
    `  - Then you press Enter. If that does not arrive within ${confirmSeconds} s, the host is`,
    '    taken back. `bridge-setup confirm` from a new session keeps it, too.',
    '  - A watchdog outside of this session does all that if the session is lost',
    `    or this program is killed${boot}.`,
  ].join('\n');
}

function changeOfAddress({ steps, bridge }: Plan, replaced: readonly string[]): string[] {
  const wanted = steps.find((step) => step.kind === 'expect-network')?.address ?? null;
  const old = replaced.join(', ');
  return [
    `  - ${bridge} also has ${old} until you confirm; sessions to it go on`,
    '    until then.',
    `  - Once you confirm, it is removed, and sessions to it end. Better confirm from`,
    `    a new session to ${wanted?.split('/')[0] ?? 'the address that the DHCP server gives'}: it shows that the new address works.`,
  ];
}

import type { Address } from '../../model/facts.js';
import type { Finding } from '../../model/finding.js';
import { isDhcpv6 } from '../../model/links.js';
import { eitherWay, error, normal, warning } from '../difference.js';
import { staticAddress } from './address.js';
import { type Comparison, isMentioned, remake } from './comparison.js';
import type { Stanza } from './stanza.js';
import { optionValue } from './syntax.js';

/** An address that the files give to the bridge. */
interface Fixed {
  readonly text: string;
  readonly path: string;
}

const textOf = ({ address, prefix }: Address) => `${address}/${prefix}`;
const having = (stanzas: readonly Stanza[], ...methods: string[]) =>
  stanzas.filter(({ method }) => methods.includes(method ?? ''));

/** Static and leased IPv4 addresses are there, the latter with a client, and no others. */
export function compareIpv4(compared: Comparison): Finding[] {
  const { link, withAliases } = compared;
  const inet = withAliases.filter(({ family }) => family === 'inet');
  const { fixed, found } = fixedAddresses(inet, staticAddress);
  const live = link.addresses.filter(({ family }) => family === 4);
  const rest = live.filter(
    (address) => address.scope === 'global' && !fixed.some(({ text }) => text === textOf(address)),
  );
  const lease = leased(compared, rest);
  found.push(...missing(compared, fixed, live));
  for (const { text, path } of fixed) {
    const present = live.find((address) => textOf(address) === text);
    if (!present?.dynamic) continue;
    found.push(
      error(
        'address-is-leased',
        `${path} gives ${link.name} the address ${text}, but it has it as a lease only, which ends.`,
        eitherWay(`ip address change ${text} dev ${link.name} valid_lft forever preferred_lft forever`),
      ),
    );
  }
  found.push(...compareClient(compared, inet, lease));
  // Other methods give addresses that only they know.
  const known = inet.every(({ method }) => ['static', 'dhcp', 'manual'].includes(method ?? ''));
  return known
    ? [
        ...found,
        ...surplus(
          compared,
          rest.filter((address) => address !== lease),
        ),
      ]
    : found;
}

/** Static IPv6 addresses are there, and no others but those that a router or a server gives. */
export function compareIpv6(compared: Comparison): Finding[] {
  const { link, withAliases } = compared;
  const inet6 = withAliases.filter(({ family }) => family === 'inet6');
  const { fixed, found } = fixedAddresses(inet6, staticAddress6);
  const live = link.addresses.filter(({ family }) => family === 6);
  found.push(...missing(compared, fixed, live));
  if (having(inet6, 'auto', 'dhcp').length > 0) return found;
  const rest = live.filter(
    (address) =>
      address.scope === 'global' && !address.dynamic && !fixed.some(({ text }) => text === textOf(address)),
  );
  return [...found, ...surplus(compared, rest)];
}

/** Prefix length 64 without a word about it (ifupdown, inet6.defn). */
function staticAddress6(stanza: Stanza): string | null {
  const [address = '', suffix] = (optionValue(stanza, 'address') ?? '').split('/');
  const prefix = Number(suffix ?? optionValue(stanza, 'netmask') ?? 64);
  const text = address.includes(':') ? normal(address) : null;
  return text === null || !Number.isInteger(prefix) || prefix > 128 ? null : `${text}/${prefix}`;
}

function fixedAddresses(
  stanzas: readonly Stanza[],
  read: (stanza: Stanza) => string | null,
): { fixed: Fixed[]; found: Finding[] } {
  const fixed: Fixed[] = [];
  const found: Finding[] = [];
  for (const stanza of having(stanzas, 'static')) {
    const text = read(stanza);
    if (text !== null) fixed.push({ text, path: stanza.path });
    else {
      found.push(
        error(
          'address-unreadable',
          `"${stanza.line.text}" (${stanza.path}) has no address that can be read.`,
          'Correct its address, like `address 192.168.1.10/24`.',
        ),
      );
    }
  }
  return { fixed, found };
}

function missing({ link }: Comparison, fixed: readonly Fixed[], live: readonly Address[]): Finding[] {
  const has = live.filter(({ scope }) => scope === 'global').map(textOf);
  return fixed
    .filter(({ text }) => !live.some((address) => textOf(address) === text))
    .map(({ text, path }) =>
      error(
        'address-not-there',
        `${path} gives ${link.name} the address ${text}, but it has ${has.join(', ') || 'none'}.`,
        eitherWay(`ip address add ${text} dev ${link.name}`),
      ),
    );
}

function surplus({ link, withAliases }: Comparison, addresses: readonly Address[]): Finding[] {
  return addresses
    .filter(({ address }) => !isMentioned(withAliases, address))
    .map((address) =>
      warning(
        'address-not-in-files',
        `${link.name} has the address ${textOf(address)}, which no file gives it: after a reboot it is gone.`,
        eitherWay(`ip address del ${textOf(address)} dev ${link.name}`, 'write the address into the file'),
      ),
    );
}

/** udhcpc's script sets no lifetime: its address is the first one. */
function leased({ facts, link, withAliases }: Comparison, rest: readonly Address[]): Address | null {
  const dhcp = withAliases.some(({ family, method }) => family === 'inet' && method === 'dhcp');
  if (!dhcp) return null;
  const client = facts.dhcpClients.running.some((each) => each.link === link.name && !isDhcpv6(each));
  return rest.find(({ dynamic }) => dynamic) ?? (client ? rest[0] : undefined) ?? null;
}

function compareClient(
  { facts, link }: Comparison,
  inet: readonly Stanza[],
  lease: Address | null,
): Finding[] {
  const [dhcp] = having(inet, 'dhcp');
  const [client] = facts.dhcpClients.running.filter((each) => each.link === link.name && !isDhcpv6(each));
  if (dhcp === undefined) {
    if (client === undefined) return [];
    const method = inet[0] === undefined ? 'no IPv4 address' : `"${inet[0].line.text}"`;
    return [
      error(
        'method-differs',
        `${client.name} leases an address for ${link.name}, but by the files it has ${method}.`,
        eitherWay(remake(link.name), `write "iface ${link.name} inet dhcp"`),
      ),
    ];
  }
  const says = `"${dhcp.line.text}" (${dhcp.path})`;
  if (lease === null) {
    const what = `${says} leases an address, but ${link.name} has none that is leased.`;
    return [error('method-differs', what, eitherWay(remake(link.name)))];
  }
  // A dhcpcd without a link in its command line may look after all of them.
  if (client !== undefined || facts.dhcpClients.running.some((each) => each.link === null)) return [];
  const what = `No DHCP client runs on ${link.name}, yet ${says} leases its address: ${textOf(lease)} ends with its lease.`;
  return [error('no-client-on-bridge', what, `Run \`${remake(link.name)}\`, in one shell.`)];
}

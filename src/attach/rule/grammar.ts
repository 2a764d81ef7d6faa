import type { EndpointAddress } from '../../model/endpoint.js';
import type { DhcpClientName } from '../../model/facts.js';
import { dhcpOf } from './dhcp.js';
import { RuleError } from './error.js';
import { guestOf, linkName, macAndVlanOf, macOf, staticAddressOf } from './words.js';

/** pipework's first word: what the container is to be attached to. */
export type Target =
  | { readonly by: 'name'; readonly name: string }
  | { readonly by: 'mac'; readonly mac: string };

/** A rule that attaches a container, as it stands there: what its interface is on the host is not known yet. */
export interface AttachRule {
  readonly target: Target;
  readonly guest: string;
  readonly interfaceName: string;
  readonly hostInterfaceName: string | null;
  readonly mac: string | null;
  /** As of `Endpoint`. */
  readonly machine?: string;
  readonly vlan: number | null;
  readonly address: EndpointAddress;
  /** The NIC itself goes into the container. */
  readonly directPhys: boolean;
  /** A bridge that is missing is made. */
  readonly create: boolean;
  /** What the rule asks for and does not matter here, for a person. */
  readonly notes: readonly string[];
}

/** `--wait`: until an interface of this network namespace is ready. */
export interface WaitRule {
  readonly interfaceName: string;
  /** `0/0`: it gets no address. */
  readonly linkOnly: boolean;
}

/** The words of a rule, sorted into options and the others. */
export interface Sorted {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly others: readonly string[];
}

/** pipework's interface inside the container, unless the rule names one. */
const DEFAULT_INTERFACE = 'eth1';
const FLAGS = new Set(['--wait', '--direct-phys', '--create']);
const WITH_VALUE = new Set(['-i', '-l', '-a']);

/** Take the options out of a rule, wherever they stand. */
export function sortOptions(tokens: readonly string[]): Sorted {
  const left = tokens[0] === 'pipework' ? tokens.slice(1) : [...tokens];
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const others: string[] = [];
  for (let token = left.shift(); token !== undefined; token = left.shift()) {
    if (!token.startsWith('-')) others.push(token);
    else if (flags.has(token) || values.has(token)) {
      throw new RuleError('rule-option', token, 'the option stands here twice');
    } else if (FLAGS.has(token)) flags.add(token);
    else if (WITH_VALUE.has(token)) values.set(token, valueFor(token, left.shift()));
    else throw new RuleError('rule-option', token, 'there is no such option');
  }
  return { flags, values, others };
}

/** The rest of a rule that attaches: `IF GUEST ADDRESS [MAC][@VLAN]` (github.com/jpetazzo/pipework, its usage text). */
export function attachRuleOf(sorted: Sorted, configured: DhcpClientName): AttachRule {
  const { flags, values } = sorted;
  const [target, guest, address, mac, extra] = sorted.others;
  const family = familyOf(values.get('-a'));
  const outside = values.get('-l');
  const of = targetOf(target);
  const name = guestOf(guest);
  const { address: parsed, note } = addressOf(address, family, configured);
  const link = macAndVlanOf(mac);
  if (extra !== undefined) throw new RuleError('rule-extra', extra, 'nothing is expected here');
  return {
    target: of,
    guest: name,
    interfaceName: linkName(values.get('-i') ?? DEFAULT_INTERFACE),
    hostInterfaceName: outside === undefined ? null : linkName(outside),
    ...link,
    address: parsed,
    directPhys: flags.has('--direct-phys'),
    create: flags.has('--create'),
    notes: note === null ? [] : [note],
  };
}

/** `--wait [-i IF] [0/0]`. */
export function waitRuleOf({ flags, values, others }: Sorted): WaitRule {
  const stray = [...flags, ...values.keys()].find((option) => option !== '--wait' && option !== '-i');
  if (stray !== undefined) throw new RuleError('rule-option', stray, 'it does not go with --wait');
  const [address, extra] = others;
  const wrong = address !== undefined && address !== '0/0' ? address : extra;
  if (wrong !== undefined) throw new RuleError('rule-extra', wrong, 'nothing is expected here');
  return { interfaceName: linkName(values.get('-i') ?? DEFAULT_INTERFACE), linkOnly: address === '0/0' };
}

function valueFor(option: string, value: string | undefined): string {
  if (value === undefined) throw new RuleError('rule-option', option, 'the option has no value');
  return value;
}

function familyOf(text: string | undefined): 4 | 6 | null {
  if (text === undefined) return null;
  if (text !== '4' && text !== '6') throw new RuleError('rule-option', text, 'the address family is 4 or 6');
  return text === '4' ? 4 : 6;
}

function targetOf(token: string | undefined): Target {
  if (token === undefined) throw new RuleError('rule-incomplete', null, 'the rule is empty');
  return token.startsWith('mac:')
    ? { by: 'mac', mac: macOf(token.slice('mac:'.length), token) }
    : { by: 'name', name: linkName(token) };
}

function addressOf(
  token: string | undefined,
  family: 4 | 6 | null,
  configured: DhcpClientName,
): { address: EndpointAddress; note: string | null } {
  if (token === undefined) throw new RuleError('rule-incomplete', null, 'the address (or "dhcp") is missing');
  if (token === '0/0') return { address: { method: 'none' }, note: null };
  return dhcpOf(token, family, configured) ?? { address: staticAddressOf(token, family), note: null };
}

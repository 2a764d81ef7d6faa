import type { AddressSpec } from '../../model/spec.js';
import { classPrefix, parseQuad, prefixLength } from '../netmask.js';
import { renamed, type Style, styleOf, withOption, without } from './options.js';
import type { Iface } from './syntax.js';
import { optionsOf, optionValue, sameOption, words } from './syntax.js';

/** Options of `inet static` that mean nothing once a DHCP server gives the address: interfaces(5). */
const STATIC_OPTIONS = ['address', 'netmask', 'broadcast', 'network', 'gateway', 'pointopoint', 'scope'];
/** Options of `inet dhcp` that mean nothing for a static address. */
const DHCP_OPTIONS = ['hostname', 'leasetime', 'vendor', 'client'];
const NAMESERVERS = ['dns-nameservers', 'dns-nameserver'];

/** What became of the inet stanzas: those changed (by the stanza they were), or one that is to be added. */
export interface Addressing {
  readonly changed: ReadonlyMap<Iface, Iface>;
  /** Method and options of the inet stanza to add when there was none. */
  readonly added: {
    readonly method: string;
    readonly options: readonly (readonly [string, string])[];
  } | null;
  readonly notes: readonly string[];
}

/**
 * Give the stanzas of one interface the IPv4 address that is wanted. Stanzas that have it already stay as they
 * are, and so do further addresses, and all of inet6.
 */
export function addressed(stanzas: readonly Iface[], spec: AddressSpec): Addressing {
  if (spec.method === 'keep') return { changed: new Map(), added: null, notes: [] };
  const inet = stanzas.filter(({ family }) => family === 'inet');
  const having = (method: string) => inet.find((stanza) => stanza.method === method);
  const stanza =
    spec.method === 'dhcp'
      ? (having('dhcp') ?? having('static') ?? inet[0])
      : (having('static') ?? having('dhcp') ?? inet[0]);
  if (stanza === undefined) return { changed: new Map(), added: fresh(spec), notes: [] };
  const after = spec.method === 'dhcp' ? toDhcp(stanza) : toStatic(stanza, spec);
  const dropped = optionsOf(stanza).filter(
    ({ name }) => !optionsOf(after).some((option) => sameOption(option.name, name)),
  );
  return {
    changed: new Map(after === stanza ? [] : [[stanza, after]]),
    added: null,
    notes: dropped.map(
      ({ line }) => `"${line.text}" is dropped: the bridge's address is ${spec.method} now.`,
    ),
  };
}

function fresh(spec: Exclude<AddressSpec, { method: 'keep' }>) {
  if (spec.method === 'dhcp') return { method: 'dhcp', options: [] };
  const options: [string, string][] = [
    ['address', spec.address],
    ['gateway', spec.gateway],
  ];
  if (spec.nameservers?.length) options.push(['dns-nameservers', spec.nameservers.join(' ')]);
  return { method: 'static', options };
}

function toDhcp(stanza: Iface): Iface {
  if (stanza.method === 'dhcp') return stanza;
  return renamed(without(stanza, [...STATIC_OPTIONS, ...NAMESERVERS]), { method: 'dhcp' });
}

function toStatic(before: Iface, spec: Extract<AddressSpec, { method: 'static' }>): Iface {
  const style = styleOf(before);
  let stanza = before;
  if (stanza.method === 'dhcp') stanza = without(stanza, DHCP_OPTIONS);
  stanza = renamed(stanza, { method: 'static' });
  if (staticAddress(stanza) !== spec.address) {
    stanza = withOption(
      without(stanza, ['netmask', 'broadcast', 'network']),
      'address',
      spec.address,
      [],
      style,
    );
  }
  if (optionValue(stanza, 'gateway') !== spec.gateway) {
    stanza = withOption(
      stanza,
      'gateway',
      spec.gateway,
      ['address', 'netmask', 'broadcast', 'network'],
      style,
    );
  }
  return withNameservers(stanza, spec.nameservers, style);
}

function withNameservers(stanza: Iface, wanted: readonly string[] | null, style: Style): Iface {
  if (wanted === null) return stanza;
  const lines = optionsOf(stanza).filter(({ name }) => NAMESERVERS.some((other) => sameOption(name, other)));
  const present = lines.flatMap(({ value }) => words(value));
  if (present.join(' ') === wanted.join(' ')) return stanza;
  if (wanted.length === 0) return without(stanza, NAMESERVERS);
  const name = lines[0]?.name ?? 'dns-nameservers';
  const others = NAMESERVERS.filter((other) => !sameOption(other, name));
  return withOption(
    without(stanza, others),
    name,
    wanted.join(' '),
    ['address', 'netmask', 'gateway'],
    style,
  );
}

/**
 * Address and prefix length of an `inet static` stanza: the prefix may stand in `address` or in `netmask`, as a
 * number or as a mask, and without one ifupdown takes that of the old address classes (`compute_v4_mask`).
 * `null` when the stanza has no address that can be read.
 */
export function staticAddress(stanza: Iface): string | null {
  const [address = '', suffix] = (optionValue(stanza, 'address') ?? '').split('/');
  if (parseQuad(address) === null) return null;
  const prefix = prefixLength(optionValue(stanza, 'netmask') ?? suffix ?? String(classPrefix(address)));
  return prefix === null ? null : `${address}/${prefix}`;
}

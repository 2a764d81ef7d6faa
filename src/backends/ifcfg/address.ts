import type { AddressSpec } from '../../model/spec.js';
import { classPrefix, parseQuad, prefixLength } from '../netmask.js';
import { parse } from './parse.js';
import { isFalse } from './settings.js';
import { divide, type ShellFile, variable, withValue } from './shell.js';

/** An IPv4 address of a file. */
export interface FixedAddress {
  /** Behind `IPADDR`: empty, or a number. */
  readonly suffix: string;
  /** As it stands there. */
  readonly address: string;
  /** With prefix length; `null` when it cannot be read. */
  readonly text: string | null;
}

/** Whether ifup-eth starts a DHCP client: these words, in small letters, and no others. */
export function isLeased(file: ShellFile): boolean {
  return ['dhcp', 'bootp'].includes(variable(file, 'BOOTPROTO'));
}

/**
 * The addresses that ifup-eth gives a link, in its order (`expand_config` in network-functions): IPADDR, IPADDR0,
 * IPADDR1, and from IPADDR2 on to the first gap. None where BOOTPROTO has them leased.
 */
export function fixedAddresses(file: ShellFile): FixedAddress[] {
  const found: FixedAddress[] = [];
  if (isLeased(file)) return found;
  if (!['', '0', '1', '2'].some((suffix) => variable(file, `IPADDR${suffix}`) !== '')) return found;
  for (const suffix of ['', ...Array.from({ length: 256 }, (_, index) => String(index))]) {
    const address = variable(file, `IPADDR${suffix}`);
    if (address !== '') found.push({ suffix, address, text: withPrefix(file, suffix, address) });
    else if (Number(suffix) >= 2) break;
  }
  return found;
}

/** PREFIX counts before NETMASK; without both, the old address classes do. */
function withPrefix(file: ShellFile, suffix: string, address: string): string | null {
  if (parseQuad(address) === null) return null;
  const mask = variable(file, `PREFIX${suffix}`) || variable(file, `NETMASK${suffix}`);
  const prefix = mask === '' ? classPrefix(address) : prefixLength(mask);
  return prefix === null ? null : `${address}/${prefix}`;
}

/** The text of the bridge's file with the IPv4 address that is wanted; what has it already stays as it is. */
export function addressed(text: string, spec: AddressSpec): { text: string; notes: readonly string[] } {
  if (spec.method === 'keep') return { text, notes: [] };
  const file = parse(text);
  return spec.method === 'dhcp' ? toDhcp(text, file) : toStatic(file, spec);
}

function toDhcp(text: string, file: ShellFile) {
  if (isLeased(file)) return { text, notes: [] };
  const { kept, taken } = divide(file, (name) =>
    /^(IPADDR|PREFIX|NETMASK|BROADCAST|NETWORK|GATEWAY|DNS)\d*$/.test(name),
  );
  return { text: withValue(kept, parse(kept), 'BOOTPROTO', 'dhcp'), notes: dropped(taken, 'dhcp') };
}

function dropped(taken: readonly string[], method: string): string[] {
  return taken.map((line) => `"${line.trim()}" is dropped: the bridge's address is ${method} now.`);
}

type StaticSpec = Extract<AddressSpec, { method: 'static' }>;

function toStatic(file: ShellFile, spec: StaticSpec) {
  const [first] = fixedAddresses(file);
  const suffix = first?.suffix ?? '';
  const stays = first?.text === spec.address;
  const servers = spec.nameservers;
  const isGone = (name: string) => {
    // What stood beside BOOTPROTO=dhcp was not in effect. NETWORK would have to fit, or the gateway is left out.
    if (isLeased(file) && /^(IPADDR|PREFIX|NETMASK|BROADCAST|NETWORK|GATEWAY)\d*$/.test(name)) return true;
    if (!stays && [`PREFIX${suffix}`, `NETMASK${suffix}`, 'BROADCAST', 'NETWORK'].includes(name)) return true;
    if (name === 'DEFROUTE') return isFalse(variable(file, name));
    return servers !== null && !haveServers(file, servers) && /^(DNS\d+|PEERDNS)$/.test(name);
  };
  const { kept, taken } = divide(file, isGone);
  const [address, prefix = ''] = spec.address.split('/');
  const wanted: [string, string][] = [];
  if (isLeased(file)) wanted.push(['BOOTPROTO', 'none']);
  if (!stays) wanted.push([`IPADDR${suffix}`, address ?? ''], [`PREFIX${suffix}`, prefix]);
  wanted.push(['GATEWAY', spec.gateway]);
  if (servers !== null && !haveServers(file, servers)) {
    wanted.push(...servers.map((server, index): [string, string] => [`DNS${index + 1}`, server]));
  }
  let after = kept;
  for (const [name, value] of wanted) {
    const now = parse(after);
    if (variable(now, name) !== value) after = withValue(after, now, name, value);
  }
  const notes = dropped(taken, 'static');
  if ((servers?.length ?? 0) > 3) notes.push('The network scripts write the first three name servers only.');
  return { text: after, notes };
}

/** The scripts write DNS1 to DNS3 into resolv.conf, unless PEERDNS says no. */
function haveServers(file: ShellFile, servers: readonly string[]): boolean {
  const present = Array.from({ length: 9 }, (_, index) => variable(file, `DNS${index + 1}`)).filter(Boolean);
  return present.join() === servers.join() && (servers.length === 0 || !isFalse(variable(file, 'PEERDNS')));
}

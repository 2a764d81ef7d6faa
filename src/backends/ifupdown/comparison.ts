import ipaddr from 'ipaddr.js';
import type { HostFacts, Link } from '../../model/facts.js';
import type { Finding } from '../../model/finding.js';
import { aliasesOf, type Interfaces, isAutomatic, stanzasOf } from './files.js';
import { isHook } from './hooks.js';
import { optionsOf, words } from './syntax.js';

/** A stanza, and the file it stands in. */
export type Stanza = Interfaces['ifaces'][number];

/** The bridge in the files, and the one that is there. */
export interface Comparison {
  readonly facts: HostFacts;
  readonly link: Link;
  /** Those of the bridge. */
  readonly stanzas: readonly Stanza[];
  /** The same, and those of its aliases that come up with it. */
  readonly withAliases: readonly Stanza[];
}

/** What is to be compared. */
export function comparison(facts: HostFacts, interfaces: Interfaces, link: Link): Comparison {
  const stanzas = stanzasOf(interfaces, link.name);
  const aliases = aliasesOf(interfaces, link.name).filter((alias) => isAutomatic(interfaces, alias));
  const withAliases = [...stanzas, ...aliases.flatMap((alias) => stanzasOf(interfaces, alias))];
  return { facts, link, stanzas, withAliases };
}

/** What the next boot, or ifup, would make another network of. */
export function error(check: string, message: string, remedy: string): Finding {
  return { check, severity: 'error', message, remedy };
}

/** What the next boot, or ifup, would change without cutting the host off. */
export function warning(check: string, message: string, remedy: string): Finding {
  return { check, severity: 'warning', message, remedy };
}

/** The files against the network: which of them is right, only a person knows. */
export function eitherWay(command: string, edit = 'correct the file'): string {
  return `If the file is right, run \`${command}\`; if the network is right, ${edit}.`;
}

/** Make the bridge anew, as the files have it. In one shell, since the network is gone in between. */
export function remake(bridge: string): string {
  return `ifdown ${bridge} && ifup ${bridge}`;
}

/** Whether a command of a stanza (`up ip address add …`) names an address: what it does is not known beyond that. */
export function isMentioned(stanzas: readonly Stanza[], address: string): boolean {
  return stanzas
    .flatMap(optionsOf)
    .some((option) => isHook(option) && words(option.value).some((word) => word.split('/')[0] === address));
}

/** An address as the kernel writes it; `null` when it is none. */
export function normal(address: string): string | null {
  return ipaddr.isValid(address) ? ipaddr.parse(address).toString() : null;
}

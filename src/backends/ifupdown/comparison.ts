import type { HostFacts, Link } from '../../model/facts.js';
import { aliasesOf, type Interfaces, isAutomatic, stanzasOf } from './files.js';
import { isHook } from './hooks.js';
import type { Stanza } from './stanza.js';
import { optionsOf, words } from './syntax.js';

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

import { readSaved } from '../iptables.js';
import type { Chain, Rule, Table } from './model.js';

const HOOKS: Readonly<Record<string, string>> = {
  ...{ PREROUTING: 'prerouting', FORWARD: 'forward', POSTROUTING: 'postrouting' },
  ...{ INPUT: 'input', OUTPUT: 'output' },
};

/** What iptables and ebtables each read in their own way. */
export interface SavedDialect {
  /** Tables that say nothing of what passes. */
  readonly leftOut: ReadonlySet<string>;
  /** A rule behind `-A CHAIN`. */
  readonly rule: (text: string, isChain: (name: string) => boolean) => Rule;
  /** What becomes of a frame at the end of a chain with this policy, where it was called. */
  readonly end: (policy: string) => Chain['end'];
}

/** A table as `iptables-save` and `ebtables-save` print it: chains with their policies, then rules. */
export function readSavedTables(
  text: string,
  of: Pick<Table, 'program' | 'family'>,
  { leftOut, rule: readRule, end }: SavedDialect,
): Table[] {
  const lines = readSaved(text);
  const names = new Set(lines.map(({ table }) => table).filter((name) => name !== '' && !leftOut.has(name)));
  return [...names].map((name) => {
    const own = lines.filter(({ table }) => table === name);
    const declared = own.flatMap(({ line }) => {
      const [, chain, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
      return chain === undefined || policy === undefined ? [] : [[chain, policy] as const];
    });
    const isChain = (target: string) => declared.some(([chain]) => chain === target);
    const chains = declared.map(([chain, policy]): [string, Chain] => {
      const rules = own.flatMap(({ rule }) => (rule?.chain === chain ? [readRule(rule.text, isChain)] : []));
      return [chain, { name: chain, base: baseOf(chain, policy), rules, end: end(policy) }];
    });
    return { ...of, name, chains: new Map(chains) };
  });
}

function baseOf(chain: string, policy: string): Chain['base'] {
  const hook = Object.hasOwn(HOOKS, chain) ? HOOKS[chain] : undefined;
  return hook === undefined ? null : { hook, policy: policy === 'DROP' ? 'drop' : 'accept', devices: [] };
}

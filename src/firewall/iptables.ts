import type { IptablesProgram, IptablesRule } from '../model/firewall.js';
import { type Move, matchesLink, namesUplink, type Twin } from './names.js';

/** Built-in chains that bridged frames pass once br_netfilter is loaded, and where a match can tell them apart. */
const BRIDGED_HOOKS = ['FORWARD', 'POSTROUTING'];
const INTERFACE: Readonly<Record<string, 'in' | 'out'>> = {
  '-i': 'in',
  '--in-interface': 'in',
  '-o': 'out',
  '--out-interface': 'out',
};
/** A whole rule of a chain, with counters in front where they were saved. */
const RULE = /^(?:\[\d+:\d+\] )?(?:-A|--append) (\S+) (.*)$/;

/** Words of a rule as they are written, quotes and all; joined by spaces they are the rule again. */
export const wordsOf = (rule: string): string[] => rule.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];

/** A rule as arguments of iptables(8). */
export const argumentsOf = (rule: string): string[] =>
  wordsOf(rule).map((word) => (word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word));

/** An interface that a rule names. */
interface Named {
  /** Position of the name among the words. */
  readonly at: number;
  readonly name: string;
  readonly direction: 'in' | 'out';
  readonly negated: boolean;
}

function interfacesOf(words: readonly string[]): Named[] {
  return words.flatMap((word, index) => {
    const direction = Object.hasOwn(INTERFACE, word) ? INTERFACE[word] : undefined;
    if (direction === undefined) return [];
    // Old files have `-i ! eth0`.
    const old = words[index + 1] === '!';
    const at = index + (old ? 2 : 1);
    return [{ at, name: words[at] ?? '', direction, negated: old || words[index - 1] === '!' }];
  });
}

/** Names of the interfaces that a rule is about. */
export const namesIn = (rule: string): string[] => interfacesOf(wordsOf(rule)).map(({ name }) => name);

/** Chains of a table, by `iptables-save`, and the built-in ones that lead to each. */
function hooksByChain(lines: readonly string[]): Map<string, Set<string>> {
  const calls = lines.flatMap((line) => {
    const [, chain = '', rule = ''] = RULE.exec(line) ?? [];
    const target = /(?:^| )(?:-j|-g|--jump|--goto) (\S+)/.exec(rule)?.[1];
    return target === undefined ? [] : [{ chain, target }];
  });
  const builtIn = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];
  const reached = new Map<string, Set<string>>();
  for (const hook of builtIn) {
    const queue = [hook];
    for (let chain = queue.pop(); chain !== undefined; chain = queue.pop()) {
      const hooks = reached.get(chain) ?? new Set();
      if (hooks.has(hook)) continue;
      reached.set(chain, hooks.add(hook));
      for (const call of calls) if (call.chain === chain) queue.push(call.target);
    }
  }
  return reached;
}

/** A line of a file that iptables-restore(8) reads. */
export interface SavedLine {
  readonly line: string;
  readonly table: string;
  /** Of a rule; `null`: it is something else. */
  readonly rule: { readonly chain: string; readonly text: string; readonly hooks: readonly string[] } | null;
}

/** The lines of what `iptables-save` prints, or of a file like that. */
export function readSaved(text: string): SavedLine[] {
  const lines = text.split('\n');
  const tables = new Map<string, string[]>();
  let table = '';
  const placed = lines.map((line) => {
    table = /^\*(\w+)/.exec(line)?.[1] ?? table;
    tables.set(table, [...(tables.get(table) ?? []), line]);
    return { line, table };
  });
  const hooks = new Map([...tables].map(([name, own]) => [name, hooksByChain(own)]));
  return placed.map(({ line, table: name }) => {
    const [, chain, rule] = RULE.exec(line) ?? [];
    if (chain === undefined || rule === undefined) return { line, table: name, rule: null };
    return {
      line,
      table: name,
      rule: { chain, text: rule.trim(), hooks: [...(hooks.get(name)?.get(chain) ?? [])] },
    };
  });
}

/**
 * Rules that name one of these links, by `iptables-save`. What firewalld makes of its zones is left out: the bridge
 * gets into the zone by firewalld itself.
 */
export function parseIptables(
  text: string,
  program: IptablesProgram,
  links: readonly string[],
): IptablesRule[] {
  return readSaved(text).flatMap(({ table, rule }) => {
    if (rule === null || /_ZONES(_\w+)?$/.test(rule.chain)) return [];
    const about = namesIn(rule.text).some((name) => links.some((link) => matchesLink(name, link)));
    const { chain, hooks, text: shown } = rule;
    return about ? [{ kind: 'iptables' as const, program, table, chain, hooks, rule: shown }] : [];
  });
}

/** Tables that `iptables-save` shows, by their names in nftables. */
export const tablesOf = (saved: string): string[] =>
  [...saved.matchAll(/^\*(\w+)/gm)].flatMap(([, table]) => table ?? []);

/** The same rule for the bridge; `null`: it is not about the uplink, or about both. */
export function iptablesTwin(rule: string, hooks: readonly string[], move: Move): Twin | null {
  const words = wordsOf(rule);
  const named = interfacesOf(words);
  const own = named.filter(({ name }) => namesUplink(name, move));
  if (own.length === 0) return null;
  if (own.some(({ negated }) => negated)) {
    return {
      how: 'by-hand',
      reason: `"everything but ${move.uplink}" then takes in what comes by ${move.bridge}, and iptables has no rule with two exceptions`,
    };
  }
  const twin = words.map((word, index) => (own.some(({ at }) => at === index) ? move.bridge : word));
  const routed = named.some((each) => !own.includes(each) && !each.negated && each.name !== move.bridge);
  const seesBridged = move.seesBridged && !routed && hooks.some((hook) => BRIDGED_HOOKS.includes(hook));
  if (seesBridged && !words.includes('--physdev-is-bridged')) {
    const end = twin.findIndex((word) => ['-j', '-g', '--jump', '--goto'].includes(word));
    twin.splice(end === -1 ? twin.length : end, 0, '-m', 'physdev', '!', '--physdev-is-bridged');
  }
  return { how: 'beside', rule: twin.join(' ') };
}

/** Whether a rule is about the bridge and not about the uplink. */
export const isForBridge = (rule: string, { uplink, bridge }: Move): boolean =>
  interfacesOf(wordsOf(rule)).some(
    ({ name, negated }) => !negated && matchesLink(name, bridge) && !matchesLink(name, uplink),
  );

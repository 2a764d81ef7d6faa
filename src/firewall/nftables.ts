import type { FirewallRule, NftElement, NftRule } from '../model/firewall.js';
import { matchesLink } from './names.js';
import { nftNames } from './nft-rule.js';

/** Families whose rules see packets of the host; in `bridge` are rules for frames, by their port. */
const FAMILIES = /^table (ip|ip6|inet|arp|bridge) (\S+) \{/;
/** Hooks in the line that a base chain begins with. */
const BASE = /^type \w+ hook (\w+) /;

/** A chain, set or map. */
interface Block {
  readonly table: string;
  readonly kind: string;
  readonly name: string;
  readonly lines: string[];
}

/** Chains, sets and maps of what `nft list ruleset` prints, or of a file like that. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let table: string | null = null;
  let open: Block | null = null;
  for (const raw of text.split('\n')) {
    const line = raw.replace(/ # handle \d+$/, '').trim();
    const begun = /^(chain|set|map) (\S+) \{/.exec(line);
    if (/^table /.test(line)) {
      const [, family, name] = FAMILIES.exec(line) ?? [];
      table = family === undefined ? null : `${family} ${name}`;
      open = null;
    } else if (table !== null && open === null && begun !== null) {
      open = { table, kind: begun[1] ?? '', name: begun[2] ?? '', lines: [] };
      blocks.push(open);
    } else if (line === '}') open = null;
    else open?.lines.push(line);
  }
  return blocks;
}

const isChain = ({ kind }: Block) => kind === 'chain';
const rulesOf = ({ lines }: Block) =>
  lines.filter((line) => line !== '' && !/^(type \w+ hook|policy |comment "|#)/.test(line));

/** By `TABLE CHAIN`, the hooks that lead there. */
function hooksByChain(blocks: readonly Block[]): Map<string, Set<string>> {
  const chains = new Map(blocks.filter(isChain).map((block) => [`${block.table} ${block.name}`, block]));
  const reached = new Map<string, Set<string>>();
  for (const base of chains.values()) {
    const hook = base.lines.map((line) => BASE.exec(line)?.[1]).find((found) => found !== undefined);
    if (hook === undefined) continue;
    const queue = [base.name];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      const key = `${base.table} ${name}`;
      const hooks = reached.get(key) ?? new Set();
      if (hooks.has(hook)) continue;
      reached.set(key, hooks.add(hook));
      const called = (chains.get(key)?.lines ?? [])
        .join('\n')
        .matchAll(/\b(?:jump|goto) (\S+?)[,\s]|\b(?:jump|goto) (\S+)$/gm);
      for (const [, inside, last] of called) queue.push(inside ?? last ?? '');
    }
  }
  return reached;
}

/** Elements of a named set or map, each as it is printed. */
export function elementsOf(lines: readonly string[]): string[] {
  const text = /elements = \{(.*?)\}\s*;?\s*$/.exec(lines.join(' '))?.[1] ?? '';
  return (text.match(/(?:"[^"]*"|[^,"])+/g) ?? []).map((element) => element.trim().replaceAll(/\s+/g, ' '));
}

/**
 * Rules, and elements of named sets, that name one of these links, by `nft list ruleset`.
 * @param owned tables of iptables-nft, as `ip filter`: those are for iptables to read. firewalld's own are left out too.
 */
export function parseNft(text: string, owned: ReadonlySet<string>, links: readonly string[]): FirewallRule[] {
  const blocks = blocksOf(text).filter(({ table }) => !owned.has(table) && !table.endsWith(' firewalld'));
  const hooks = hooksByChain(blocks);
  const about = (names: readonly string[]) =>
    names.some((name) => links.some((link) => matchesLink(name, link)));
  return blocks.flatMap((block): FirewallRule[] => {
    const { table, name } = block;
    if (isChain(block)) {
      return rulesOf(block)
        .filter((rule) => about(nftNames(rule)))
        .map((rule): NftRule => {
          const leading = [...(hooks.get(`${table} ${name}`) ?? [])];
          return { kind: 'nft', table, chain: name, hooks: leading, rule };
        });
    }
    // Of an index, a link that is not there yet has none.
    if (!block.lines.some((line) => /^type(of)? .*(ifname|iifname|oifname)/.test(line))) return [];
    return elementsOf(block.lines)
      .filter((element) => about([...keyOf(element).matchAll(/"([^"]+)"/g)].map(([, each]) => each ?? '')))
      .map((element): NftElement => ({ kind: 'nft-element', table, set: name, element }));
  });
}

/** What an element is found by: a map has `key : value`. */
const keyOf = (element: string): string => element.split(' : ')[0] ?? '';

/** The same element for another link. */
export function elementFor(element: string, from: string, to: string): string {
  const key = keyOf(element);
  return key.replaceAll(`"${from}"`, `"${to}"`) + element.slice(key.length).replace(/ expires \S+/, '');
}

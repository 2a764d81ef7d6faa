import { elementsOf } from '../nftables.js';
import type { Base, Chain, Rule, Table } from './model.js';
import { readRule, type Sets } from './nft-rule.js';

interface Block {
  readonly kind: string;
  readonly name: string;
  readonly lines: string[];
}

interface TableText {
  readonly family: string;
  readonly name: string;
  readonly blocks: Block[];
}

/** Tables of what `nft list ruleset` prints, each with the lines of its chains, sets and maps. */
function tablesIn(text: string): TableText[] {
  const tables: TableText[] = [];
  let open: Block | null = null;
  for (const raw of text.split('\n')) {
    const line = raw.replace(/ # handle \d+$/, '').trim();
    const [, family, table] = /^table (\w+) (\S+) \{/.exec(line) ?? [];
    const [, kind, name] = /^(chain|set|map) (\S+) \{/.exec(line) ?? [];
    if (family !== undefined && table !== undefined) {
      tables.push({ family, name: table, blocks: [] });
      open = null;
    } else if (open === null && kind !== undefined && name !== undefined) {
      open = { kind, name, lines: [] };
      tables.at(-1)?.blocks.push(open);
    } else if (line === '}') open = null;
    else open?.lines.push(line);
  }
  return tables;
}

const FAMILIES = ['ip', 'ip6', 'inet', 'bridge', 'netdev'] as const;
type Family = (typeof FAMILIES)[number];
const isFamily = (name: string): name is Family => FAMILIES.some((family) => family === name);

/**
 * Tables that nft(8) shows and that see packets of a bridge.
 * @param owned those that are read by another program, as `ip filter`
 */
export function readNft(text: string, owned: ReadonlySet<string>): Table[] {
  return tablesIn(text).flatMap(({ family, name, blocks }): Table[] => {
    if (!isFamily(family) || owned.has(`${family} ${name}`)) return [];
    const sets = setsOf(blocks);
    const chains = blocks
      .filter(({ kind }) => kind === 'chain')
      .map((block): [string, Chain] => [block.name, chainOf(block, sets)]);
    return [{ program: 'nft', family, name, chains: new Map(chains) }];
  });
}

const BASE = /^type \w+ hook (\w+)(.*?) priority ([^;]+);(?:.*policy (\w+);)?/;

function chainOf({ name, lines }: Block, sets: Sets): Chain {
  const base = lines.map(baseOf).find((found) => found !== null) ?? null;
  const rules = lines
    .filter((line) => line !== '' && !/^(type \w+ hook|policy |comment "|flags |#)/.test(line))
    .map((line): Rule => readRule(line, sets));
  return { name, base, rules, end: 'return' };
}

function baseOf(line: string): Base | null {
  const [, hook, device = '', , policy] = BASE.exec(line) ?? [];
  if (hook === undefined) return null;
  const devices = [...device.matchAll(/"([^"]+)"|(?<=[\s{,])([\w.@-]+)(?=[\s,}]|$)/g)]
    .map(([, quoted, bare]) => quoted ?? bare ?? '')
    .filter((each) => !['device', 'devices', 'flags', 'offload', ''].includes(each));
  return { hook, policy: policy === 'drop' ? 'drop' : 'accept', devices };
}

/** Named sets and maps whose keys are names of links; what others hold is not looked at. */
function setsOf(blocks: readonly Block[]): Sets {
  const sets = new Map<string, readonly string[] | null>();
  for (const { kind, name, lines } of blocks) {
    if (kind === 'chain') continue;
    const isByName = lines.some((line) =>
      /^type(of)? (ifname|iifname|oifname|meta [io]ifname)( :|$)/.test(line),
    );
    sets.set(name, isByName ? elementsOf(lines) : null);
  }
  return sets;
}

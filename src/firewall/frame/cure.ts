import type { IptablesProgram } from '../../model/firewall.js';
import { readIptables } from './iptables.js';
import type { Chain, FilterProgram, Place, Rule, Table } from './model.js';
import { readRule } from './nft-rule.js';
import { type Drop, dropsOf, type FilterTexts, readTables } from './passage.js';

/** Docker's chain for the administrator's own rules, first in FORWARD (docs.docker.com, "Docker and iptables"). */
export const DOCKER_USER = 'DOCKER-USER';

/** What lets frames of a bridge pass where they are dropped. */
export type Cure =
  /** A rule, the first of a chain. */
  | {
      readonly kind: 'iptables';
      readonly program: IptablesProgram;
      readonly chain: string;
      readonly rule: readonly string[];
    }
  /** `ufw route allow`: in its files, for both families. */
  | { readonly kind: 'ufw' }
  /** The bridge into a zone of firewalld, at runtime and for good. */
  | { readonly kind: 'firewalld' }
  /** Lines for the administrator, whose rules those are; none: only they can tell what is meant. */
  | { readonly kind: 'by-hand'; readonly lines: readonly string[] };

/** A drop, and what would let the frames pass. */
export interface CuredDrop {
  readonly by: Place;
  readonly family: 4 | 6;
  readonly protocols: Drop['protocols'];
  readonly cure: Cure;
}

/** The rule that lets frames pass within a bridge, as arguments of iptables(8). */
export const acceptWords = (bridge: string): string[] => ['-i', bridge, '-o', bridge, '-j', 'ACCEPT'];

/** What drops frames of a bridge for certain, and the cure of each: one that lets them pass by the same reading. */
export function curedDrops(texts: FilterTexts): CuredDrop[] {
  const tables = readTables(texts);
  return [
    ...isolatedDrops(texts),
    ...dropsOf(texts, tables).map((drop) => ({
      ...{ by: drop.by, family: drop.family, protocols: drop.protocols },
      cure: cureOf(drop, texts, tables),
    })),
  ];
}

function cureOf(drop: Drop, texts: FilterTexts, tables: readonly Table[]): Cure {
  const { table, chain, by } = drop;
  const { bridge } = texts;
  const passesWith = (into: string, ...rules: Rule[]) => {
    const changed = withFirst(table, into, rules);
    return !dropsOf(
      texts,
      tables.map((each) => (each === table ? changed : each)),
    ).some((each) => each.table === changed && each.chain.name === chain.name);
  };
  if (table.family === 'inet' && table.name === 'firewalld') return { kind: 'firewalld' };
  const { program } = table;
  if (isIptables(program)) {
    const words = acceptWords(bridge);
    const rule = ruleOfIptables(words, table);
    if (rule !== null && table.name === 'filter' && by.base === 'FORWARD') {
      if (table.chains.has(DOCKER_USER) && passesWith(DOCKER_USER, rule))
        return { kind: 'iptables', program, chain: DOCKER_USER, rule: words };
      const ufw = table.family === 'ip' ? 'ufw-user-forward' : 'ufw6-user-forward';
      if (table.chains.has(ufw) && passesWith(ufw, rule)) return { kind: 'ufw' };
      if (passesWith('FORWARD', rule)) return { kind: 'iptables', program, chain: 'FORWARD', rule: words };
    }
    const line = `${table.program} -t ${table.name} -I ${by.base} -m physdev --physdev-is-bridged -j ACCEPT`;
    return { kind: 'by-hand', lines: table.name === 'filter' ? [] : [line] };
  }
  return { kind: 'by-hand', lines: linesByHand(drop, texts, passesWith) };
}

const isIptables = (program: FilterProgram): program is IptablesProgram => /^ip6?tables/.test(program);

/** Rules for the very chain: an accept in another chain or table does not undo a drop. */
function linesByHand(
  { table, chain, by }: Drop,
  { bridge, uplink }: FilterTexts,
  passesWith: (into: string, ...rules: Rule[]) => boolean,
): string[] {
  if (table.program !== 'nft') {
    const lines = uplink === null ? [] : [`-i ${uplink}`, `-o ${uplink}`];
    const tableWords = by.table === 'filter' ? '' : ` -t ${by.table}`;
    return lines.map((line) => `ebtables${tableWords} -I ${by.base} ${line} -j ACCEPT`);
  }
  const hook = chain.base?.hook ?? '';
  const byBridge = [
    ...(hook === 'postrouting' ? [] : [`iifname "${bridge}"`]),
    ...(hook === 'prerouting' ? [] : [`oifname "${bridge}"`]),
  ].join(' ');
  const byPort = uplink === null ? [] : [`iifname "${uplink}" accept`, `oifname "${uplink}" accept`];
  const rules = table.family === 'bridge' || table.family === 'netdev' ? byPort : [`${byBridge} accept`];
  const isCure = passesWith(chain.name, ...rules.map((rule) => readRule(rule, new Map())));
  return isCure ? rules.map((rule) => `nft insert rule ${by.table} ${chain.name} ${rule}`) : [];
}

/** The table with more rules, first in a chain. */
function withFirst(table: Table, into: string, rules: readonly Rule[]): Table {
  const chain = table.chains.get(into);
  if (chain === undefined) return table;
  const changed: Chain = { ...chain, rules: [...rules, ...chain.rules] };
  return { ...table, chains: new Map([...table.chains, [into, changed]]) };
}

function ruleOfIptables(words: readonly string[], { program, family }: Table): Rule | null {
  const text = `*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD ${words.join(' ')}\nCOMMIT\n`;
  const [table] = readIptables(text, program, family === 'ip' ? 4 : 6);
  return table?.chains.get('FORWARD')?.rules[0] ?? null;
}

/** Frames do not pass from one isolated port to another (ip-link(8)). */
function isolatedDrops({ bridge, uplink, isolated }: FilterTexts): CuredDrop[] {
  if (uplink === null || !isolated.includes(uplink) || isolated.length < 2) return [];
  const others = isolated.filter((name) => name !== uplink).join(', ');
  const rule = `${uplink} and ${others} are isolated ports of ${bridge}`;
  const by: Place = { program: 'nft', table: '', chain: '', base: '', rule };
  const lines = [`bridge link set dev ${uplink} isolated off`];
  return [{ by, family: 4, protocols: ['arp', 'icmp', 'tcp', 'udp'], cure: { kind: 'by-hand', lines } }];
}

/** A rule, or the policy of a chain, as a person may look for it. */
export function placeText({ program, table, chain, rule }: Place): string {
  if (chain === '') return rule ?? '';
  if (rule === null) return `the policy of ${chain} (${program}, table ${table})`;
  return program === 'nft'
    ? `"${rule}" in ${chain} (nft, table ${table})`
    : `"-A ${chain} ${rule}" (${program}, table ${table})`;
}

/** What a person runs to let the frames pass. */
export function cureCommands(cure: Cure, bridge: string, zone: string | null): readonly string[] {
  switch (cure.kind) {
    case 'iptables':
      return [`${cure.program} -I ${cure.chain} ${cure.rule.join(' ')}`];
    case 'ufw':
      return [`ufw route allow in on ${bridge} out on ${bridge}`];
    case 'firewalld':
      return ['--permanent ', ''].map(
        (how) => `firewall-cmd ${how}--zone=${zone ?? 'public'} --add-interface=${bridge}`,
      );
    case 'by-hand':
      return cure.lines;
  }
}

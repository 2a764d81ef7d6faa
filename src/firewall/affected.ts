import type { HostFacts } from '../model/facts.js';
import type { FirewallRule } from '../model/firewall.js';
import { iptablesTwin, isForBridge } from './iptables.js';
import { type Move, moveOf, namesUplink, type Twin } from './names.js';
import { isNftForBridge, nftTwin, normalNft } from './nft-rule.js';
import { elementFor } from './nftables.js';

/** A rule that means something else once the bridge is there. */
export interface AffectedRule {
  readonly rule: FirewallRule;
  readonly twin: Twin;
  /** The firewall has what follows from it for the bridge already. */
  readonly followed: boolean;
}

/** Rules for frames, which go by the port: they are as good as before. */
const isForFrames = ({ table }: FirewallRule): boolean => table.startsWith('bridge ');

/** Rules that name the uplink, each once; their order is that of the firewall. */
export function affectedRules(rules: readonly FirewallRule[], move: Move): AffectedRule[] {
  const seen = new Set<string>();
  return rules.flatMap((rule): AffectedRule[] => {
    const twin = isForFrames(rule) ? null : twinOf(rule, move);
    const key = ruleText(rule);
    if (twin === null || seen.has(key)) return [];
    seen.add(key);
    return [{ rule, twin, followed: isFollowed(rule, twin, rules, move) }];
  });
}

/** What a rule becomes; `null`: it is not about the uplink. */
function twinOf(rule: FirewallRule, move: Move): Twin | null {
  if (rule.kind === 'iptables') return iptablesTwin(rule.rule, rule.hooks, move);
  if (rule.kind === 'nft') return nftTwin(rule.rule, rule.hooks, move);
  const name = /"([^"]+)"/.exec(rule.element)?.[1] ?? '';
  if (!namesUplink(name, move)) return null;
  return { how: 'beside', rule: elementFor(rule.element, name, move.bridge) };
}

/** Also where an administrator wrote it without an exception for frames between the ports. */
function isFollowed(rule: FirewallRule, twin: Twin, rules: readonly FirewallRule[], move: Move): boolean {
  if (twin.how !== 'beside') return false;
  const plain = twinOf(rule, { ...move, seesBridged: false });
  const wanted = [twin, ...(plain?.how === 'beside' ? [plain] : [])].map((each) => textOf(rule, each.rule));
  return rules.some((other) => isNextTo(rule, other) && wanted.includes(textOf(other, contentOf(other))));
}

const contentOf = (rule: FirewallRule) => (rule.kind === 'nft-element' ? rule.element : rule.rule);
const textOf = ({ kind }: FirewallRule, text: string) => (kind === 'nft' ? normalNft(text) : text);

/** Whether two rules are in one chain, or elements in one set. */
function isNextTo(one: FirewallRule, other: FirewallRule): boolean {
  if (one.table !== other.table) return false;
  if (one.kind === 'iptables')
    return other.kind === one.kind && other.program === one.program && other.chain === one.chain;
  if (one.kind === 'nft') return other.kind === one.kind && other.chain === one.chain;
  return other.kind === one.kind && other.set === one.set;
}

/** Rules that nothing matched until now, and that will match: about a bridge of that name, or frames on the port. */
export function awakenedRules(rules: readonly FirewallRule[], move: Move): FirewallRule[] {
  const twins = affectedRules(rules, move).filter(({ followed }) => followed);
  const wanted = twins.flatMap(({ rule, twin }) => {
    const plain = twinOf(rule, { ...move, seesBridged: false });
    return [twin, plain].flatMap((each) => (each?.how === 'beside' ? [textOf(rule, each.rule)] : []));
  });
  return rules.filter((rule) => {
    if (isForFrames(rule)) return twinOf(rule, move) !== null;
    if (wanted.includes(textOf(rule, contentOf(rule)))) return false;
    if (rule.kind === 'iptables') return isForBridge(rule.rule, move);
    return rule.kind === 'nft' && isNftForBridge(rule.rule, move);
  });
}

/** A rule as a person may look for it. */
export function ruleText(rule: FirewallRule): string {
  if (rule.kind === 'iptables') return `${rule.program} -t ${rule.table} -A ${rule.chain} ${rule.rule}`;
  if (rule.kind === 'nft') return `nft ${rule.table} ${rule.chain}: ${rule.rule}`;
  return `nft ${rule.table}, set ${rule.set}: ${rule.element}`;
}

/** The rule that follows from another one, as a person may look for it. */
export function twinText(rule: FirewallRule, twin: string): string {
  return ruleText(rule.kind === 'nft-element' ? { ...rule, element: twin } : { ...rule, rule: twin });
}

/** Rules of a host that name the uplink, and from which nothing follows for the bridge yet. */
export const unfollowedRules = (facts: HostFacts, uplink: string, bridge: string): AffectedRule[] =>
  affectedRules(facts.firewall?.rules ?? [], moveOf(facts, uplink, bridge)).filter(
    ({ followed }) => !followed,
  );

import { type AffectedRule, affectedRules, twinText } from '../firewall/affected.js';
import { followFile } from '../firewall/files.js';
import { argumentsOf } from '../firewall/iptables.js';
import { type Move, moveOf } from '../firewall/names.js';
import type { Answers } from '../model/answers.js';
import type { HostFacts } from '../model/facts.js';
import type { FirewallRule } from '../model/firewall.js';
import type { Step } from '../model/plan.js';

/**
 * The same rules for the bridge, next to those that name the uplink: in the files they are loaded from, then live.
 * They come before the network moves, and a rollback removes them after it has moved back.
 */
export function firewallRuleSteps(facts: HostFacts, { safety, bridge }: Answers, uplink: string): Step[] {
  if (safety.firewall !== 'follow' || facts.firewall === undefined) return [];
  const move = moveOf(facts, uplink, bridge.name);
  const affected = affectedRules(facts.firewall.rules, move);
  const live = affected.filter(({ followed }) => !followed).map((each, index) => liveStep(each, move, index));
  return [
    ...fileSteps(
      facts,
      affected.map(({ rule }) => rule),
      move,
    ),
    ...live,
  ];
}

function fileSteps({ firewall, files }: HostFacts, rules: readonly FirewallRule[], move: Move): Step[] {
  const steps = (firewall?.files ?? []).flatMap((file): Step[] => {
    const before = files[file.path];
    if (before === undefined) return [];
    const { content } = followFile(file, before.content, rules, move);
    if (content === before.content) return [];
    const { path } = file;
    const write: Step = {
      id: `write-${path}`,
      title: `Write ${path}`,
      kind: 'write-file',
      path,
      content,
      mode: before.mode,
      before: before.content,
    };
    return [write, ...(file.format === 'nft' ? [nftCheck(path)] : [])];
  });
  return steps;
}

/** Nothing is loaded by it. */
const nftCheck = (path: string): Step => ({
  id: `check-${path}`,
  title: `Let nft check ${path}`,
  kind: 'run',
  argv: ['nft', '--check', '--file', path],
  undo: null,
  timeoutSeconds: 30,
});

function liveStep({ rule, twin }: AffectedRule, { bridge }: Move, index: number): Step {
  const id = `firewall-rule-${index + 1}`;
  const wanted = twin.how === 'by-hand' ? '' : twin.rule;
  const title = `Add the rule for ${bridge}: ${twinText(rule, wanted)}`;
  if (rule.kind === 'iptables') {
    const { program, table, chain } = rule;
    const words = { rule: argumentsOf(wanted), before: argumentsOf(rule.rule) };
    return { id, title, kind: 'insert-rule', program, table, chain, ...words, copies: 0 };
  }
  if (rule.kind === 'nft') {
    const { table, chain } = rule;
    const how = twin.how === 'instead' ? 'instead' : 'beside';
    return { id, title, kind: 'nft-rule', table, chain, original: rule.rule, how, rule: wanted };
  }
  const element = (verb: string) => `${verb} element ${rule.table} ${rule.set} { ${wanted} }`;
  return {
    id,
    title,
    kind: 'run',
    argv: ['nft', element('add')],
    // To add what is there is no error, unlike to delete what is not.
    undo: ['nft', `${element('add')}; ${element('delete')}`],
    timeoutSeconds: 10,
  };
}

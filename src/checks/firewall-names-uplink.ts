import { type AffectedRule, awakenedRules, ruleText, unfollowedRules } from '../firewall/affected.js';
import { rulesWithoutFile } from '../firewall/files.js';
import { type Move, moveOf } from '../firewall/names.js';
import type { Finding } from '../model/finding.js';
import { linkNamed } from '../model/links.js';
import type { Check, CheckContext } from './check.js';

const ID = 'firewall-names-uplink';
const PATH = 'safety.firewall';

/** The firewall goes by the bridge when the network moves there. */
export const firewallNamesUplink: Check = {
  id: ID,
  title: 'No rule of the firewall names the NIC',
  group: 'docker',
  on: 'not-set-up',
  looksAt:
    'Rules of iptables (old and by nf_tables, IPv4 and IPv6, all tables; ufw makes such) and nftables that name the NIC.',
  cause:
    'Packets that came in and went out by the NIC do so by the bridge afterwards, and rules go by the name: what was open may be closed, and what was closed open.',
  run: (context) => {
    const { facts, answers, uplink } = context;
    if (facts.firewall === undefined) return [];
    const move = moveOf(facts, uplink, answers.bridge.name);
    const missing = unfollowedRules(facts, uplink, answers.bridge.name);
    const awakened = awakenedRules(facts.firewall.rules, move).map(
      (rule): Finding => ({
        check: ID,
        severity: 'warning',
        message: `A rule that matched nothing so far will match: "${ruleText(rule)}".`,
      }),
    );
    return [...findingsOf(missing, move, context), ...awakened];
  },
};

function findingsOf(missing: readonly AffectedRule[], move: Move, context: CheckContext): Finding[] {
  const { facts, answers } = context;
  if (missing.length === 0) return [];
  if (answers.safety.firewall === 'follow') return followed(missing, move, context);
  const isMoved = linkNamed(facts, move.uplink)?.master === move.bridge;
  const refuses = answers.safety.firewall === 'refuse' && !isMoved;
  const rules = missing.map(
    ({ rule, twin }): Finding => ({
      check: ID,
      severity: refuses ? 'error' : 'warning',
      path: PATH,
      message: `"${ruleText(rule)}" names ${move.uplink}. ${effect(twin.how === 'beside', move)}`,
    }),
  );
  const last = rules.at(-1);
  if (last === undefined) return [];
  return [
    ...rules.slice(0, -1),
    { ...last, remedy: refuses ? remedyFor(missing, move) : afterwards(context) },
  ];
}

function effect(isPositive: boolean, { uplink, bridge }: Move): string {
  return isPositive
    ? `The LAN is on ${bridge} afterwards, so the rule no longer matches.`
    : `The LAN is on ${bridge} afterwards, so what it says of everything but ${uplink} then holds for the LAN.`;
}

function remedyFor(missing: readonly AffectedRule[], { bridge }: Move): string {
  const byHand = missing.some(({ twin }) => twin.how === 'by-hand');
  const follow = byHand
    ? `Write rules for ${bridge} instead of those with exceptions; then set ${PATH} to "follow"`
    : `Set ${PATH} to "follow"`;
  return `${follow}: the same rules are added for ${bridge}, live and in the files that they are loaded from, and rollback removes them. Or set it to "keep": the firewall stays as it is.`;
}

/** Connections that are there go on by their state; only a new one shows what the firewall lets in. */
function afterwards({ facts: { session } }: CheckContext): string {
  return session.ssh
    ? 'Your SSH session may go on while new ones are refused: set safety.confirm to "always", and confirm from a new session.'
    : 'Have another way in, or set safety.confirm to "always" and confirm from a new SSH session.';
}

function followed(missing: readonly AffectedRule[], move: Move, { facts }: CheckContext): Finding[] {
  const byHand = missing.flatMap(({ rule, twin }): Finding[] =>
    twin.how !== 'by-hand'
      ? []
      : [
          {
            check: ID,
            severity: 'error',
            path: PATH,
            message: `"${ruleText(rule)}" cannot be followed: ${twin.reason}.`,
            remedy: `Write it another way, or set ${PATH} to "keep" and write what it shall be for ${move.bridge} yourself.`,
          },
        ],
  );
  const volatile = rulesWithoutFile(facts, move)
    .filter((rule) => missing.some((each) => each.rule === rule))
    .map(
      (rule): Finding => ({
        check: ID,
        severity: 'warning',
        message: `"${ruleText(rule)}" is in no file that bridge-setup knows: it is followed now, but not after a reboot.`,
        remedy: `Name ${move.bridge} in whatever makes that rule, too.`,
      }),
    );
  const redirected = missing.flatMap(({ rule }): Finding[] =>
    facts.netfilter.bridgeNfCallIptables !== true || !redirects(rule)
      ? []
      : [
          {
            check: ID,
            severity: 'warning',
            message: `"${ruleText(rule)}" has no destination: followed, it also redirects what is on its way to a container on ${move.bridge}, since net.bridge.bridge-nf-call-iptables is 1.`,
            remedy: "Give it the host's own address as its destination.",
          },
        ],
  );
  return [...byHand, ...volatile, ...redirected];
}

/** A rule of nat that sends on whatever comes in. */
function redirects(rule: AffectedRule['rule']): boolean {
  if (rule.kind === 'nft-element') return false;
  const text = rule.rule;
  return rule.kind === 'iptables'
    ? rule.hooks.includes('PREROUTING') && rule.table === 'nat' && !/(^| )-d /.test(text)
    : rule.hooks.includes('prerouting') && /\b(dnat|redirect)\b/.test(text) && !/\bdaddr\b/.test(text);
}

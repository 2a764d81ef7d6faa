import { type CuredDrop, cureCommands, curedDrops, DOCKER_USER, placeText } from '../firewall/frame/cure.js';
import { readFilters } from '../firewall/frame/read.js';
import type { Host } from '../host/host.js';
import { RUNTIME_CONFIG_FILE } from '../model/paths.js';
import { firewalldRule, removeFromFirewalld } from './firewalld.js';
import { insertAccept, removeAccepts } from './iptables-rule.js';
import { forgetRules, type PlacedRule, readPlaced, recordRule } from './placed-rules.js';

/** How it stands with frames between the ports of one bridge. */
export interface AcceptRuleStatus {
  readonly bridge: string;
  /**
   * `passes`: nothing drops them. `added`: something did, and does no more. `by-hand`: somebody's rules do, which are
   * not changed; see the detail. `not-needed`: this bridge has no such filters, or they are left alone.
   */
  readonly state: 'passes' | 'added' | 'by-hand' | 'failed' | 'not-needed';
  readonly detail: string;
}

/** ufw writes its files, and loads all of its rules. */
const UFW_TIMEOUT_MS = 30_000;

/**
 * Let frames pass between the ports of a bridge, where something drops them: Docker sets the policy of FORWARD to DROP,
 * firewalls reject what they do not know, and br_netfilter sends bridged frames through both. Rules of others stay as they
 * are. Docker and firewalls forget what was added when they restart, so this is called again.
 */
export async function ensureAcceptRule(host: Host, bridge: string): Promise<AcceptRuleStatus[]> {
  if (await isNoLinuxBridge(host, bridge)) {
    const detail = `${bridge} is no bridge of the kernel's own: its frames do not pass its packet filters`;
    return [{ bridge, state: 'not-needed', detail }];
  }
  if (await isLeftAlone(host)) {
    const detail = `the firewall is left alone, as ${RUNTIME_CONFIG_FILE} says`;
    return [{ bridge, state: 'not-needed', detail }];
  }
  const before = curedDrops(await readFilters(host, bridge, null));
  if (before.length === 0) return [{ bridge, state: 'passes', detail: `frames within ${bridge} pass` }];
  const statuses: AcceptRuleStatus[] = [];
  for (const drop of withoutDoubles(before, bridge)) statuses.push(await applyCure(host, bridge, drop));
  if (!statuses.some(({ state }) => state === 'added')) return statuses;
  // What was added counts for nothing before it is seen to work.
  const after = curedDrops(await readFilters(host, bridge, null));
  const left = after.filter(({ cure }) => cure.kind !== 'by-hand');
  if (left.length === 0) return statuses;
  return left.map(({ by }) => ({
    ...{ bridge, state: 'failed' },
    detail: `${placeText(by)} still drops frames within ${bridge}`,
  }));
}

/** Frames within an Open vSwitch bridge never see br_netfilter. A bridge that is yet to come gets its rule ahead. */
async function isNoLinuxBridge({ files }: Host, bridge: string): Promise<boolean> {
  const folder = `/sys/class/net/${bridge}`;
  return (await files.exists(folder)) && !(await files.exists(`${folder}/bridge`));
}

/** The administrator has said so in the configuration of the runtime, which other commands go by, too. */
async function isLeftAlone({ files }: Host): Promise<boolean> {
  const text = (await files.read(RUNTIME_CONFIG_FILE).catch(() => null)) ?? '';
  return /"firewall"\s*:\s*"never"/.test(text);
}

/** One cure may be good for several drops. */
function withoutDoubles(drops: readonly CuredDrop[], bridge: string): CuredDrop[] {
  const seen = new Set<string>();
  return drops.filter(({ cure, by }) => {
    const key = cure.kind === 'by-hand' ? placeText(by) : cureCommands(cure, bridge, null).join();
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

async function applyCure(host: Host, bridge: string, drop: CuredDrop): Promise<AcceptRuleStatus> {
  const { cure, by } = drop;
  const dropped = `${placeText(by)} drops frames within ${bridge}`;
  const added = (detail: string): AcceptRuleStatus => ({ bridge, state: 'added', detail });
  const failed = (why: string): AcceptRuleStatus => ({
    ...{ bridge, state: 'failed', detail: `${dropped}, and that could not be changed: ${why}` },
  });
  switch (cure.kind) {
    case 'iptables': {
      const problem = await insertAccept(host, bridge, cure);
      if (problem !== null) return failed(problem);
      return added(`${cure.program} now accepts frames within ${bridge} (in ${cure.chain})`);
    }
    case 'ufw': {
      await recordRule(host, { kind: 'ufw', bridge });
      const argv = ['ufw', 'route', 'allow', 'in', 'on', bridge, 'out', 'on', bridge];
      const { exitCode, stderr } = await host.run(argv, { check: false, timeoutMs: UFW_TIMEOUT_MS });
      return exitCode === 0 ? added(`ufw now allows frames within ${bridge}`) : failed(stderr.trim());
    }
    case 'firewalld': {
      const { problem, zone, lines } = await firewalldRule(host, bridge);
      if (lines.length > 0) return byHand(bridge, dropped, lines);
      return problem === null ? added(`firewalld now has ${bridge} in its zone ${zone}`) : failed(problem);
    }
    case 'by-hand':
      return byHand(bridge, dropped, cure.lines);
  }
}

function byHand(bridge: string, dropped: string, lines: readonly string[]): AcceptRuleStatus {
  const then = lines.length === 0 ? 'change that rule' : `run: ${lines.join('; ')}`;
  return { bridge, state: 'by-hand', detail: `${dropped}. It is not changed; ${then}` };
}

/** Remove the rules that were added for a bridge. Throws when that fails. */
export async function removeRecorded(host: Host, bridge: string): Promise<void> {
  const placed = (await readPlaced(host)).filter((rule) => rule.bridge === bridge);
  await removeAccepts(host, bridge, placed);
  for (const rule of placed) await removeElsewhere(host, rule);
  await forgetRules(host, bridge);
}

/** The same, and the rule in Docker's chain, which earlier versions have not recorded. */
export async function removeAcceptRule(host: Host, bridge: string): Promise<void> {
  const placed = await readPlaced(host);
  await removeAccepts(host, bridge, unrecorded(placed, bridge));
  await removeRecorded(host, bridge);
}

/** Where an earlier version has put its rules, and nothing is recorded. */
function unrecorded(placed: readonly PlacedRule[], bridge: string): PlacedRule[] {
  return ['iptables', 'ip6tables']
    .filter(
      (base) =>
        !placed.some(
          (rule) =>
            rule.kind === 'iptables' &&
            rule.bridge === bridge &&
            rule.program.startsWith(base) &&
            rule.chain === DOCKER_USER,
        ),
    )
    .map((program) => ({ kind: 'iptables', bridge, program, chain: DOCKER_USER, before: 0 }));
}

async function removeElsewhere(host: Host, rule: PlacedRule): Promise<void> {
  if (rule.kind === 'ufw' && (await host.which('ufw')) !== null) {
    const argv = ['ufw', 'route', 'delete', 'allow', 'in', 'on', rule.bridge, 'out', 'on', rule.bridge];
    await host.run(argv, { timeoutMs: UFW_TIMEOUT_MS });
  }
  if (rule.kind === 'firewalld') await removeFromFirewalld(host, rule);
}

import { CommandError, isUnanswered } from '../host/command.js';
import type { CommandResult, Host } from '../host/host.js';

/** Docker's chain for the administrator's own rules, first in FORWARD (docs.docker.com, "Docker and iptables"). */
const CHAIN = 'DOCKER-USER';

/** One packet filter, and what decides whether bridged frames pass it (kernel, Documentation/networking/ip-sysctl). */
const FILTERS = [
  { family: 4, program: 'iptables', sysctl: '/proc/sys/net/bridge/bridge-nf-call-iptables' },
  { family: 6, program: 'ip6tables', sysctl: '/proc/sys/net/bridge/bridge-nf-call-ip6tables' },
] as const;
type Filter = (typeof FILTERS)[number];

/** How it stands with the accept rule of one bridge, for IPv4 or IPv6. */
export interface AcceptRuleStatus {
  readonly bridge: string;
  readonly family: 4 | 6;
  /**
   * `not-needed`: nothing here drops bridged frames. `waiting`: something does, and Docker's chain is not there yet.
   * `failed`: see the detail.
   */
  readonly state: 'present' | 'added' | 'not-needed' | 'waiting' | 'failed';
  readonly detail: string;
}

/**
 * Keep the rule in place that lets frames pass between the ports of a bridge. Docker sets the policy of FORWARD to
 * DROP, and br_netfilter sends bridged frames through it; without the rule a container is not reached from the LAN.
 * Docker and firewalls drop it when they restart, so this is called again and again.
 */
export async function ensureAcceptRule(host: Host, bridge: string): Promise<AcceptRuleStatus[]> {
  if (await isNoLinuxBridge(host, bridge)) {
    return FILTERS.map(({ family, program }) => {
      const detail = `${bridge} is no bridge of the kernel's own: its frames do not pass ${program}`;
      return { bridge, family, state: 'not-needed', detail };
    });
  }
  const statuses: AcceptRuleStatus[] = [];
  for (const filter of FILTERS) statuses.push(await ensureIn(host, filter, bridge));
  return statuses;
}

/** Frames within an Open vSwitch bridge never see br_netfilter. A bridge that is yet to come gets its rule ahead. */
async function isNoLinuxBridge({ files }: Host, bridge: string): Promise<boolean> {
  const folder = `/sys/class/net/${bridge}`;
  return (await files.exists(folder)) && !(await files.exists(`${folder}/bridge`));
}

/**
 * Remove the rule, for IPv4 and IPv6, as often as it is there. Throws when that fails.
 * @returns how many were removed
 */
export async function removeAcceptRule(host: Host, bridge: string): Promise<number> {
  let removed = 0;
  for (const { program } of FILTERS) {
    // Bounded, although a rule that is deleted is gone.
    for (let turn = 0; turn < 100; turn += 1) {
      const result = await filterRun(host, program, ['-D', CHAIN, ...ruleOf(bridge)]);
      if (result.exitCode === 0) removed += 1;
      else if (await isThere(host, program, bridge, result)) throw new CommandError(result);
      else break;
    }
  }
  return removed;
}

/** Whether a rule may still be there, although it was to be removed. Each variant and version says otherwise that it is not. */
async function isThere(host: Host, program: string, bridge: string, failed: CommandResult): Promise<boolean> {
  // 127: there is no such program.
  if (failed.exitCode === 127) return false;
  if (isUnanswered(failed)) return true;
  const check = await filterRun(host, program, ['-C', CHAIN, ...ruleOf(bridge)]);
  return check.exitCode === 0 || isUnanswered(check);
}

async function ensureIn(host: Host, filter: Filter, bridge: string): Promise<AcceptRuleStatus> {
  const { family, program } = filter;
  const say = (state: AcceptRuleStatus['state'], detail: string) => ({ bridge, family, state, detail });

  const check = await filterRun(host, program, ['-C', CHAIN, ...ruleOf(bridge)]);
  if (check.exitCode === 0) return say('present', `${program} accepts frames within ${bridge}`);
  // 127: there is no such program.
  if (check.exitCode === 127) return say('not-needed', `${program} is not installed`);
  if ((await filterRun(host, program, ['-S', CHAIN])).exitCode !== 0) return withoutChain(host, filter, say);

  const insert = await filterRun(host, program, ['-I', CHAIN, ...ruleOf(bridge)]);
  return insert.exitCode === 0
    ? say('added', `${program} now accepts frames within ${bridge}`)
    : say('failed', insert.stderr.trim());
}

async function withoutChain(
  host: Host,
  { program, sysctl }: Filter,
  say: (state: AcceptRuleStatus['state'], detail: string) => AcceptRuleStatus,
): Promise<AcceptRuleStatus> {
  // Without br_netfilter the file does not exist.
  if ((await host.files.read(sysctl))?.trim() !== '1') {
    return say('not-needed', `bridged frames do not pass ${program}`);
  }
  const forward = await filterRun(host, program, ['-S', 'FORWARD']);
  if (forward.exitCode !== 0) return say('failed', forward.stderr.trim());
  return forward.stdout.startsWith('-P FORWARD ACCEPT')
    ? say('not-needed', `${program} accepts what it forwards`)
    : say('waiting', `${program} drops what it forwards, and the chain ${CHAIN} is not there yet`);
}

function ruleOf(bridge: string): string[] {
  return ['-i', bridge, '-o', bridge, '-j', 'ACCEPT'];
}

/** `-w`: Docker and firewalls hold the lock of iptables, too. */
function filterRun(host: Host, program: string, argv: readonly string[]): Promise<CommandResult> {
  return host.run([program, '-w', ...argv], { check: false });
}

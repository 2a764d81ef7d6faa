import { ensureAcceptRule } from '../attach/accept-rule.js';
import type { AttachConfig } from '../attach/config.js';
import { attach } from '../attach/engine.js';
import { printable } from '../attach/rule.js';
import { hasRules } from '../attach/rule-sources.js';
import { type RulePolicy, rulesOfContainer } from '../attach/rules-of-container.js';
import { type RuntimeSettings, retryDelay } from '../attach/settings.js';
import { messageOf } from '../errors.js';
import type { Host } from '../host/host.js';
import { attachByRule } from './attach.js';

/** One rule that was followed once, or was not. */
export interface BatchResult {
  /** Where the rule stands: a variable or label, with the name of its container in batch mode. */
  readonly rule: string;
  /** What was attached, in words; `null` when nothing was. */
  readonly attached: string | null;
  readonly error: string | null;
}

/** With a retry_delay; the original tried twice. */
const ATTEMPTS = 4;

/** docker-pipework's manual mode: the rules in the program's own environment, one after another, once. */
export async function runManual(
  host: Host,
  settings: RuntimeSettings,
  signal: AbortSignal,
): Promise<BatchResult[]> {
  const results: BatchResult[] = [];
  for (const { variable, rule } of settings.rules) {
    const words = rule.split(/\s+/).filter((word) => word !== '');
    const attempt = () => attachByRule(host, words);
    results.push(await tryOften(host, `${variable}="${printable(rule, 200)}"`, attempt, settings, signal));
  }
  return results;
}

/**
 * docker-pipework's batch mode: the rules of all containers that run, one after another, once. DHCP clients stay, also
 * after the end of the program.
 */
export async function runBatch(
  host: Host,
  config: AttachConfig & Pick<RulePolicy, 'machine'>,
  settings: RuntimeSettings,
  signal: AbortSignal,
): Promise<BatchResult[]> {
  // Without it no DHCP answer reaches a container.
  for (const bridge of config.bridges) await ensureAcceptRule(host, bridge);
  const results: BatchResult[] = [];
  for (const id of await host.docker.listContainers()) {
    const container = await host.docker.inspect(id);
    if (!container?.running || !hasRules(container)) continue;
    const image = await host.docker.inspectImage(container.imageId);
    const { endpoints, problems } = rulesOfContainer(container, { ...config, key: settings.key }, image);
    for (const { variable, rule, message, remedy } of problems) {
      const error = remedy === null ? message : `${message}. ${remedy}`;
      results.push({ rule: `${container.name}: ${variable}="${rule}"`, attached: null, error });
    }
    for (const endpoint of endpoints) {
      const name = `${container.name}: ${endpoint.interfaceName} on ${endpoint.bridge}`;
      const attempt = () => attach(host, { container: container.id, endpoint });
      results.push(await tryOften(host, name, attempt, settings, signal));
    }
  }
  return results;
}

async function tryOften(
  host: Host,
  rule: string,
  attempt: () => Promise<{ interfaceName: string; bridge: string; address: string | null }>,
  settings: RuntimeSettings,
  signal: AbortSignal,
): Promise<BatchResult> {
  for (let failures = 1; ; failures += 1) {
    try {
      const { interfaceName, bridge, address } = await attempt();
      return { rule, attached: `${interfaceName} on ${bridge}${address ? `, ${address}` : ''}`, error: null };
    } catch (error) {
      const last = !settings.retryMs || failures >= ATTEMPTS || signal.aborted;
      if (last) return { rule, attached: null, error: messageOf(error) };
      await host.clock.sleep(retryDelay(failures, settings), signal).catch(() => {});
    }
  }
}

import type { Host } from '../host/host.js';
import type { InsertRule, RemoveRule } from '../model/plan.js';

/** Seconds that iptables may wait for another one (iptables(8), `-w`). */
const PATIENCE = '5';
/** So often at most: a chain that another program fills meanwhile must not hold this up. */
const MAX_TURNS = 20;

/** See `InsertRule`. */
export async function insertRule(step: InsertRule, host: Host): Promise<void> {
  const { program, chain, rule, copies } = step;
  if ((await count(step, host)) > copies) return;
  await host.run([program, '-w', PATIENCE, '-I', chain, ...rule]);
}

/** See `RemoveRule`. */
export async function removeRule(step: RemoveRule, host: Host): Promise<void> {
  const { program, chain, rule, copies } = step;
  for (let turn = 0; turn < MAX_TURNS && (await count(step, host)) > copies; turn += 1) {
    await host.run([program, '-w', PATIENCE, '-D', chain, ...rule]);
  }
}

async function count({ program, chain, rule }: Omit<InsertRule, 'kind'>, host: Host): Promise<number> {
  const { stdout } = await host.run([program, '-w', PATIENCE, '-S', chain]);
  return stdout.split('\n').filter((line) => line === `-A ${chain} ${rule.join(' ')}`).length;
}

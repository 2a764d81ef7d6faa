import { argumentsOf } from '../firewall/iptables.js';
import { CommandError, isUnanswered } from '../host/command.js';
import type { Host } from '../host/host.js';
import type { InsertRule, RemoveRule } from '../model/firewall-steps.js';

/** Seconds that iptables may wait for another one (iptables(8), `-w`). */
const PATIENCE = '5';
/** So often at most: a chain that another program fills meanwhile must not hold this up. */
const MAX_TURNS = 20;

/** See `InsertRule`. Throws where the rule that it is put before is gone, or where it does not get into the chain. */
export async function insertRule(step: InsertRule, host: Host): Promise<void> {
  const { chain, rule, copies, before } = step;
  const rules = await rulesOf(step, host);
  if (count(rules, rule) > copies) return;
  if (before === undefined) {
    await host.run([...command(step), '-I', chain, ...rule]);
    return;
  }
  const at = rules.findIndex((one) => isSame(one, before));
  if (at === -1) {
    throw new Error(
      `The firewall was changed meanwhile: ${chain} has no rule "${before.join(' ')}" any more`,
    );
  }
  await host.run([...command(step), '-I', chain, String(at + 1), ...rule]);
  if (count(await rulesOf(step, host), rule) > copies) return;
  // It could not be found again, and so not be removed either.
  await host.run([...command(step), '-D', chain, String(at + 1)]);
  throw new Error(`${step.program} shows another rule than "${rule.join(' ')}"`);
}

/** See `RemoveRule`. A chain that is gone has nothing to remove. */
export async function removeRule(step: RemoveRule, host: Host): Promise<void> {
  const { chain, rule, copies } = step;
  for (let turn = 0; turn < MAX_TURNS && count(await rulesOf(step, host), rule) > copies; turn += 1) {
    await host.run([...command(step), '-D', chain, ...rule]);
  }
}

const command = ({ program, table }: Pick<InsertRule, 'program' | 'table'>) => [
  program,
  '-w',
  PATIENCE,
  ...(table === undefined ? [] : ['-t', table]),
];

/** Rules of the chain, each as arguments; none where it is gone. */
async function rulesOf(step: Omit<InsertRule, 'kind'>, host: Host): Promise<string[][]> {
  const shown = await host.run([...command(step), '-S', step.chain], { check: false });
  const start = `-A ${step.chain} `;
  if (isUnanswered(shown)) throw new CommandError(shown);
  if (shown.exitCode !== 0) return [];
  return shown.stdout
    .split('\n')
    .filter((line) => line.startsWith(start))
    .map((line) => argumentsOf(line.slice(start.length)));
}

const isSame = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((word, index) => word === other[index]);

const count = (rules: readonly (readonly string[])[], rule: readonly string[]) =>
  rules.filter((one) => isSame(one, rule)).length;

import { normalNft } from '../firewall/nft-rule.js';
import { CommandError, isUnanswered } from '../host/command.js';
import type { Host } from '../host/host.js';
import type { NftRuleStep, RemoveNftRule } from '../model/firewall-steps.js';

interface ShownRule {
  readonly text: string;
  readonly handle: string;
}

/** See `NftRuleStep`. Throws where the rule that it goes by is gone, or where it does not get into the chain. */
export async function addNftRule(step: NftRuleStep, host: Host): Promise<void> {
  const { table, chain, original, how, rule } = step;
  const shown = await rulesOf(step, host);
  if (find(shown, rule) !== undefined) return;
  const old = find(shown, original);
  if (old === undefined) {
    throw new Error(
      `The firewall was changed meanwhile: ${table} ${chain} has no rule "${original}" any more`,
    );
  }
  const verb = how === 'beside' ? 'insert' : 'replace';
  const place = `${how === 'beside' ? 'position' : 'handle'} ${old.handle}`;
  await host.run(['nft', `${verb} rule ${table} ${chain} ${place} ${rule}`]);
  const after = await rulesOf(step, host);
  if (find(after, rule) !== undefined) return;
  // It could not be found again, and so not be removed either.
  const added = after.find(({ handle }) => !shown.some((one) => one.handle === handle));
  if (how === 'beside' && added !== undefined) {
    await host.run(['nft', `delete rule ${table} ${chain} handle ${added.handle}`]);
  }
  throw new Error(`nft shows another rule than "${rule}"`);
}

/** See `RemoveNftRule`. A chain that is gone has nothing to remove. */
export async function removeNftRule(step: RemoveNftRule, host: Host): Promise<void> {
  const { table, chain, original, how, rule } = step;
  const added = find(await rulesOf(step, host), rule);
  if (added === undefined) return;
  const place = `rule ${table} ${chain} handle ${added.handle}`;
  await host.run(['nft', how === 'beside' ? `delete ${place}` : `replace ${place} ${original}`]);
}

/** Rules of the chain by their handles; none where it is gone. */
async function rulesOf({ table, chain }: Omit<NftRuleStep, 'kind'>, host: Host): Promise<ShownRule[]> {
  const argv = ['nft', '-a', `list chain ${table} ${chain}`];
  const shown = await host.run(argv, { check: false });
  if (isUnanswered(shown)) throw new CommandError(shown);
  if (shown.exitCode !== 0) return [];
  return shown.stdout.split('\n').flatMap((line) => {
    const [, text, handle] = /^\t\t(.+) # handle (\d+)$/.exec(line) ?? [];
    return text === undefined || handle === undefined ? [] : [{ text, handle }];
  });
}

const find = (shown: readonly ShownRule[], rule: string) =>
  shown.find(({ text }) => normalNft(text) === normalNft(rule));

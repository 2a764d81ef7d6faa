import { acceptWords, type Cure } from '../firewall/frame/cure.js';
import { argumentsOf } from '../firewall/iptables.js';
import { CommandError, isUnanswered } from '../host/command.js';
import type { CommandResult, Host } from '../host/host.js';
import { type PlacedRule, readPlaced, recordRule } from './placed-rules.js';

/** Put the accept rule first into a chain. Returns what went wrong, or `null`. */
export async function insertAccept(
  host: Host,
  bridge: string,
  { program, chain, rule }: Extract<Cure, { kind: 'iptables' }>,
): Promise<string | null> {
  const there = (await copiesIn(host, program, chain, bridge)) ?? 0;
  const known = (await readPlaced(host)).find(
    (each) =>
      each.kind === 'iptables' && each.bridge === bridge && each.program === program && each.chain === chain,
  );
  // Of what is there now, as much as ever may be somebody else's.
  const before = known?.kind === 'iptables' ? Math.min(known.before, there) : there;
  await recordRule(host, { kind: 'iptables', bridge, program, chain, before });
  const insert = await filterRun(host, program, ['-I', chain, ...rule]);
  return insert.exitCode === 0 ? null : insert.stderr.trim();
}

/** Remove accept rules of a bridge from where they were put with iptables(8). Throws when that fails. */
export async function removeAccepts(
  host: Host,
  bridge: string,
  placed: readonly PlacedRule[],
): Promise<void> {
  const recorded = placed.flatMap((rule) => (rule.kind === 'iptables' ? [rule] : []));
  for (const { program, chain, before } of recorded) {
    const count = (await copiesIn(host, program, chain, bridge)) ?? 0;
    for (let turn = before; turn < count; turn += 1) {
      const result = await filterRun(host, program, ['-D', chain, ...acceptWords(bridge)]);
      if (result.exitCode !== 0) throw new CommandError(result);
    }
  }
}

/** How often a chain has the accept rule; `null`: there is no such chain, or program. Throws where it cannot be told. */
async function copiesIn(host: Host, program: string, chain: string, bridge: string): Promise<number | null> {
  const shown = await filterRun(host, program, ['-S', chain]);
  if (shown.exitCode === 127) return null;
  if (isUnanswered(shown)) throw new CommandError(shown);
  if (shown.exitCode !== 0) return null;
  const start = `-A ${chain} `;
  const wanted = acceptWords(bridge).join(' ');
  return shown.stdout
    .split('\n')
    .filter((line) => line.startsWith(start))
    .filter((line) => argumentsOf(line.slice(start.length)).join(' ') === wanted).length;
}

/** `-w`: Docker and firewalls hold the lock of iptables, too. */
function filterRun(host: Host, program: string, argv: readonly string[]): Promise<CommandResult> {
  return host.run([program, '-w', ...argv], { check: false });
}

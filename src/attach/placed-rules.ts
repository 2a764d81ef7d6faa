import { z } from 'zod';
import type { Host } from '../host/host.js';
import { STATE_FOLDER } from '../model/paths.js';
import { parseRecord } from './record.js';

/** What was added to the firewall. ufw and firewalld keep theirs over a boot. */
const FILE = `${STATE_FOLDER}/accept-rules.json`;

const placedRule = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('iptables'),
    bridge: z.string(),
    program: z.string(),
    chain: z.string(),
    /** How often somebody else had put the same rule there. */
    before: z.number(),
  }),
  z.object({ kind: z.literal('ufw'), bridge: z.string() }),
  z.object({
    kind: z.literal('firewalld'),
    bridge: z.string(),
    zone: z.string(),
    /** Where it was not there before. */
    where: z.array(z.enum(['runtime', 'permanent'])),
  }),
]);
const recordSchema = z.object({ version: z.literal(1), rules: z.array(placedRule) });

/** A rule that was added to the firewall for a bridge. */
export type PlacedRule = z.output<typeof placedRule>;

/** All rules that were added. */
export async function readPlaced(host: Host): Promise<readonly PlacedRule[]> {
  return parseRecord(recordSchema, await host.files.read(FILE).catch(() => null))?.rules ?? [];
}

/** Note a rule, before it is added: one that is known by its place is noted once, with what is said of it now. */
export async function recordRule(host: Host, rule: PlacedRule): Promise<void> {
  const rules = await readPlaced(host);
  const others = rules.filter((each) => keyOf(each) !== keyOf(rule));
  const next = [...others, rule];
  if (JSON.stringify(next) === JSON.stringify(rules)) return;
  await host.files.mkdir(STATE_FOLDER);
  await write(host, next);
}

/** Forget what was added for a bridge. */
export async function forgetRules(host: Host, bridge: string): Promise<void> {
  const rules = await readPlaced(host);
  const left = rules.filter((rule) => rule.bridge !== bridge);
  if (left.length === 0) await host.files.remove(FILE);
  else if (left.length < rules.length) await write(host, left);
}

const write = (host: Host, rules: readonly PlacedRule[]) =>
  host.files.write(FILE, `${JSON.stringify({ version: 1, rules }, null, 2)}\n`, 0o600);

const keyOf = (rule: PlacedRule): string =>
  JSON.stringify([rule.kind, rule.bridge, ...(rule.kind === 'iptables' ? [rule.program, rule.chain] : [])]);

import type { HostFacts } from '../model/facts.js';
import type { FirewallRule, IptablesRule, RuleFile } from '../model/firewall.js';
import { affectedRules } from './affected.js';
import { argumentsOf, iptablesTwin, readSaved } from './iptables.js';
import { type Move, namesUplink } from './names.js';
import { followNftFile } from './nft-file.js';

/** A file that has rules for the bridge, too. */
export interface FollowedFile {
  readonly content: string;
  /** Rules of the firewall that are loaded from it. */
  readonly covers: readonly FirewallRule[];
}

/** A file with the same rules for the bridge next to those for the uplink. Lines that are not concerned stay. */
export function followFile(
  file: RuleFile,
  content: string,
  rules: readonly FirewallRule[],
  move: Move,
): FollowedFile {
  if (file.format === 'nft') return followNftFile(content, rules, move);
  const own = rules.flatMap((rule) => (rule.kind === 'iptables' && isOf(rule, file) ? [rule] : []));
  const covers = coveredBy(content, own, move);
  if (covers.length === 0) return { content, covers };
  return { content: file.format === 'ufw' ? followUfw(content, move) : followSaved(content, move), covers };
}

const isOf = ({ program }: IptablesRule, { family }: RuleFile) =>
  family === null || family === (program.startsWith('ip6') ? 6 : 4);

/** Rules that a file has in other words: `iptables-save` adds what was left out. */
function coveredBy(content: string, rules: readonly IptablesRule[], move: Move): IptablesRule[] {
  const lines = readSaved(content).filter(
    ({ rule }) => rule !== null && iptablesTwin(rule.text, rule.hooks, move) !== null,
  );
  return rules.filter((live) => {
    const words = new Set(essence(live.rule));
    return lines.some(
      ({ table, rule }) =>
        table === live.table &&
        rule?.chain === live.chain &&
        essence(rule.text).every((word) => words.has(word)),
    );
  });
}

const LONG: Readonly<Record<string, string>> = {
  '--in-interface': '-i',
  '--out-interface': '-o',
  '--protocol': '-p',
  '--source': '-s',
  '--src': '-s',
  '--destination': '-d',
  '--dst': '-d',
  '--jump': '-j',
  '--goto': '-g',
  '--match': '-m',
  '--destination-port': '--dport',
  '--source-port': '--sport',
};
const NAMED_PORTS: Readonly<Record<string, string>> = {
  ssh: '22',
  domain: '53',
  http: '80',
  https: '443',
};

/** Words of a rule that say the same however it is written. */
export function essence(rule: string): string[] {
  const words = argumentsOf(rule).map((word) => LONG[word] ?? word);
  return words
    .filter((word, index) => word !== '-m' && words[index - 1] !== '-m')
    .map((word) => (NAMED_PORTS[word] ?? word).replace(/\/(32|128|255\.255\.255\.255)$/, ''));
}

/** What iptables-restore(8) reads: each rule is followed by that for the bridge. */
function followSaved(content: string, move: Move): string {
  const lines = readSaved(content);
  const there = new Set(lines.map(({ table, line }) => `${table} ${line}`));
  return lines
    .flatMap(({ line, table, rule }) => {
      const twin = rule === null ? null : iptablesTwin(rule.text, rule.hooks, move);
      if (rule === null || twin?.how !== 'beside') return [line];
      const added = `-A ${rule.chain} ${twin.rule}`;
      return there.has(`${table} ${added}`) ? [line] : [line, added];
    })
    .join('\n');
}

const TUPLE = /^### tuple ### /;

/** ufw's: a comment says what the lines below it are, up to an empty one; `ufw status` goes by it. */
function followUfw(content: string, move: Move): string {
  const lines = content.split('\n');
  const blocks: string[][] = [];
  let open = false;
  for (const line of lines) {
    if (TUPLE.test(line)) open = blocks.push([line]) > 0;
    else if (open) blocks.at(-1)?.push(line);
    else blocks.push([line]);
    if (line === '') open = false;
  }
  const all = new Set(blocks.map((block) => block.join('\n')));
  return blocks
    .flatMap((block) => {
      const [first = ''] = block;
      if (!TUPLE.test(first)) return [block];
      const twin = block.map((line) =>
        TUPLE.test(line)
          ? line.replaceAll(/\b(in|out)_([^\s!]+)/g, (found, direction: string, name: string) =>
              namesUplink(name, move) ? `${direction}_${move.bridge}` : found,
            )
          : line.replaceAll(/( -[io] )(\S+)/g, (found, option: string, name: string) =>
              namesUplink(name, move) ? `${option}${move.bridge}` : found,
            ),
      );
      return twin[0] === first || all.has(twin.join('\n')) ? [block] : [block, twin];
    })
    .map((block) => block.join('\n'))
    .join('\n');
}

/** Rules that are in no file that is known: a boot, or a restart of what loads them, knows only the old ones. */
export function rulesWithoutFile(facts: HostFacts, move: Move): FirewallRule[] {
  const rules = affectedRules(facts.firewall?.rules ?? [], move).map(({ rule }) => rule);
  const covered = new Set(
    (facts.firewall?.files ?? []).flatMap((file) => {
      const content = facts.files[file.path]?.content;
      return content === undefined ? [] : followFile(file, content, rules, move).covers;
    }),
  );
  const commands = Object.entries(facts.files)
    .filter(([path]) => path.startsWith('/etc/network/interfaces'))
    .flatMap(([, { content }]) => commandsIn(content));
  return rules.filter((rule) => !covered.has(rule) && !commands.some((each) => makes(each, rule)));
}

/** A command of iptables(8) in a hook of interfaces(5), as words that it shares with the rule that it makes. */
function commandsIn(content: string): string[][] {
  const found = content.matchAll(
    /\b(ip6?tables)(?:-nft|-legacy)?\s([^\n;&|]*?(?:-A|-I|--append|--insert)\s[^\n;&|]*)/g,
  );
  return [...found].map(([, program = '', words = '']) => [
    program,
    ...essence(words.replace(/(^|\s)-w(\s+\d+)?(?=\s)/, '')),
  ]);
}

function makes([program, ...words]: readonly string[], rule: FirewallRule): boolean {
  if (rule.kind !== 'iptables' || !rule.program.startsWith(`${program}`)) return false;
  const own = new Set([
    ...essence(rule.rule),
    '-A',
    '-I',
    '--append',
    '--insert',
    '-t',
    rule.table,
    rule.chain,
  ]);
  const isIpv6 = rule.program.startsWith('ip6');
  return (
    words.includes(rule.chain) && words.every((word) => own.has(word)) && isIpv6 === (program === 'ip6tables')
  );
}

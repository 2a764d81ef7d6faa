/** A rule as `ip rule show` prints it (ip-rule(8)). */
export interface IpRule {
  readonly priority: string;
  /** Selector and action, as ip(8) prints and takes them. */
  readonly words: readonly string[];
}

/** Parse the lines of `ip -FAMILY rule show`. */
export function parseIpRules(text: string): IpRule[] {
  return text.split('\n').flatMap((line) => {
    const [, priority = '', rest = ''] = /^(\d+):\s+(.*)$/.exec(line.trim()) ?? [];
    // `iif eth0 [detached]`, `goto 3000 [unresolved]`: what is so at the moment.
    const words = rest.split(/\s+/).filter((word) => word !== '' && !word.startsWith('['));
    return words.length === 0 ? [] : [{ priority, words }];
  });
}

const names = ({ words }: IpRule, link: string) =>
  words.some((word, index) => word === link && /^[io]if$/.test(words[index - 1] ?? ''));

const line = (verb: 'add' | 'del', { priority, words }: IpRule) =>
  ['rule', verb, 'priority', priority, ...words].join(' ');

/**
 * Lines of ip-rule(8), for a batch of one family, that let rules name another link. A new rule stands behind all of its
 * priority, so those of the same priority that stood behind it are added again behind it.
 */
export function planRuleMoves(rules: readonly IpRule[], from: string, to: string): string[] {
  const lines: string[] = [];
  for (const priority of new Set(rules.map((rule) => rule.priority))) {
    const same = rules.filter((rule) => rule.priority === priority);
    const first = same.findIndex((rule) => names(rule, from));
    if (first === -1) continue;
    for (const rule of same.slice(first)) {
      if (!names(rule, from)) {
        lines.push(line('del', rule), line('add', rule));
        continue;
      }
      const words = rule.words.map((word, index) =>
        word === from && /^[io]if$/.test(rule.words[index - 1] ?? '') ? to : word,
      );
      const twin = { priority, words };
      const isThere = same.some((other) => other.words.join(' ') === words.join(' '));
      lines.push(...(isThere ? [] : [line('add', twin)]), line('del', rule));
    }
  }
  return lines;
}

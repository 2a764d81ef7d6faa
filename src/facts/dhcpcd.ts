/**
 * Links that dhcpcd takes when it was started for all: dhcpcd.conf(5), `allowinterfaces` and `denyinterfaces`. Both
 * stand before the blocks of single interfaces; of several lines, all words count.
 */
export function claimedByDhcpcd(conf: string, links: readonly string[]): string[] {
  const global = conf.split(/^[ \t]*(?:interface|ssid|profile)[ \t]/m)[0] ?? '';
  const patterns = (option: string) =>
    [...global.matchAll(new RegExp(`^[ \\t]*${option}[ \\t]+([^#\\n]*)`, 'gm'))].flatMap(([, words = '']) =>
      words.trim().split(/\s+/),
    );
  const [allowed, denied] = [patterns('allowinterfaces'), patterns('denyinterfaces')];
  const among = (list: readonly string[], name: string) => list.some((pattern) => matches(pattern, name));
  return links.filter((name) => !among(denied, name) && (allowed.length === 0 || among(allowed, name)));
}

/** fnmatch(3), as far as names of interfaces need it. */
function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  try {
    return new RegExp(`^${source.replaceAll('[!', '[^')}$`).test(name);
  } catch {
    return pattern === name;
  }
}

import { matchesGlob } from '../model/glob.js';

/** A line with the patterns of `allowinterfaces` or `denyinterfaces`: dhcpcd.conf(5). */
const PATTERNS = /^([ \t]*(allow|deny)interfaces[ \t]+)([^#\r\n]*?)([ \t]*(?:#.*)?\r?)$/;
/** A block of one link, and the links of a delegated prefix. */
const BLOCK = /^([ \t]*interface[ \t]+)(\S+)/;
const DELEGATION = /^[ \t]*ia_pd[ \t]/;

/** The text with what is about one link said of another one, and all other bytes as they are. */
export function renameInDhcpcdConf(text: string, from: string, to: string): string {
  return text
    .split('\n')
    .map((line) => {
      const [, head = '', verb, patterns = '', tail = ''] = PATTERNS.exec(line) ?? [];
      if (verb === 'allow') {
        const isMeant = matches(patterns, from) && !matches(patterns, to);
        return isMeant ? `${head}${patterns} ${to}${tail}` : line;
      }
      if (DELEGATION.test(line))
        return line.replace(/(?<=[ \t])[^\s/]+(?=[\s/]|$)/g, (word) => (word === from ? to : word));
      return line.replace(BLOCK, (whole, start: string, name: string) =>
        name === from ? start + to : whole,
      );
    })
    .join('\n');
}

/** Numbers of the lines that keep dhcpcd off a link. */
export function deniedBy(text: string, link: string): number[] {
  return text.split('\n').flatMap((line, index) => {
    const [, , verb, patterns = ''] = PATTERNS.exec(line) ?? [];
    return verb === 'deny' && matches(patterns, link) ? [index + 1] : [];
  });
}

/** Patterns of fnmatch(3), between spaces or commas. */
function matches(patterns: string, link: string): boolean {
  return patterns.split(/[\s,]+/).some((pattern) => pattern !== '' && matchesGlob(pattern, link));
}

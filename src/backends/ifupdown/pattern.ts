import { matchesGlob } from '../../model/glob.js';

/** A word of an `auto` or `allow-*` line: a name, or `[VARIABLE]/VALUE[/N]`, each with `=LOGICAL` or without. */
export interface Word {
  /** The name, or the value that is matched. */
  readonly value: string;
  /** `null` for a name; '' for a pattern of names; else `mac`, or a file of /sys/class/net/LINK. */
  readonly variable: string | null;
  /** Whether only one of the links that match is meant. */
  readonly single: boolean;
  /** Name of the stanza; `null` when it is that of the link. */
  readonly logical: string | null;
}

/** A link that a pattern may mean. */
export interface Candidate {
  readonly name: string;
  readonly mac: string | null;
}

/** Read a word: interfaces(5), "Pattern matching interfaces", and `expand_matches` of ifupdown 0.8.41. */
export function readWord(text: string): Word {
  const [target = '', logical = null] = text.split(/=(.*)/s);
  const parts = /^([^/]*)\/([^/]*)(\/.*)?$/s.exec(target);
  if (parts === null) return { value: target, variable: null, single: false, logical };
  const [, variable = '', value = '', options] = parts;
  return { value, variable, single: options !== undefined, logical };
}

/** Whether a word means a link; `null` when only the kernel of the host knows, at the time when ifup runs. */
export function means({ value, variable, single }: Word, { name, mac }: Candidate): boolean | null {
  if (variable === null) return value === name;
  const isMac = /^(mac|address)$/i.test(variable);
  const text = variable === '' ? name : isMac ? mac : null;
  // For a variable, ifup takes a lone `*` for "has no such file".
  if (text === null || (isMac && value === '*')) return null;
  const matches = matchesExtended(value, text);
  return matches === true && single ? null : matches;
}

/**
 * The word for all the links that it meant but this one, as a pattern of fnmatch(3) with FNM_EXTMATCH, which ifup
 * takes: `/eth!(0)=lan` for `/eth*=lan`. `null` when there is no pattern that plainly says so.
 */
export function without(text: string, link: string): string | null {
  const { value, variable, single } = readWord(text);
  const { head, excluded } = negation(value.replace(/\*$/, '!()')) ?? {};
  if (variable !== '' || single || head === undefined || excluded === undefined) return null;
  const names = [...excluded, link.slice(head.length)];
  return text.replace(value, () => `${head}!(${names.join('|')})`);
}

/** Shell patterns, and `!(…)` at the end of one; `null` for other patterns of ksh(1). */
function matchesExtended(pattern: string, text: string): boolean | null {
  const extended = negation(pattern);
  if (extended !== null) {
    const { head, excluded } = extended;
    return text.startsWith(head) && !excluded.includes(text.slice(head.length));
  }
  return /\\|[?*+@!]\(/.test(pattern) ? null : matchesGlob(pattern, text);
}

/** `eth!(0|1)` in its parts; `null` when a pattern is not of this kind. */
function negation(pattern: string) {
  const found = /^([\w.:-]*)!\(([\w.:|-]*)\)$/.exec(pattern);
  if (found === null) return null;
  const [, head = '', list = ''] = found;
  return { head, excluded: list.split('|').filter((name) => name !== '') };
}

import { isStart } from './files.js';
import type { Line, Node, Selection } from './syntax.js';
import { withText } from './syntax.js';

/** What becomes of the words that name a link. */
export interface Renaming {
  /** The uplink and its aliases, each with its name on the bridge. */
  readonly names: ReadonlyMap<string, string>;
  /** Words with another stanza or a pattern, each with what it is from now on; empty for nothing. */
  readonly words: ReadonlyMap<string, string>;
  /** The line in which other names take the place of the uplink's; `null` where they get a line of their own. */
  readonly place: { readonly line: Line; readonly uplink: string; readonly names: string } | null;
}

/** A line that brings interfaces up at boot, in the order of its names. */
export function isAuto(node: Node): node is Selection {
  return node.kind === 'selection' && ['auto', 'allow-auto'].includes(node.keyword);
}

/**
 * An `auto`, `allow-*` or `no-auto-down` line once the uplink is a port, as text. Its names leave the lines that
 * bring interfaces up, and a line left without any goes. What `no-auto-down` spares is the bridge from now on;
 * `no-scripts` keeps its names, for on a bridge it would stop bridge-utils.
 */
export function reselected(
  { keyword, line, names: present }: Selection,
  { names, words, place }: Renaming,
): string {
  // Without names, outside of a stanza, it means nothing; but it would, were a line to go that closed the stanza above.
  if (present.length === 0) return '';
  const settle = (name: string) => {
    if (place?.line === line && name === place.uplink) return place.names;
    if (isStart(keyword)) return names.has(name) ? '' : (words.get(name) ?? name);
    return names.get(name) ?? name;
  };
  if (keyword === 'no-scripts' || present.every((name) => settle(name) === name)) return line.raw;
  const rest = present.map(settle).filter((name) => name !== '');
  if (rest.length === 0) return '';
  // Joined lines become one; else the white space between the other names stays as it is.
  if (line.raw.includes('\\\n')) return withText(line, [keyword, ...rest].join(' ')).raw;
  return line.raw.replace(/([ \t]+)([^ \t\r\n]+)/g, (text, space: string, name: string) => {
    const settled = settle(name);
    return settled === name ? text : settled && space + settled;
  });
}

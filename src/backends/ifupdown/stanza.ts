import { styleOf } from './options.js';
import type { Iface, Line, Option } from './syntax.js';
import { optionsOf } from './syntax.js';

/** A stanza as ifup takes it: family, method and options that it inherits are its own. */
export interface Stanza extends Iface {
  /** The file it stands in. */
  readonly path: string;
  /** First line of the stanza that it inherits from. */
  readonly source: Line | null;
  /**
   * The name it has in the file, where an `auto eth0=home` or `auto /eth*=home` gives it to this interface:
   * interfaces(5), "Pattern matching interfaces". Others may use the same stanza.
   */
  readonly logical: string | null;
}

/**
 * A stanza with what it inherits, written as its own lines would be. ifupdown 0.8.41 (`copy_variables` in `config.c`)
 * copies the options of the first stanza above that has this name, and the family if one is given; then it reads the
 * lines below as if they followed these, so an option that both have is joined, not overridden.
 * @returns `null` when there is no such stanza above, for which ifup rejects the file
 */
export function inherit(iface: Iface, path: string, above: readonly Stanza[]): Stanza | null {
  const { inherits, family, method } = iface;
  if (inherits === null) return { ...iface, path, source: null, logical: null };
  const source = above.find(({ name, family: other }) => name === inherits && (family ?? other) === other);
  if (source === undefined) return null;
  const { indent, end } = styleOf(iface);
  const copied = optionsOf(source).map(
    (option): Option => ({ ...option, line: { ...option.line, raw: indent + option.line.text + end } }),
  );
  return {
    ...iface,
    family: family ?? source.family,
    method: method ?? source.method,
    body: [...copied, ...iface.body],
    path,
    source: source.line,
    logical: null,
  };
}

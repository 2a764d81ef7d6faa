/**
 * The parts of an interfaces(5) file. Every part holds the line it came from, byte for byte, so that a file can
 * be changed in one place and left alone everywhere else.
 */
export interface InterfacesFile {
  readonly nodes: readonly Node[];
  /** What makes ifupdown stop reading the file; it ignores the rest of it. */
  readonly problems: readonly SyntaxProblem[];
}

/** A line that ifup(8) would not accept. */
export interface SyntaxProblem {
  readonly line: number;
  readonly message: string;
}

/** A logical line: one physical line, or several that are joined by a backslash at the end. */
export interface Line {
  /** As it stands in the file, line ends included. */
  readonly raw: string;
  /** Joined, without the white space around it: what ifupdown works with. */
  readonly text: string;
  /** Number of its first physical line, from 1. */
  readonly number: number;
}

export type Node = Trivia | Selection | Include | Mapping | Iface | Other;
export type BodyNode = Trivia | Option | Selection;

/** A blank line or a comment. Neither ends a stanza. */
interface Trivia {
  readonly kind: 'trivia';
  readonly line: Line;
}

/** `auto`, `allow-CLASS`, `no-auto-down` or `no-scripts`: interfaces picked by name. */
export interface Selection {
  readonly kind: 'selection';
  readonly line: Line;
  readonly keyword: string;
  /** Empty inside an `iface` stanza: it then means the interface of that stanza. */
  readonly names: readonly string[];
}

/** `source` or `source-directory`. */
export interface Include {
  readonly kind: 'source' | 'source-directory';
  readonly line: Line;
  readonly patterns: readonly string[];
}

/** A `mapping` stanza. */
export interface Mapping {
  readonly kind: 'mapping';
  readonly line: Line;
  readonly patterns: readonly string[];
  readonly body: readonly BodyNode[];
}

/** `iface NAME FAMILY METHOD [inherits OTHER]` and its options. */
export interface Iface {
  readonly kind: 'iface';
  readonly line: Line;
  readonly name: string;
  /** `null` when it is missing or unknown to ifupdown. */
  readonly family: string | null;
  readonly method: string | null;
  readonly inherits: string | null;
  readonly body: readonly BodyNode[];
}

/** A line within a stanza. */
export interface Option {
  readonly kind: 'option';
  readonly line: Line;
  readonly name: string;
  readonly value: string;
}

/** A line that is neither of the above: `rename`, or one that ifupdown does not accept. */
interface Other {
  readonly kind: 'other';
  readonly line: Line;
}

/** Back to text. The inverse of `parse`, for any input. */
export function print(file: { readonly nodes: readonly Node[] }): string {
  return file.nodes.map(printNode).join('');
}

/** One part with its body. */
export function printNode(node: Node | BodyNode): string {
  const body = 'body' in node ? node.body.map(({ line }) => line.raw).join('') : '';
  return node.line.raw + body;
}

/** White space at the start of a line. */
export function indentOf({ raw }: Line): string {
  return /^[ \t]*/.exec(raw)?.[0] ?? '';
}

/** Line end of a line; empty on the last line of a file that has no final newline. */
export function endOf({ raw }: Line): string {
  return /\r?\n$/.exec(raw)?.[0] ?? '';
}

/** The line with another text, its indentation and its line end kept. */
export function withText(line: Line, text: string): Line {
  return { ...line, text, raw: indentOf(line) + text + endOf(line) };
}

/** The option with another value, spaced as before. */
export function withValue(option: Option, value: string): Option {
  // What stands between name and value stays, except that joined lines become one.
  const head = option.line.text.slice(0, option.line.text.length - option.value.length);
  return { ...option, value, line: withText(option.line, head + value) };
}

/** Options of a stanza, in order. */
export function optionsOf({ body }: { readonly body: readonly BodyNode[] }): Option[] {
  return body.filter((node) => node.kind === 'option');
}

/** Value of an option. ifupdown and its hook scripts see `_` and `-` in a name as the same (IF_BRIDGE_PORTS). */
export function optionValue(stanza: { readonly body: readonly BodyNode[] }, name: string): string | null {
  return optionsOf(stanza).find((option) => sameOption(option.name, name))?.value ?? null;
}

/** Whether two names are one option: ifupdown takes `bridge_ports` and `bridge-ports` for the same. */
export function sameOption(a: string, b: string): boolean {
  return a.replaceAll('_', '-') === b.replaceAll('_', '-');
}

/** Words separated by white space, as C's isspace(3) sees it. */
export function words(text: string): string[] {
  return text.split(/[ \t\n\v\f\r]+/).filter((word) => word !== '');
}

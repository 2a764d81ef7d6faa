import type { BodyNode, Iface, InterfacesFile, Line, Mapping, Node, SyntaxProblem } from './syntax.js';
import { words } from './syntax.js';

/** Methods by address family, as compiled into ifupdown 0.8.41 (`*.defn`); any other makes it reject the file. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  inet: ['loopback', 'static', 'manual', 'dhcp', 'bootp', 'tunnel', 'ppp', 'wvdial', 'ipv4ll'],
  inet6: ['auto', 'loopback', 'static', 'manual', 'dhcp', 'tunnel', 'v4tunnel', '6to4'],
  ipx: ['static', 'dynamic'],
  can: ['static'],
};

/**
 * Parse an interfaces(5) file without loss: `print(parse(text)) === text` for any text. Follows ifupdown's own
 * reader (`config.c`): blank lines and comments do not end a stanza, and only a line feed ends a line, so that a
 * carriage return before it is white space (and keeps a backslash from joining lines).
 */
export function parse(text: string): InterfacesFile {
  const nodes: Node[] = [];
  const problems: SyntaxProblem[] = [];
  // The stanza that lines without a keyword of their own belong to.
  let open: { kind: 'iface' | 'mapping'; body: BodyNode[] } | null = null;

  for (const line of logicalLines(text)) {
    const { keyword, value } = split(line.text);
    const names = words(value);
    const report = (message: string | null) => {
      if (message !== null) problems.push({ line: line.number, message });
    };

    if (isTrivia(line)) {
      (open?.body ?? nodes).push({ kind: 'trivia', line });
    } else if (keyword === 'iface' || keyword === 'mapping') {
      const body: BodyNode[] = [];
      open = { kind: keyword, body };
      const stanza = keyword === 'iface' ? iface(line, names, body) : mapping(line, names, body);
      nodes.push(stanza.node);
      report(stanza.problem);
    } else if (keyword === 'source' || keyword.startsWith('source-dir')) {
      open = null;
      nodes.push({ kind: keyword === 'source' ? keyword : 'source-directory', line, patterns: names });
    } else if (isSelection(keyword)) {
      if (names.length > 0 || open?.kind !== 'iface') open = null;
      (open?.body ?? nodes).push({ kind: 'selection', line, keyword, names });
    } else if (keyword === 'rename') {
      open = null;
      nodes.push({ kind: 'other', line });
    } else if (open !== null) {
      report(optionProblem(open, keyword, value));
      open.body.push({ kind: 'option', line, name: keyword, value });
    } else {
      report(`"${keyword}" stands outside of any stanza`);
      nodes.push({ kind: 'other', line });
    }
  }
  return { nodes, problems };
}

function optionProblem(
  open: { kind: 'iface' | 'mapping'; body: readonly BodyNode[] },
  name: string,
  value: string,
): string | null {
  if (open.kind === 'iface') return value === '' ? `option "${name}" has no value` : null;
  if (name === 'map') return null;
  if (name !== 'script') return `"${name}" stands in a mapping stanza`;
  const second = open.body.some((node) => node.kind === 'option' && node.name === 'script');
  return second ? 'a mapping stanza has two scripts' : null;
}

function mapping(line: Line, patterns: readonly string[], body: readonly BodyNode[]) {
  const node: Mapping = { kind: 'mapping', line, patterns, body };
  return { node, problem: null };
}

/** `iface NAME [FAMILY [METHOD]] [inherits OTHER]`; family and method may be left out only with `inherits`. */
function iface(line: Line, [name = '', ...rest]: readonly string[], body: readonly BodyNode[]) {
  const methods = METHODS[rest[0] ?? ''];
  const family = methods === undefined ? null : (rest.shift() ?? null);
  const method = methods?.includes(rest[0] ?? '') ? (rest.shift() ?? null) : null;
  const [keyword, other] = rest;
  const inherits = keyword === 'inherits' ? (other ?? '') : null;
  const node: Iface = { kind: 'iface', line, name, family, method, inherits, body };
  return { node, problem: ifaceProblem(node, keyword) };
}

function ifaceProblem({ name, family, method, inherits }: Iface, unknown: string | undefined): string | null {
  if (name === '') return 'an iface line without an interface';
  if (inherits === '') return '"inherits" without a name';
  if (inherits !== null || method !== null) return null;
  const what = family === null ? 'address family' : `method for ${family}`;
  return unknown === undefined ? `iface ${name} has no ${what}` : `"${unknown}" is no known ${what}`;
}

function isSelection(keyword: string): boolean {
  return /^(auto|allow-.+|no-auto-down|no-scripts)$/.test(keyword);
}

function isTrivia({ raw, text }: Line): boolean {
  // A `#` that comes first only after lines were joined is not a comment.
  return text === '' || /^[ \t\v\f\r]*#/.test(raw);
}

/** First word, and what follows it. */
function split(text: string): { keyword: string; value: string } {
  const keyword = /^[^ \t\n\v\f\r]*/.exec(text)?.[0] ?? '';
  return { keyword, value: text.slice(keyword.length).replace(/^[ \t\n\v\f\r]+/, '') };
}

function logicalLines(text: string): Line[] {
  const physical = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const lines: Line[] = [];
  for (let next = 0; next < physical.length; ) {
    const number = next + 1;
    const raw = [physical[next++] ?? ''];
    let joined = (raw[0] ?? '').replace(/^[ \t\v\f\r]+/, '').replace(/\n$/, '');
    // A comment ends with its line, backslash or not.
    while (joined.endsWith('\\') && !joined.startsWith('#')) {
      const more = physical[next++];
      joined = joined.slice(0, -1) + (more ?? '').replace(/\n$/, '');
      if (more !== undefined) raw.push(more);
    }
    lines.push({ raw: raw.join(''), text: trimEnd(joined), number });
  }
  return lines;
}

/** Not a regular expression: those take quadratic time on long runs of blanks. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && ' \t\n\v\f\r'.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** A quoted word of a dhclient.conf(5), by where its text is, without the quotes. */
interface Quoted {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What a dhclient.conf says of single links and other files. */
export interface DhclientConf {
  /** Names of links: of `interface` declarations, of those inside `lease` and `alias`, and of `pseudo`. */
  readonly links: readonly Quoted[];
  /** Files that it includes. */
  readonly includes: readonly string[];
  /** Why it cannot be read to its end; `null` when it can. */
  readonly problem: { readonly line: number; readonly message: string } | null;
}

/** A comment, a quoted word, a bracket, a semicolon, or a word (conflex.c of ISC DHCP 4.4). */
const TOKEN = /#[^\n]*|"(?:\\.|[^"\\])*"|[{};]|[^\s"{};#]+|"/gs;

/** Read a dhclient.conf as far as links go. Every position is one of the text, so that it can be edited losslessly. */
export function readDhclientConf(text: string): DhclientConf {
  const links: Quoted[] = [];
  const includes: string[] = [];
  const lineAt = (at: number) => text.slice(0, at).split('\n').length;
  const open: number[] = [];
  let problem: DhclientConf['problem'] = null;
  /** Words of the statement so far; quoted ones count as one. */
  let statement: string[] = [];
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token.startsWith('#')) continue;
    if (token === '"') problem ??= { line: lineAt(index), message: 'a quote that nothing closes' };
    else if (token.startsWith('"')) {
      const quoted = { start: index + 1, end: index + token.length - 1, text: token.slice(1, -1) };
      const [keyword = ''] = statement;
      if (keyword === 'interface' && statement.length === 1) links.push(quoted);
      if (keyword === 'pseudo' && statement.length === 2) links.push(quoted);
      if (keyword === 'include' && statement.length === 1) includes.push(quoted.text);
      statement.push('"');
    } else if (/[{};]/.test(token)) {
      statement = [];
      if (token === '{') open.push(index);
      if (token === '}' && open.pop() === undefined)
        problem ??= { line: lineAt(index), message: 'a "}" that nothing opens' };
    } else statement.push(token.toLowerCase());
  }
  const [left] = open;
  if (left !== undefined) problem ??= { line: lineAt(left), message: 'a "{" that nothing closes' };
  return { links, includes, problem };
}

/** The text with the name of a link changed wherever it is one, and all other bytes as they are. */
export function renameInDhclientConf(text: string, from: string, to: string): string {
  return readDhclientConf(text)
    .links.filter((link) => link.text === from)
    .toReversed()
    .reduce((after, { start, end }) => after.slice(0, start) + to + after.slice(end), text);
}

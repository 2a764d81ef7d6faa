import type { Assignment, ShellFile, ShellLine, ShellProblem } from './shell.js';
import { METACHARACTERS, readWord, type Word } from './word.js';

const ASSIGNMENT = /([A-Za-z_]\w*)(\+?)=/y;

/**
 * Read a file as bash's `.` does, as far as it is made of assignments: bash(1), "SHELL GRAMMAR" and "QUOTING".
 * Everything else is noted as a problem of its line, and left to whoever needs that file.
 */
export function parse(text: string): ShellFile {
  const lines: ShellLine[] = [];
  let number = 1;
  for (let at = 0; at < text.length; ) {
    const line = new LineReader(text, at, number).read();
    lines.push(line);
    at += line.raw.length;
    number += line.raw.split('\n').length - 1;
  }
  return { lines };
}

class LineReader {
  #at: number;
  readonly #assignments: Assignment[] = [];
  #problem: ShellProblem | null = null;
  /** Of the statement at hand: a `;` begins the next one. */
  #pending: Assignment[] = [];
  #exportAt: number | null = null;
  #isExport = false;
  #isCommand = false;

  constructor(
    readonly text: string,
    readonly start: number,
    readonly number: number,
  ) {
    this.#at = start;
  }

  read(): ShellLine {
    while (!this.#isAtEnd()) this.#token();
    this.#endStatement();
    if (this.text[this.#at] === '\n') this.#at += 1;
    return {
      raw: this.text.slice(this.start, this.#at),
      number: this.number,
      assignments: this.#assignments,
      problem: this.#problem,
    };
  }

  /** Past blanks, joined lines and a comment. */
  #isAtEnd(): boolean {
    while (/^([ \t]|\\\n)/.test(this.text.slice(this.#at, this.#at + 2)))
      this.#at += this.text[this.#at] === '\\' ? 2 : 1;
    if (this.text[this.#at] === '#') {
      const end = this.text.indexOf('\n', this.#at);
      this.#at = end === -1 ? this.text.length : end;
    }
    return this.#at >= this.text.length || this.text[this.#at] === '\n';
  }

  #token(): void {
    const character = this.text[this.#at] ?? '';
    if (character === ';') {
      if (this.#pending.length === 0 && !this.#isExport && !this.#isCommand)
        this.#report('syntax', 'a ";" without anything before it');
      this.#endStatement();
      this.#at += 1;
    } else if (METACHARACTERS.includes(character)) {
      this.#report('syntax', `"${character}", which is more than an assignment`);
      this.#isCommand = true;
      this.#at += 1;
    } else if (!this.#assignment()) this.#word();
  }

  #assignment(): boolean {
    ASSIGNMENT.lastIndex = this.#at;
    const found = this.#isCommand ? null : ASSIGNMENT.exec(this.text);
    if (found === null) return false;
    const [, name = '', append] = found;
    const valueStart = ASSIGNMENT.lastIndex;
    const word = readWord(this.text, valueStart);
    if (append) this.#report('expansion', `"${name}+=", which adds to what it was`);
    this.#take(word);
    this.#pending.push({
      name,
      value: append ? null : word.value,
      variables: word.variables,
      start: (this.#exportAt ?? this.#at) - this.start,
      valueStart: valueStart - this.start,
      end: word.end - this.start,
    });
    this.#exportAt = null;
    this.#at = word.end;
    return true;
  }

  #word(): void {
    const word = readWord(this.text, this.#at);
    const raw = this.text.slice(this.#at, word.end);
    const isFirst = this.#pending.length === 0 && !this.#isExport && !this.#isCommand;
    if (isFirst && raw === 'export') {
      this.#isExport = true;
      this.#exportAt = this.#at;
    } else if (!(this.#isExport && /^[A-Za-z_]\w*$/.test(raw))) {
      if (raw.includes('\r')) this.#take(word);
      this.#report('syntax', this.#isCommand ? `"${raw}"` : this.#command(raw, word.end));
      this.#isCommand = true;
    }
    this.#at = word.end;
  }

  #command(raw: string, end: number): string {
    const what = `"${raw}", which bash runs as a command`;
    const isSpaced = /^[ \t]*=/.test(this.text.slice(end, end + 80)) || raw.startsWith('=');
    const before = this.#pending.at(-1);
    if (isSpaced || before?.value === '') return `${what}: no space may stand around "="`;
    return before === undefined ? what : `${what}: a value with a space in it needs quotes`;
  }

  #take({ problem }: Word): void {
    this.#problem ??= problem;
  }

  #report(kind: ShellProblem['kind'], message: string): void {
    this.#problem ??= { kind, message };
  }

  /** What stands before a command is only for that command. */
  #endStatement(): void {
    if (!this.#isCommand) this.#assignments.push(...this.#pending);
    this.#pending = [];
    this.#exportAt = null;
    this.#isExport = false;
    this.#isCommand = false;
  }
}

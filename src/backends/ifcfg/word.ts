import type { ShellProblem } from './shell.js';

/** A word of a shell line, with its quotes and escapes resolved: bash(1), "QUOTING". */
export interface Word {
  readonly end: number;
  /** `null` when it is known at run time only. */
  readonly value: string | null;
  readonly variables: readonly string[];
  readonly problem: ShellProblem | null;
}

/** Characters that end a word: bash(1), "metacharacter". */
export const METACHARACTERS = ' \t\n;&|()<>';

const SIMPLE_VARIABLE = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/y;
const OTHER_PARAMETER = /\$[0-9@*#?$!-]/y;

/** The word that begins at `start`; empty where a metacharacter stands. */
export function readWord(text: string, start: number): Word {
  return new WordReader(text, start).read();
}

class WordReader {
  #at: number;
  #value = '';
  readonly #variables: string[] = [];
  #problem: ShellProblem | null = null;

  constructor(
    readonly text: string,
    readonly start: number,
  ) {
    this.#at = start;
  }

  read(): Word {
    while (this.#at < this.text.length && !METACHARACTERS.includes(this.#next())) this.#part();
    const raw = this.text.slice(this.start, this.#at);
    if (raw.includes('\r')) this.#report('crlf', 'a carriage return, which bash takes for part of the value');
    if (raw.includes('\0')) this.#report('syntax', 'a NUL byte');
    const fixed = this.#problem === null && this.#variables.length === 0;
    return {
      end: this.#at,
      value: fixed ? this.#value : null,
      variables: this.#variables,
      problem: this.#problem,
    };
  }

  #next(offset = 0): string {
    return this.text[this.#at + offset] ?? '';
  }

  #report(kind: ShellProblem['kind'], message: string): void {
    this.#problem ??= { kind, message };
  }

  #part(): void {
    const character = this.#next();
    const before = this.text[this.#at - 1];
    if (character === '\\') this.#escape();
    else if (character === "'") this.#singleQuoted();
    else if (character === '"') this.#doubleQuoted();
    else if (character === '$') this.#dollar(true);
    else if (character === '`') this.#backquoted();
    else {
      // bash(1), "Tilde Expansion": at the start of a value and behind each colon.
      if (character === '~' && (this.#at === this.start || before === ':'))
        this.#report('expansion', 'a home directory (~)');
      this.#literal(1);
    }
  }

  #literal(length: number): void {
    this.#value += this.text.slice(this.#at, this.#at + length);
    this.#at += length;
  }

  #escape(): void {
    const escaped = this.#next(1);
    if (escaped === '') this.#report('syntax', 'a backslash at the very end');
    else if (escaped !== '\n') this.#value += escaped;
    this.#at = Math.min(this.#at + 2, this.text.length);
  }

  #singleQuoted(): void {
    const end = this.text.indexOf("'", this.#at + 1);
    if (end === -1) this.#unterminated("'");
    else {
      this.#value += this.text.slice(this.#at + 1, end);
      this.#at = end + 1;
    }
  }

  #unterminated(quote: string): void {
    this.#report('syntax', `an opening ${quote} without a closing one`);
    this.#at = this.text.length;
  }

  #doubleQuoted(): void {
    this.#at += 1;
    while (this.#next() !== '"') {
      const character = this.#next();
      if (character === '') {
        this.#unterminated('"');
        return;
      }
      if (character === '\\') {
        const escaped = this.#next(1);
        if (escaped === '\n') this.#at += 2;
        else if (escaped !== '' && '$`"\\'.includes(escaped)) {
          this.#at += 1;
          this.#literal(1);
        } else this.#literal(1);
      } else if (character === '$') this.#dollar(false);
      else if (character === '`') this.#backquoted();
      else this.#literal(1);
    }
    this.#at += 1;
  }

  #dollar(unquoted: boolean): void {
    const second = this.#next(1);
    SIMPLE_VARIABLE.lastIndex = this.#at;
    OTHER_PARAMETER.lastIndex = this.#at;
    const simple = SIMPLE_VARIABLE.exec(this.text);
    // bash joins the lines before it looks at what the sign is for.
    const end = simple === null ? this.#at + 1 : SIMPLE_VARIABLE.lastIndex;
    if (this.text.startsWith('\\\n', end)) this.#report('syntax', 'a "$" that goes on in the next line');
    if (unquoted && second === "'") this.#ansiQuoted();
    else if (unquoted && second === '"') {
      this.#at += 1;
      this.#doubleQuoted();
    } else if (simple !== null) {
      this.#variables.push(simple[1] ?? simple[2] ?? '');
      this.#at = SIMPLE_VARIABLE.lastIndex;
    } else if (OTHER_PARAMETER.test(this.text)) {
      this.#report('expansion', `the parameter ${this.text.slice(this.#at, this.#at + 2)}`);
      this.#at += 2;
    } else if (second === '(') {
      this.#report('expansion', 'a command or an arithmetic expression ($(…))');
      this.#at = balanced(this.text, this.#at + 1, '(', ')');
    } else if (second === '{') {
      this.#report('expansion', 'a parameter expansion (${…})');
      this.#at = balanced(this.text, this.#at + 1, '{', '}');
    } else if (second === '[') {
      this.#report('expansion', 'an arithmetic expression ($[…])');
      this.#at = balanced(this.text, this.#at + 1, '[', ']');
    } else this.#literal(1);
  }

  #backquoted(): void {
    this.#report('expansion', 'a command (`…`)');
    let at = this.#at + 1;
    while (at < this.text.length && this.text[at] !== '`') at += this.text[at] === '\\' ? 2 : 1;
    this.#at = Math.min(at + 1, this.text.length);
  }

  /** `$'…'`: bash(1), "QUOTING", the last of its kinds. */
  #ansiQuoted(): void {
    this.#at += 2;
    let value = '';
    while (this.#next() !== "'") {
      if (this.#next() === '') {
        this.#unterminated("$'");
        return;
      }
      ANSI_PART.lastIndex = this.#at;
      const [part = ''] = ANSI_PART.exec(this.text) ?? [];
      const character = ansiCharacter(part);
      if (character === null) this.#report('syntax', `the escape ${part}, which is no character by itself`);
      value += character ?? '';
      this.#at += part.length;
    }
    this.#at += 1;
    // A string of C ends there.
    this.#value += value.split('\0')[0] ?? '';
  }
}

/** One escape, or one character. */
const ANSI_PART = /\\(?:[0-7]{1,3}|x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|.)|./sy;
const ANSI_LETTERS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
};

/** `null` for what is no character: a byte of several that make one, for instance. */
function ansiCharacter(part: string): string | null {
  const letter = part[1];
  if (part[0] !== '\\' || letter === undefined) return part;
  const byte = /[0-7]/.test(letter)
    ? Number.parseInt(part.slice(1), 8) & 0xff
    : letter === 'x' && part.length > 2
      ? Number.parseInt(part.slice(2), 16)
      : null;
  if (byte !== null) return byte < 0x80 ? String.fromCharCode(byte) : null;
  if ('uU'.includes(letter) && part.length > 2) {
    const point = Number.parseInt(part.slice(2), 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : null;
  }
  // A control character (\cx), or \x without digits: nobody writes these.
  if ('cxuU'.includes(letter)) return null;
  return ANSI_LETTERS[letter] ?? part;
}

/** Behind the bracket that closes the one at `start`, as far as quotes tell. */
function balanced(text: string, start: number, open: string, close: string): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at += 1;
    else if (character === "'" || character === '"') {
      const end = text.indexOf(character, at + 1);
      if (end === -1) return text.length;
      at = end;
    } else if (character === open) depth += 1;
    else if (character === close) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

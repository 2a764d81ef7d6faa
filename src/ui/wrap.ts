import { stripVTControlCharacters } from 'node:util';

/** Breaks between words, but not within `…`: that is a command, to be copied in one piece. */
const BETWEEN_WORDS = / (?=(?:[^`]*`[^`]*`)*[^`]*$)/;

/** Text in lines of at most so many columns, broken between words; one that is longer stays whole. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(BETWEEN_WORDS)) {
    const line = lines.at(-1);
    if (line === undefined || columnsOf(line) + 1 + columnsOf(word) > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/**
 * Lines that are too long, broken between words, and indented by two columns more than they began. A terminal would
 * break them within a word.
 */
export function folded(text: string, width: number): string {
  return text.split('\n').map(fold(width)).join('\n');
}

/** The same for sentences; commands to be copied, diffs and what other programs said stay as they are. */
export function foldedProse(text: string, width: number): string {
  return !text.includes('\n') && /[.:?\])]$/.test(stripVTControlCharacters(text))
    ? folded(text, width)
    : text;
}

function fold(width: number) {
  return (line: string) => {
    if (columnsOf(line) <= width) return line;
    const indent = /^ */.exec(line)?.[0] ?? '';
    const [first = '', ...rest] = wrapped(line.slice(indent.length), width - indent.length);
    // What goes on is indented more, so it is broken anew.
    const below = rest.length === 0 ? [] : wrapped(rest.join(' '), width - indent.length - 2);
    return [indent + first, ...below.map((one) => `${indent}  ${one}`)].join('\n');
  };
}

const columnsOf = (text: string) => stripVTControlCharacters(text).length;

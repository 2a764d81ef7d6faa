import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from '../../../../src/backends/ifcfg/parse.js';
import {
  assign,
  assignmentsOf,
  divide,
  print,
  variable,
  withValue,
} from '../../../../src/backends/ifcfg/shell.js';
import { RUNS } from './arbitrary.js';

/** What the file assigns, by name. */
const values = (text: string) =>
  Object.fromEntries(assignmentsOf(parse(text)).map(({ name, value }) => [name, value]));
const problems = (text: string) =>
  parse(text).lines.flatMap(({ number, problem }) => (problem === null ? [] : [[number, problem.kind]]));

/**
 * What bash makes of the same text, with nothing that it could run: `null` when it complains. The letters of the texts
 * below are chosen so that no builtin can be spelled with them.
 */
function bash(text: string, names: readonly string[]): Record<string, string> | null {
  const script = `LC_ALL=C.UTF-8; eval "$1" || exit 9; printf '%s\\0' ${names.map((name) => `"$${name}"`).join(' ')}`;
  try {
    const output = execFileSync('/bin/bash', ['--norc', '-c', script, 'bash', text], {
      env: { PATH: '/nonexistent' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const words = output.split('\0');
    return Object.fromEntries(names.map((name, index) => [name, words[index] ?? '']));
  } catch {
    return null;
  }
}

describe('print', () => {
  it('gives back any text byte for byte', () => {
    const pieces = fc.array(
      fc.constantFrom(
        'A=',
        'b',
        "'",
        '"',
        '\\',
        '\n',
        '\r\n',
        ' ',
        '#',
        ';',
        '$',
        '$(',
        '`',
        '{',
        ')',
        '\0',
        'é',
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          pieces.map((list) => list.join('')),
        ),
        (text) => {
          expect(print(parse(text))).toBe(text);
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe('parse', () => {
  it.each<[string, string, string]>([
    ['plain', 'A=eth0', 'eth0'],
    ['double quotes', 'A="System eth0"', 'System eth0'],
    ['single quotes', "A='a\\b $HOME'", 'a\\b $HOME'],
    ['quotes in the middle', 'A=a"b c"\'d\'', 'ab cd'],
    ['escapes', 'A=a\\ b\\"c', 'a b"c'],
    ['escapes in double quotes', 'A="\\$x \\" \\\\ \\a"', '$x " \\ \\a'],
    ['ANSI-C quotes', "A=$'a\\tb\\x41\\101\\u00e9\\''", "a\tbAA\u00e9'"],
    ['locale quotes', 'A=$"text"', 'text'],
    ['joined lines', 'A=a\\\nb', 'ab'],
    ['lines within quotes', 'A="a\nb"', 'a\nb'],
    ['an empty value', 'A=', ''],
    ['a comment behind it', 'A=b # c', 'b'],
    ['a hash within', 'A=b#c', 'b#c'],
    ['a lone dollar sign', 'A="5$"', '5$'],
    ['an equals sign within', 'A=mode=1', 'mode=1'],
    ['white space before it', '  \tA=b', 'b'],
    ['export', 'export A=b', 'b'],
    ['export later', 'A=b; export A', 'b'],
    ['the last one', 'A=a\nA=b', 'b'],
    ['several in a line', 'A=a B=b; C=c', 'a'],
    ['no final newline', 'B=1\nA=b', 'b'],
  ])('reads %s as bash does', (_, text, value) => {
    expect(problems(text)).toEqual([]);
    expect(variable(parse(text), 'A')).toBe(value);
    expect(bash(text, ['A'])).toEqual({ A: value });
  });

  it.each<[string, string, string]>([
    ['a command substitution', 'A=$(hostname)', 'expansion'],
    ['back quotes', 'A="x`hostname`"', 'expansion'],
    ['an arithmetic expression', 'A=$((1+1))', 'expansion'],
    ['a parameter expansion', 'A=${B:-c}', 'expansion'],
    ['a positional parameter', 'A=$1', 'expansion'],
    ['a home directory', 'A=~/x', 'expansion'],
    ['one behind a colon', 'A=/bin:~/bin', 'expansion'],
    ['a sign that goes on in the next line', 'A=$\\\n(id)', 'syntax'],
    ['a variable that does', 'A="$HO\\\nME"', 'syntax'],
    ['an addition', 'A+=b', 'expansion'],
    ['an array', 'A=(a b)', 'syntax'],
    ['a command', 'ip link set eth0 up', 'syntax'],
    ['a command with a variable of its own', 'A=b ip link', 'syntax'],
    ['a condition', '[ -f x ] && A=b', 'syntax'],
    ['another file', '. /etc/sysconfig/network', 'syntax'],
    ['spaces around the sign', 'A = b', 'syntax'],
    ['a space behind the sign', 'A= b', 'syntax'],
    ['a redirection', 'A=b > x', 'syntax'],
    ['a quote without an end', 'A="b', 'syntax'],
    ['a backslash at the end', 'A=b\\', 'syntax'],
    ['CRLF', 'A=b\r\n', 'crlf'],
    ['a blank line of CRLF', '\r\n', 'crlf'],
    ['a NUL byte', 'A=\0', 'syntax'],
  ])('names %s', (_, text, kind) => {
    expect(problems(text)[0]).toEqual([1, kind]);
    expect(variable(parse(text), 'A')).toBe('');
  });

  it('says which variables a value takes up', () => {
    const [assignment] = assignmentsOf(parse('ETHTOOL_OPTS="-K ${DEVICE} tso on; -s $DEVICE"'));
    expect(assignment).toMatchObject({ value: null, variables: ['DEVICE', 'DEVICE'] });
    expect(problems('A=$B')).toEqual([]);
  });

  it('says that no space may stand around the sign', () => {
    expect(parse('ONBOOT = yes').lines[0]?.problem?.message).toContain('no space');
    expect(parse('ONBOOT= yes').lines[0]?.problem?.message).toContain('no space');
    expect(parse('DOMAIN=a.example b').lines[0]?.problem?.message).toContain('needs quotes');
  });

  it('counts physical lines', () => {
    expect(problems('A="1\n2"\n\n# c\nif\n')).toEqual([[5, 'syntax']]);
  });

  it('agrees with bash on whatever it takes for fixed texts', () => {
    const piece = fc.constantFrom(
      ...[
        'A=',
        'B=',
        'a',
        'b',
        '1',
        "'",
        '"',
        '\\',
        '\n',
        ' ',
        '\t',
        '#',
        ';',
        '$',
        "$'",
        '\\n',
        '\\101',
        '%',
        '=',
      ],
    );
    const texts = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));
    let compared = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const read = parse(text);
        fc.pre(read.lines.every(({ problem }) => problem === null));
        fc.pre(assignmentsOf(read).length > 0 && assignmentsOf(read).every(({ value }) => value !== null));
        compared += 1;
        expect(bash(text, ['A', 'B'])).toEqual({ A: variable(read, 'A'), B: variable(read, 'B') });
      }),
      // Each starts a bash.
      { numRuns: Math.ceil(RUNS / 5) },
    );
    expect(compared).toBeGreaterThan(100);
  }, 600_000);
});

describe('assign', () => {
  it('quotes whatever bash would take for more than text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\0]/.test(text)),
        (value) => {
          expect(values(assign('A', value))).toEqual({ A: value });
        },
      ),
      { numRuns: RUNS },
    );
    expect(assign('A', '192.168.1.10')).toBe('A=192.168.1.10\n');
    expect(assign('A', 'a b"$c')).toBe('A="a b\\"\\$c"\n');
  });
});

describe('divide', () => {
  const isIp = (name: string) => name.startsWith('IP');

  it('takes whole lines with their comments, and leaves the others as they are', () => {
    const text = '# top\nDEVICE=eth0\n IPADDR="10.0.0.1" # office\n\nIPADDR1=10.0.0.2';
    expect(divide(parse(text), isIp)).toEqual({
      kept: '# top\nDEVICE=eth0\n\n',
      taken: [' IPADDR="10.0.0.1" # office\n', 'IPADDR1=10.0.0.2\n'],
    });
  });

  it('takes one of several assignments out of a line', () => {
    expect(divide(parse('A=1 IPADDR=2; C=3 # c\n'), isIp)).toEqual({
      kept: 'A=1; C=3 # c\n',
      taken: ['IPADDR=2\n'],
    });
    expect(divide(parse('export A=1 IPADDR=2\n'), isIp).kept).toBe('export A=1\n');
    expect(divide(parse('export IPADDR=1 A=2\n'), isIp)).toEqual({
      kept: 'A=2\n',
      taken: ['export IPADDR=1\n'],
    });
  });
});

describe('withValue', () => {
  it('changes the last one in its place, or adds a line', () => {
    const change = (text: string, name: string, value: string) => withValue(text, parse(text), name, value);
    expect(change('A=1\nA="2" # c\nB=3', 'A', 'x y')).toBe('A=1\nA="x y" # c\nB=3');
    expect(change('A=1', 'B', '2')).toBe('A=1\nB=2\n');
    expect(change('', 'B', '2')).toBe('B=2\n');
  });
});

import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommandError, describeFailure, pasteable } from '../../../src/host/command.js';

const result = { argv: ['ifup', 'br0'], exitCode: 1, stdout: '', stderr: '', durationMs: 5 };

describe('pasteable', () => {
  it('leaves words alone that no shell would touch', () => {
    const words = ['ip', '-4', 'addr', 'add', '192.168.1.10/24', 'dev', 'eth0:0', '--a=b,c@d+%'];
    expect(pasteable(words)).toBe(words.join(' '));
  });

  it.each([
    [['echo', 'two words'], "echo 'two words'"],
    [['echo', "it's"], "echo 'it'\\''s'"],
    [['echo', ''], "echo ''"],
    [['echo', '$(reboot)', '*', '~'], "echo '$(reboot)' '*' '~'"],
  ])('quotes the rest: %j', (argv, text) => {
    expect(pasteable(argv)).toBe(text);
  });

  it('is split by a shell into the very words that it was made of', () => {
    // No command line can hold a NUL, nor half a surrogate pair.
    const word = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
    const hostile = fc.constantFrom('\n', "'", '"', '\\', '$HOME', '`id`', '#', '!', '-n', '=', '\t', '\r');
    fc.assert(
      fc.property(fc.array(fc.oneof(word, hostile), { minLength: 1, maxLength: 8 }), (argv) => {
        const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${pasteable(argv)}`], { encoding: 'utf8' });
        expect(printed.split('\0').slice(0, -1)).toEqual(argv);
      }),
      { numRuns: 200 },
    );
  });
});

describe('describeFailure', () => {
  it('says what failed, how it ended, and its last words', () => {
    const stderr = `${Array.from({ length: 20 }, (_, line) => `line ${line}`).join('\n')}\n`;
    expect(describeFailure({ ...result, stderr }).split('\n')).toEqual([
      '`ifup br0` exited 1:',
      ...[12, 13, 14, 15, 16, 17, 18, 19].map((line) => `line ${line}`),
    ]);
  });

  it('falls back on stdout, and on silence', () => {
    expect(describeFailure({ ...result, stdout: 'no lease\n' })).toBe('`ifup br0` exited 1:\nno lease');
    expect(describeFailure(result)).toBe('`ifup br0` exited 1');
  });

  it('knows an end by force', () => {
    expect(describeFailure({ ...result, exitCode: null })).toBe(
      '`ifup br0` was ended by a signal or its time limit',
    );
  });

  it('is the message of a CommandError, which keeps the result', () => {
    const error = new CommandError(result);
    expect([error.message, error.result]).toEqual(['`ifup br0` exited 1', result]);
  });
});

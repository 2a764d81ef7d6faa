import { describe, expect, it } from 'vitest';
import { style } from '../../../src/ui/style.js';
import { folded, foldedProse, wrapped } from '../../../src/ui/wrap.js';

describe('lines for a terminal', () => {
  it('are broken between words, and go on indented by two more', () => {
    expect(folded('  warning: the runtime does not run', 20)).toBe(
      '  warning: the\n    runtime does not\n    run',
    );
    expect(folded('short\n  also short', 20)).toBe('short\n  also short');
  });

  it('keep a command in one piece, also one that is too long', () => {
    expect(folded('Run `ip link set dev br0 up`, or leave it.', 20)).toBe(
      'Run\n  `ip link set dev br0 up`,\n  or leave it.',
    );
    expect(wrapped('a'.repeat(30), 20)).toEqual(['a'.repeat(30)]);
    expect(folded('It`s one word of an odd text', 10).split('\n').length).toBeGreaterThan(1);
  });

  it('do not count colours', () => {
    const text = `${style(true).bad('error')}: twenty columns`;
    expect(folded(text, 21)).toBe(text);
    expect(folded(text, 20)).toContain('\n');
  });

  it('are as long as they are where nobody says how wide it is', () => {
    const long = 'word '.repeat(100);
    expect(folded(long, Infinity)).toBe(long);
  });

  it('are sentences: what is to be pasted or compared stays', () => {
    const command = 'diff /var/lib/checkpoint/interfaces /etc/network/interfaces';
    expect(foldedProse(command, 20)).toBe(command);
    const diff = '--- a\n+++ b is a long line of a file.';
    expect(foldedProse(diff, 20)).toBe(diff);
    expect(foldedProse('This is a sentence that is long.', 20)).toContain('\n');
  });
});

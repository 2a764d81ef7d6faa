import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Child } from '../../../src/host/host.js';
import { longestGap, Watch } from '../../../src/rehearse/lan.js';
import { compare } from '../../../src/rehearse/observe.js';

describe('longestGap', () => {
  it.each([
    [[], null],
    [[5], null],
    [[0, 10, 20], 10],
    [[0, 10, 510.4, 520], 500],
  ])('of %j is %j', (times, gap) => {
    expect(longestGap(times)).toBe(gap);
  });

  it('is no less than the mean, and no more than all of it', () => {
    const times = fc.array(fc.integer({ min: 0, max: 10 ** 6 }), { minLength: 2 });
    fc.assert(
      fc.property(times, (unordered) => {
        const ascending = unordered.toSorted((a, b) => a - b);
        const all = (ascending.at(-1) ?? 0) - (ascending[0] ?? 0);
        const gap = longestGap(ascending) ?? -1;
        expect(gap).toBeLessThanOrEqual(all);
        expect(gap).toBeGreaterThanOrEqual(Math.floor(all / (ascending.length - 1)));
      }),
    );
  });
});

describe('Watch', () => {
  const watching = (...lines: string[]) => {
    const killed: unknown[] = [];
    const child: Child = {
      pid: 1,
      exited: Promise.resolve({ exitCode: 0, signal: null }),
      write: () => {},
      kill: (signal) => void killed.push(signal),
    };
    const watch = new Watch((onLine) => {
      for (const line of lines) onLine(line);
      return child;
    });
    return { watch, killed };
  };
  const answer = (seconds: string) =>
    `[${seconds}] 64 bytes from 192.168.1.10: icmp_seq=1 ttl=64 time=0.05 ms`;

  it('measures the longest silence between answers, and counts nothing else', async () => {
    const { watch, killed } = watching(
      'PING 192.168.1.10 (192.168.1.10) 56(84) bytes of data.',
      answer('1700000000.010000'),
      answer('1700000000.020000'),
      '[1700000000.700000] From 192.168.1.1 icmp_seq=3 Destination Host Unreachable',
      answer('1700000001.370000'),
    );
    expect(await watch.stop()).toEqual({ answers: 3, longestSilenceMs: 1350 });
    expect(killed).toEqual(['SIGTERM']);
  });

  it('knows no silence where nobody ever answered', async () => {
    expect(await watching().watch.stop()).toEqual({ answers: 0, longestSilenceMs: null });
  });
});

describe('compare', () => {
  it('names what differs, with both sides', () => {
    expect(compare({ a: '1\n', b: '2' }, { a: '1\n', b: '2' })).toEqual([]);
    expect(compare({ a: '1\n', b: '2' }, { a: '3\n', b: '2' })).toEqual(['a differ: before "1", after "3"']);
  });
});

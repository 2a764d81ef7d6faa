import { describe, expect, it } from 'vitest';
import type { Child } from '../../../src/host/host.js';
import { Watch } from '../../../src/rehearse/lan.js';
import { compare } from '../../../src/rehearse/observe.js';

describe('Watch', () => {
  const watching = (...lines: string[]) => {
    const killed: unknown[] = [];
    const child: Child = {
      pid: 1,
      exited: Promise.resolve({ exitCode: 0, signal: null }),
      write: () => {},
      channels: [],
      kill: (signal) => void killed.push(signal),
    };
    const watch = new Watch(10, (onLine) => {
      for (const line of lines) onLine(line);
      return child;
    });
    return { watch, killed };
  };
  const answer = (seconds: string, sequence: number, roundTrip = '0.05') =>
    `[${seconds}] 64 bytes from 192.168.1.10: icmp_seq=${sequence} ttl=64 time=${roundTrip} ms`;

  it('measures the longest silence between answers, and counts nothing else', async () => {
    const { watch, killed } = watching(
      'PING 192.168.1.10 (192.168.1.10) 56(84) bytes of data.',
      answer('1700000000.010000', 1),
      answer('1700000000.020000', 2),
      '[1700000000.700000] From 192.168.1.1 icmp_seq=3 Destination Host Unreachable',
      answer('1700000001.370000', 4),
    );
    expect(await watch.stop()).toEqual({
      answers: 3,
      answeredAt: [1700000000010, 1700000000020, 1700000001370],
      longestSilenceMs: 1350,
    });
    expect(killed).toEqual(['SIGTERM']);
  });

  it('does not take for silence that nobody asked, as on a busy machine', async () => {
    const { watch } = watching(
      answer('1700000000.010000', 1),
      answer('1700000000.900000', 2),
      answer('1700000000.904000', 3),
    );
    expect(await watch.stop()).toMatchObject({ answers: 3, longestSilenceMs: 10 });
  });

  it('counts an answer that was long in coming', async () => {
    const { watch } = watching(answer('1700000000.010000', 1), answer('1700000000.520000', 2, '500'));
    expect(await watch.stop()).toMatchObject({ answers: 2, longestSilenceMs: 500 });
  });

  it('knows no silence where nobody ever answered', async () => {
    expect(await watching().watch.stop()).toMatchObject({ answers: 0, longestSilenceMs: null });
  });
});

describe('compare', () => {
  it('names what differs, with both sides', () => {
    expect(compare({ a: '1\n', b: '2' }, { a: '1\n', b: '2' })).toEqual([]);
    expect(compare({ a: '1\n', b: '2' }, { a: '3\n', b: '2' })).toEqual(['a differ: before "1", after "3"']);
  });
});

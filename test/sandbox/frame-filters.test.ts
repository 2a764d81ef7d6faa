import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { FrameBench } from './frame-bench.js';
import { comparing } from './frame-compare.js';
import { MORE_PROGRAMS, startHost } from './support.js';

/** `FILTER_RUNS=2000 FILTER_SEED=7` for a long run with other rule sets. */
const RUNS = Number(process.env.FILTER_RUNS ?? 40);
const SEED = Number(process.env.FILTER_SEED ?? 1);

let copy: RunningCopy;
beforeAll(async () => {
  copy = await startHost(undefined, MORE_PROGRAMS);
}, 900_000);
afterAll(() => copy?.stop());

it(
  'what the reader says of a rule set is what the kernel does',
  async () => {
    const bench = new FrameBench(copy.sandbox);
    await bench.start();
    const { told, untold, refused, wrong } = await comparing(bench, RUNS, SEED);
    expect(wrong).toEqual([]);
    // It would not be wrong either where it never says anything.
    expect(told).toBeGreaterThan(9 * untold);
    expect(refused).toBeLessThan(RUNS / 2);
  },
  60_000 + RUNS * 2000,
);

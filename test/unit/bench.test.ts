import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const BENCH = fileURLToPath(new URL('../../bench/run.js', import.meta.url));

describe('the bench', () => {
  it.each<[string[], RegExp]>([
    [['--nonsense'], /^Unknown option '--nonsense'\. Options: --runs, .*; benches: startup, /],
    [['cutover', '--runs'], /^Option '--runs <value>' argument missing\. Options: /],
    [['cutover', '--runs', '0'], /^--runs 0: expected a number/],
    [['doctor', '--runs', '0'], /^--runs 0: expected a number from 1 up\./],
    [['doctor', '--runs', 'many'], /^--runs many: expected a number from 1 up\./],
    [['cutover', '--only', 'nonsense'], /^--only: no nonsense\. Known: ours\/static, /],
    [['nonsense'], /^There is no bench nonsense\. Known: startup, /],
  ])('says in one line what is wrong with %j, and exits 2', (args, line) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [BENCH, ...args], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

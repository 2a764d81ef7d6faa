import type { RunningCopy } from '../../src/rehearse/copy.js';
import { document, eventually } from './support.js';

interface Found {
  readonly check: string;
  readonly severity: string;
  readonly message: string;
}

/** No service can be installed in a copy, which doctor says each time: before a set-up and after. */
const ALWAYS = ['no-systemd', 'runtime-not-installed'];

/** All that doctor finds, notes among it. */
export async function findings(copy: RunningCopy, ...flags: string[]): Promise<readonly Found[]> {
  return document((await copy.bridgeSetup(['doctor', '--json', ...flags])).stdout).findings;
}

/** What doctor finds wrong, each as its name. */
export async function wrongs(copy: RunningCopy, ...flags: string[]): Promise<string[]> {
  return (await findings(copy, ...flags))
    .filter(({ severity }) => severity === 'error' || severity === 'warning')
    .map(({ check }) => check)
    .filter((check) => !ALWAYS.includes(check));
}

/** Doctor finds nothing wrong any more, soon: a port that was out has to find its neighbours again. */
export async function nothingLeft(copy: RunningCopy): Promise<void> {
  let left: string[] = [];
  await eventually(
    () => `nothing is left of ${left}`,
    async () => {
      left = await wrongs(copy);
      return left.length === 0;
    },
    30_000,
  );
}

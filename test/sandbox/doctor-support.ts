import type { RunningCopy } from '../../src/rehearse/copy.js';
import { document, eventually, PROJECT } from './support.js';

interface Found {
  readonly check: string;
  readonly severity: string;
  readonly message: string;
}

/** No service can be installed in a copy, which doctor says each time. */
const ALWAYS = ['runtime-not-installed'];

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
export async function nothingLeft(copy: RunningCopy, ...flags: string[]): Promise<void> {
  let left: string[] = [];
  await eventually(
    () => `nothing is left of ${left}`,
    async () => {
      left = await wrongs(copy, ...flags);
      return left.length === 0;
    },
    30_000,
  );
}

/**
 * `bridge-setup …` in the copy as the user `nobody`, who is in these groups. The program is mounted where that user finds it,
 * whoever owns the folders above.
 */
export async function asNobody(copy: RunningCopy, groups: readonly string[], ...args: string[]) {
  const program = `[ -e /opt/node ] || { mkdir -p /opt/program; touch /opt/node; mount --bind '${PROJECT}' /opt/program; mount --bind '${process.execPath}' /opt/node; }`;
  await copy.sandbox.run(['sh', '-c', program]);
  const user = [
    '--reuid=nobody',
    '--regid=nogroup',
    ...(groups.length ? [`--groups=${groups}`] : ['--clear-groups']),
  ];
  const argv = ['setpriv', ...user, '--', '/opt/node', '/opt/program/bin/bridge-setup.js', ...args];
  return copy.sandbox.run(argv, { check: false, timeoutMs: 60_000 });
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { ANSWERS, eventually, HOST_ADDRESS, PROJECT, setUp, startHost } from './support.js';

let copy: RunningCopy;
let before: string;
beforeAll(async () => {
  copy = await startHost();
  // Packages stay after a rollback, so from here on there is nothing to install.
  expect((await setUp(copy)).exitCode).toBe(0);
  expect((await copy.bridgeSetup(['rollback'])).exitCode).toBe(0);
  before = await state();
});
afterAll(() => copy?.stop());

/** Files and network, without what changes by itself. */
async function state(): Promise<string> {
  const shown = await copy.sandbox.run([
    'sh',
    '-c',
    'cat /etc/network/interfaces /etc/resolv.conf /run/network/ifstate; ls /etc/bridge-setup; ip -br address show | grep -v docker0; ip route; ls /run/bridge-setup',
  ]);
  return shown.stdout;
}

/** The journals of all runs, the newest last. */
async function newestJournal(): Promise<string> {
  const { stdout } = await copy.sandbox.run([
    'sh',
    '-c',
    'cat "$(ls -d /var/lib/bridge-setup/checkpoints/* | tail -n 1)/journal.jsonl" 2>/dev/null || true',
  ]);
  return stdout;
}

async function setUpKilledAt(write: number) {
  return copy.bridgeSetup(['--answers', '-', '--json'], {
    input: JSON.stringify(ANSWERS),
    env: { NODE_OPTIONS: `--import=${PROJECT}/test/sandbox/kill-at.mjs`, KILL_AT: String(write) },
  });
}

describe('kill -9 of the tool, before and after every effect', () => {
  it('leaves a host that answers all the while, and is as before', async () => {
    const survived: number[] = [];
    for (let write = 1; ; write++) {
      const watch = copy.lan.watch(HOST_ADDRESS, 5);
      const run = await setUpKilledAt(write);
      if (run.exitCode === 0) {
        await watch.stop();
        break;
      }
      // Ended by a signal.
      expect(run.exitCode, `write ${write}: ${run.stdout}${run.stderr}`).toBeNull();
      await eventually(`the watchdog takes the host back after write ${write}`, async () =>
        (await newestJournal()).includes('"rolled-back"'),
      );
      const { longestSilenceMs } = await watch.stop();
      expect(await eventually(`state after write ${write}`, async () => (await state()) === before)).toBe(
        true,
      );
      expect(longestSilenceMs, `silence after write ${write}`).toBeLessThan(500);
      survived.push(write);
    }
    // An intent and a line after it for each step of the plan, then the end.
    expect(survived.length).toBeGreaterThan(20);
    expect((await copy.bridgeSetup(['rollback'])).exitCode).toBe(0);
    expect(await state()).toBe(before);
  }, 300_000);
});

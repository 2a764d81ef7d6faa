import { describe, expect, it } from 'vitest';
import { refuseUnfinished } from '../../../src/cli/unfinished.js';
import { FakeHost } from '../support/fake-host.js';
import { refusedBy } from '../support/refused.js';

const FOLDER = '/var/lib/bridge-setup/checkpoints/2026-01-02T03-04-05.678Z-9';
const STEP = { id: 'do', title: 'do', kind: 'run', argv: ['do'], timeoutSeconds: 1 };

/** A host with one run, which has come that far and has a watchdog. */
function hostWith(...states: string[]): FakeHost {
  const host = new FakeHost();
  const lines = [{ state: 'intent', n: 0, step: STEP, before: null }, ...states.map((state) => ({ state }))];
  host.content
    .set(FOLDER, '')
    .set(`${FOLDER}/before.json`, '{}')
    .set(`${FOLDER}/journal.jsonl`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    .set(`${FOLDER}/watchdog`, '700\n')
    .set('/proc/700/cmdline', `node\0bridge-setup.js\0watch\0${FOLDER}\0`);
  return host;
}

describe('refuseUnfinished', () => {
  it.each([
    ['a run that goes on', [], 'already-running'],
    ['a rollback that goes on', ['rolling-back'], 'already-running'],
    // Its watchdog repeats it for as long as it takes, and that may be for ever.
    ['a rollback that is incomplete, and is repeated', ['rolling-back', 'incomplete'], 'interrupted-run'],
  ])('names %s', async (_, states, code) => {
    expect((await refusedBy(() => refuseUnfinished(hostWith(...states)))).code).toBe(code);
  });

  it('lets a change begin after one that has come to its end', async () => {
    await refuseUnfinished(hostWith('committed'));
    await refuseUnfinished(hostWith('rolling-back', 'rolled-back'));
  });
});

import { describe, expect, it } from 'vitest';
import { bridgeSetup } from '../support/cli.js';
import { documentedEvents, expectKeys } from '../support/json-doc.js';
import { scenarioFile } from '../support/scenario.js';

const dryRun = (name: string) =>
  bridgeSetup([
    ...['--dry-run', '--json', '--facts', scenarioFile(name, 'facts.json')],
    ...['--root', scenarioFile(name, 'rootfs'), '--answers', scenarioFile(name, 'answers.json')],
  ]);

// test/sandbox/json.test.ts does so for what has to be run for real.
describe('docs/json.md has the keys of', () => {
  it('a plan', async () => {
    expectKeys('planned', JSON.parse((await dryRun('debian12-static')).stdout));
  });

  it('an error', async () => {
    expectKeys('error', JSON.parse((await dryRun('several-problems')).stdout));
    expectKeys('error', JSON.parse((await bridgeSetup(['--json', '--nonsense'])).stdout));
  });

  it('the events that its table has', () => {
    expect(documentedEvents().map(({ event }) => event)).toEqual(
      expect.arrayContaining(['step', 'proof', 'stage', 'awaiting-confirmation', 'confirmation', 'command']),
    );
  });
});

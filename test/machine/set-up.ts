import { expect } from 'vitest';
import type { AnswersInput } from '../../src/model/answers.js';
import type { Machine } from './machine.js';
import { timed } from './timing.js';

/** What `bridge-setup --json` prints, as far as it is looked at here. */
export interface SetUpDocument {
  readonly state: string;
  readonly plan: {
    readonly steps: readonly { readonly id: string; readonly packages?: readonly string[] }[];
  };
}

/** Answers that say nothing but what has to be said. */
export const ANSWERS: AnswersInput = {
  version: 1,
  bridge: { uplink: 'eth0' },
  runtime: { install: 'service' },
};

/** Set the machine up, unattended; it has to end well. */
export async function setUp(machine: Machine, answers: AnswersInput = ANSWERS): Promise<SetUpDocument> {
  const run = await timed('bridge-setup', () =>
    machine.bridgeSetup(['--answers', '-', '--json'], { input: JSON.stringify(answers) }),
  );
  expect(run.exitCode, `${run.stdout}\n${run.stderr}`).toBe(0);
  return JSON.parse(run.stdout) as SetUpDocument;
}

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { parseAnswers } from '../../../src/cli/answers-file.js';
import { prepare } from '../../../src/cli/prepare.js';
import { readRecordedFacts } from '../../../src/cli/read-facts.js';
import { SetupError } from '../../../src/errors.js';
import { localHost } from '../../../src/host/local-host.js';
import type { HostFacts } from '../../../src/model/facts.js';
import type { Plan } from '../../../src/model/plan.js';
import { PROGRAM } from './answers.js';

const SCENARIOS = fileURLToPath(new URL('../../scenarios', import.meta.url));
const UPDATE = process.env.UPDATE_GOLDENS === '1';

export const scenarios = readdirSync(SCENARIOS).sort();

export const scenarioFile = (name: string, file: string) => join(SCENARIOS, name, file);

/** Facts of a recorded host with the files below its rootfs/. A checkout keeps no modes, so each file has 0644. */
export async function recordedFacts(name: string): Promise<HostFacts> {
  const root = scenarioFile(name, 'rootfs');
  const facts = await readRecordedFacts(localHost(), scenarioFile(name, 'facts.json'), root);
  const files = Object.entries(facts.files).map(([path, { content }]) => [path, { content, mode: 0o644 }]);
  return { ...facts, files: Object.fromEntries(files) };
}

/** What the program makes of a scenario: a plan, or a refusal. */
export async function outcome(name: string): Promise<Plan | SetupError> {
  const answers = parseAnswers(JSON.parse(readFileSync(scenarioFile(name, 'answers.json'), 'utf8')));
  try {
    return prepare(await recordedFacts(name), answers, PROGRAM, false);
  } catch (error) {
    if (error instanceof SetupError) return error;
    throw error;
  }
}

/** Compare with a golden of the scenario; `UPDATE_GOLDENS=1` writes it instead. */
export function expectGolden(name: string, file: string, value: unknown): void {
  const path = scenarioFile(name, file);
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (UPDATE) writeFileSync(path, text);
  expect(existsSync(path), `${path} is missing; UPDATE_GOLDENS=1 writes it`).toBe(true);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

/** A scenario that is refused has no plan, and the other way round. */
export function expectNoGolden(name: string, file: string): void {
  const path = scenarioFile(name, file);
  if (UPDATE) rmSync(path, { force: true });
  expect(existsSync(path), `${path} speaks of something that did not happen`).toBe(false);
}

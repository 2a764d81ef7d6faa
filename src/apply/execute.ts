import { messageOf } from '../errors.js';
import type { Host } from '../host/host.js';
import type { FileBefore } from '../model/journal.js';
import type { Plan, Step } from '../model/plan.js';
import { journalOf, keepFile, writeJournal } from './checkpoint.js';
import type { ApplyContext, ApplyDoor } from './context.js';
import { endRun } from './decision.js';
import { isFileStep } from './edited.js';
import { recordNetworkAfter } from './network-after.js';
import { carryOut } from './steps.js';

/** A step, and its number in the plan and the journal. */
export type NumberedStep = readonly [n: number, step: Step];

/** The steps of a plan: those of the change itself, or those that wait until it is kept. */
export function stepsOf({ steps }: Plan, when: 'change' | 'kept'): NumberedStep[] {
  return [...steps.entries()].filter(([, step]) => (step.after === 'confirmation') === (when === 'kept'));
}

/**
 * Execute steps, every effect in the journal before it happens.
 * @returns the step that failed, and why; `null`: none did
 */
export async function executeSteps(
  folder: string,
  steps: readonly NumberedStep[],
  context: ApplyContext,
  signal?: AbortSignal,
): Promise<{ readonly step: Step; readonly reason: string } | null> {
  const { host, progress } = context;
  for (const [n, step] of steps) {
    const started = performance.now();
    progress.step(step, 'started', 0);
    try {
      signal?.throwIfAborted();
      const before = await stateBefore(host, folder, step);
      await writeJournal(host, folder, { state: 'intent', n, step, before });
      await carryOut(step, context);
      await writeJournal(host, folder, { state: 'done', n });
    } catch (error) {
      progress.step(step, 'failed', performance.now() - started);
      return { step, reason: signal?.aborted ? 'you stopped it' : messageOf(error) };
    }
    progress.step(step, 'done', performance.now() - started);
  }
  return null;
}

async function stateBefore(host: Host, folder: string, step: Step): Promise<FileBefore | null> {
  return isFileStep(step) ? keepFile(host, folder, step.path) : null;
}

/**
 * Bring a run to its end in place of the process that is gone: execute what waited until the change is kept, and was
 * not done yet. A step that fails leaves something too many, such as an address; the change is kept all the same.
 */
export async function finishConfirmed(folder: string, door: ApplyDoor): Promise<void> {
  const { host } = door;
  const plan = JSON.parse(
    (await host.files.read(`${folder}/plan.json`)) ?? '{"steps":[],"uplink":""}',
  ) as Plan;
  const { entries } = await journalOf(host, folder);
  const done = new Set(entries.filter(({ state }) => state === 'done').map(({ n }) => n));
  const left = stepsOf(plan, 'kept').filter(([n]) => !done.has(n));
  await executeSteps(folder, left, { ...door, passed: [] });
  await recordNetworkAfter(folder, plan.uplink, door);
  await endRun(host, folder, 'committed');
}

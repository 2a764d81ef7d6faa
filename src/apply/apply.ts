import { messageOf } from '../errors.js';
import type { Host } from '../host/host.js';
import type { FileBefore } from '../model/journal.js';
import type { Plan, Step } from '../model/plan.js';
import { backUp, createCheckpoint, writeJournal } from './checkpoint.js';
import type { ApplyContext } from './context.js';
import { answers } from './expect.js';
import { carryOut } from './steps.js';

/** What carrying out a plan needs beside the plan. */
export interface ApplyOptions extends Omit<ApplyContext, 'answeredBefore'> {
  /** Stops the run after the step that is under way. */
  readonly signal: AbortSignal;
  /** Start what takes the host back if this process is lost. Throws when there is no way back. */
  readonly guard: (folder: string) => Promise<void>;
}

/** How far a plan came. `folder` is its checkpoint, from which it can be rolled back. */
export type ApplyOutcome =
  | { readonly state: 'applied'; readonly folder: string }
  | { readonly state: 'failed'; readonly folder: string; readonly step: Step; readonly reason: string };

/** Carry out a plan, every effect in the journal before it happens. It does not roll back; see `rollBack`. */
export async function applyPlan(plan: Plan, options: ApplyOptions): Promise<ApplyOutcome> {
  const { host, progress, signal } = options;
  const folder = await createCheckpoint(host, plan, await options.readNetwork());
  await options.guard(folder);
  const context: ApplyContext = { ...options, answeredBefore: await gatewaysThatAnswer(host, plan) };
  for (const [n, step] of plan.steps.entries()) {
    const started = performance.now();
    progress.step(step, 'started', 0);
    try {
      signal.throwIfAborted();
      const before = await stateBefore(host, step);
      if (before !== null) await backUp(host, folder, before.path, before.content);
      await writeJournal(host, folder, { state: 'intent', n, step, before });
      await carryOut(step, context);
      await writeJournal(host, folder, { state: 'done', n });
    } catch (error) {
      progress.step(step, 'failed', performance.now() - started);
      return { state: 'failed', folder, step, reason: signal.aborted ? 'you stopped it' : messageOf(error) };
    }
    progress.step(step, 'done', performance.now() - started);
  }
  await writeJournal(host, folder, { state: 'committed' });
  return { state: 'applied', folder };
}

async function stateBefore(host: Host, step: Step): Promise<FileBefore | null> {
  if (step.kind !== 'write-file' && step.kind !== 'remove-file') return null;
  const content = await host.files.read(step.path);
  if (content === null) return null;
  const entry = await host.files.stat(await host.files.realpath(step.path));
  return { path: step.path, content, mode: entry?.mode ?? 0o644 };
}

/** Probes are chosen by what works before: nothing is demanded of a gateway that never answered. */
async function gatewaysThatAnswer(host: Host, plan: Plan): Promise<Set<string>> {
  const found = new Set<string>();
  for (const step of plan.steps) {
    if (step.kind !== 'expect-network' || step.gateway === null) continue;
    if (await answers(host, step.gateway)) found.add(step.gateway);
  }
  return found;
}

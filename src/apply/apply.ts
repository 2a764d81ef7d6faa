import type { RunKind } from '../model/journal.js';
import type { Plan, Step } from '../model/plan.js';
import type { Probe } from '../model/probe.js';
import { createCheckpoint } from './checkpoint.js';
import type { ApplyContext, ApplyDoor } from './context.js';
import { awaitConfirmation, type Confirmation, endRun } from './decision.js';
import { executeSteps, stepsOf } from './execute.js';
import { recordNetworkAfter } from './network-after.js';
import { passingProbes } from './probes.js';

/** What carrying out a plan needs beside the plan. */
export interface ApplyOptions extends ApplyDoor {
  /** Stops the run after the step that is under way. */
  readonly signal: AbortSignal;
  /** Start what takes the host back if this process is lost. Throws when there is no way back. */
  readonly guard: (folder: string) => Promise<void>;
  /** The network in words, by file name, for the checkpoint. */
  readonly texts: (uplink: string) => Promise<Readonly<Record<string, string>>>;
  /** How the change of the network is confirmed; `null`: the probes are enough. */
  readonly confirmation: Confirmation | null;
  /** Default `set-up`. */
  readonly kind?: RunKind;
}

/** How far a plan came. `folder` is its checkpoint, from which it can be rolled back. */
export type ApplyOutcome =
  | { readonly state: 'applied'; readonly folder: string }
  | { readonly state: 'unconfirmed'; readonly folder: string; readonly reason: string }
  | { readonly state: 'failed'; readonly folder: string; readonly step: Step; readonly reason: string };

/** Carry out a plan, every effect in the journal before it happens. It does not roll back; see `rollBack`. */
export async function applyPlan(plan: Plan, options: ApplyOptions): Promise<ApplyOutcome> {
  const { host, signal, confirmation } = options;
  const passed = await passingProbes(host, probesIn(plan));
  const { uplink } = plan;
  const details = await options.readDetails(uplink);
  const existing = plan.existing ? { existing: true as const } : {};
  const before = { ...(await options.readNetwork()), passed, uplink, details, ...existing };
  const texts = await options.texts(plan.uplink);
  const folder = await createCheckpoint(host, plan, before, texts, options.kind ?? 'set-up');
  try {
    await options.guard(folder);
  } catch (error) {
    await endRun(host, folder, 'rolled-back');
    throw error;
  }
  const context: ApplyContext = { ...options, passed };
  const failed = await executeSteps(folder, stepsOf(plan, 'change'), context, signal);
  if (failed !== null) return { state: 'failed', folder, ...failed };
  if (confirmation !== null && changesNetwork(plan)) {
    const reason = await awaitConfirmation(host, folder, confirmation, signal);
    if (reason !== null) return { state: 'unconfirmed', folder, reason };
  }
  // Whoever has confirmed it cannot stop it any more.
  const unfinished = await executeSteps(folder, stepsOf(plan, 'kept'), context);
  if (unfinished !== null) return { state: 'failed', folder, ...unfinished };
  await recordNetworkAfter(folder, uplink, options);
  await endRun(host, folder, 'committed');
  return { state: 'applied', folder };
}

const probesIn = (plan: Plan): Probe[] =>
  plan.steps.flatMap((step) => (step.kind === 'expect-network' ? step.probes : []));

/** A change of the network is waited for at its end. */
const changesNetwork = (plan: Plan): boolean => plan.steps.some(({ kind }) => kind === 'expect-network');

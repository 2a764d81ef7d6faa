import { messageOf, refusal, type SetupError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { HostBefore, NetworkState } from '../model/journal.js';
import type { Probe } from '../model/probe.js';
import { lastsOverBoot, type UndoStep } from '../plan/invert.js';
import { invertRuns } from '../plan/invert-runs.js';
import { dropBallast } from './ballast.js';
import { disarmBootRecovery } from './boot-recovery.js';
import { type Checkpoint, listCheckpoints, mendJournal, writeJournal } from './checkpoint.js';
import { expectedAfter, remainingDifferences } from './compare.js';
import type { ApplyDoor } from './context.js';
import { endRun } from './decision.js';
import { refuseEditedFiles } from './edited.js';
import type { Comparison, WholeNetwork } from './equality.js';
import { effectsOnNetwork } from './network-after.js';
import { passingProbes } from './probes.js';
import { restoreLifetimes, restoreLink, restoreSettings } from './restore-link.js';
import { restoreNameServers } from './restore-name-servers.js';
import { isRefusal, withRetries } from './retry.js';
import { type Leftover, note, undoSteps } from './undo.js';

/** How a rollback goes about it. */
export interface RollbackOptions {
  /** Only this checkpoint; without it all that were not rolled back. */
  readonly folder?: string;
  /** Only the newest checkpoint that was not rolled back. */
  readonly last?: boolean;
  /** Take files back that somebody has edited since; their text is kept in the checkpoint. */
  readonly force?: boolean;
  /** Before the network comes up: only what lasts over a boot. */
  readonly atBoot?: boolean;
  /** Start what goes on with it if this process is lost. Throws when that fails. */
  readonly guard?: (folder: string) => Promise<void>;
}

/** What a rollback did. */
export interface RollbackResult {
  readonly leftovers: readonly Leftover[];
  readonly steps: number;
}

/** A rollback that is about to begin. */
interface Prepared {
  /** Oldest first. */
  readonly checkpoints: readonly Checkpoint[];
  /** Those of each checkpoint. */
  readonly undo: readonly (readonly UndoStep[])[];
  readonly touchesNetwork: boolean;
  readonly expected: readonly string[];
  readonly passed: readonly Probe[];
  /** The host that it has to become again. */
  readonly before: HostBefore;
  /** `null`: it is not known in full. */
  readonly comparison: Comparison | null;
}

/**
 * Roll the host back by the inverse of its journals, the newest first. Once it has begun, nothing that is thrown ends
 * it: what failed is a leftover.
 * @returns what is left to do by hand; `null` when there was nothing to roll back
 */
export async function rollBack(
  door: ApplyDoor,
  options: RollbackOptions = {},
): Promise<RollbackResult | null> {
  const { host } = door;
  const { folder, force = false, atBoot = false } = options;
  const prepared = await prepare(door, options).catch((error: unknown) => {
    throw isRefusal(error) || folder !== undefined ? error : notBegun(error);
  });
  if (prepared === null) return null;
  const { before, touchesNetwork } = prepared;
  const restoresNetwork = touchesNetwork && changedNetwork(prepared.checkpoints);
  const leftovers: Leftover[] = [];
  let steps = 0;
  let hasBegun = false;
  for (const [index, checkpoint] of [...prepared.checkpoints.entries()].toReversed()) {
    const undo = prepared.undo[index] ?? [];
    if (isSuperseded(checkpoint, undo)) continue;
    // Once it has begun it goes on to its end, also without anybody who would go on with it.
    await begin(host, checkpoint, options).catch((error: unknown) => {
      if (!hasBegun) throw error;
    });
    // What does not work now is said the second time.
    if (!hasBegun && restoresNetwork) await restoreSettings(host, before, 'first');
    hasBegun = true;
    const undone = await undoSteps(door, checkpoint, undo, { force, atBoot });
    leftovers.push(...undone.leftovers);
    steps += undone.steps;
    const end = undone.leftovers.length === 0 ? 'rolled-back' : 'incomplete';
    await note(host, checkpoint.folder, () => endRun(host, checkpoint.folder, end));
  }
  for (const [index, checkpoint] of prepared.checkpoints.entries()) {
    if (!isSuperseded(checkpoint, prepared.undo[index] ?? [])) continue;
    await note(host, checkpoint.folder, () => endRun(host, checkpoint.folder, 'rolled-back'));
  }
  if (restoresNetwork) {
    leftovers.push(
      ...(await restoreLink(host, before)),
      ...(await restoreLifetimes(host, before)),
      ...(await restoreSettings(host, before, 'last')),
    );
  }
  if (restoresNetwork || (atBoot && changedNetwork(prepared.checkpoints)))
    leftovers.push(...(await restoreNameServers(host, prepared.checkpoints)));
  leftovers.push(...(await disarmed(host)));
  // Said only after reading the host again: commands that exit 0 have left hosts without an address before.
  if (touchesNetwork) {
    const { expected, passed, comparison } = prepared;
    leftovers.push(...(await remainingDifferences(door, expected, passed, comparison)));
  }
  return { leftovers, steps };
}

/** What is rolled back, and what the host has to be like afterwards; `null`: nothing is to be rolled back. */
async function prepare(
  door: ApplyDoor,
  { folder, last = false, force = false, atBoot = false }: RollbackOptions,
): Promise<Prepared | null> {
  const { host } = door;
  const standing = (await withRetries(host, () => listCheckpoints(host))).filter(
    (checkpoint) =>
      checkpoint.phase !== 'rolled-back' && (folder === undefined || checkpoint.folder === folder),
  );
  const checkpoints = last ? standing.slice(-1) : standing;
  const [oldest] = checkpoints;
  if (oldest === undefined) return null;
  // A whole rollback begins only when all of it can be done: half of it could leave the host without an address.
  // After a step that failed there is no such choice.
  const undo = invertRuns(checkpoints);
  if (folder === undefined && !force) await withRetries(host, () => refuseEditedFiles(host, checkpoints));
  const touchesNetwork = !atBoot && undo.flat().some(({ step }) => !lastsOverBoot(step));
  const { before } = oldest;
  const { uplink, details } = before;
  const comparedWith = (now: WholeNetwork | null, runs: Comparison['runs']): Comparison | null =>
    uplink === undefined || details === undefined
      ? null
      : { before: { ...before, details }, now, runs, uplink };
  const common = { checkpoints, undo, touchesNetwork, before };
  if (folder !== undefined || !touchesNetwork) {
    const expected = expectedAfter(before, null);
    return { ...common, expected, passed: before.passed, comparison: comparedWith(null, []) };
  }
  // Weeks later not everything is there any more that was: only what is there now has to be there after.
  const passed = await withRetries(host, () => passingNow(host, checkpoints));
  const now: NetworkState = await withRetries(host, door.readNetwork);
  const detailsNow = await withRetries(host, () => door.readDetails(uplink ?? ''));
  const comparison = comparedWith({ ...now, details: detailsNow }, await effectsOnNetwork(checkpoints, door));
  return { ...common, expected: expectedAfter(before, now), passed, comparison };
}

/**
 * Whether any of these runs changed the host's own network. One for a bridge of somebody else's did not, and what has
 * changed there since is not to be taken back.
 */
function changedNetwork(checkpoints: readonly Checkpoint[]): boolean {
  const setUps = checkpoints.filter(({ kind }) => kind === 'set-up');
  return setUps.length === 0 || setUps.some(({ before }) => !before.existing);
}

function notBegun(error: unknown): SetupError {
  return refusal(
    'rollback-not-begun',
    'The rollback did not begin; nothing was changed.',
    [{ message: messageOf(error) }],
    'Run `bridge-setup rollback` again.',
  );
}

/** A repair that ends with the rollback of its set-up, and needs no step of its own; see `invertRuns`. */
const isSuperseded = ({ kind }: Checkpoint, undo: readonly UndoStep[]): boolean =>
  kind === 'repair' && undo.length === 0;

/** From here on the run is unfinished again, and somebody goes on with it if this process is lost. */
async function begin(host: Host, { folder, phase }: Checkpoint, { guard }: RollbackOptions): Promise<void> {
  await dropBallast(host, folder).catch(() => {});
  await note(host, folder, async () => {
    await mendJournal(host, folder);
    await writeJournal(host, folder, { state: 'rolling-back' });
  });
  try {
    await guard?.(folder);
  } catch (error) {
    if (phase === 'committed') await note(host, folder, () => endRun(host, folder, 'committed'));
    throw error;
  }
}

/** Nothing is to be rolled back at the next boot. */
async function disarmed(host: Host): Promise<Leftover[]> {
  try {
    await withRetries(host, () => disarmBootRecovery(host));
    return [];
  } catch (error) {
    return [
      {
        what: `The service for a rollback at the next boot stays: ${messageOf(error)}`,
        remedy: 'Run `bridge-setup recover`.',
      },
    ];
  }
}

function passingNow(host: Host, checkpoints: readonly Checkpoint[]): Promise<Probe[]> {
  const all = new Map<string, Probe>();
  for (const { before } of checkpoints) {
    for (const probe of before.passed) all.set(`${probe.how} ${probe.address}`, probe);
  }
  return passingProbes(host, [...all.values()]);
}

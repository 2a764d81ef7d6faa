import { messageOf } from '../errors.js';
import { pasteable } from '../host/command.js';
import type { Host } from '../host/host.js';
import { isLiveKind } from '../model/live.js';
import type { Step } from '../model/plan.js';
import type { Probe } from '../model/probe.js';
import { invert, lastsOverBoot } from '../plan/invert.js';
import { dropBallast } from './ballast.js';
import { disarmBootRecovery } from './boot-recovery.js';
import { type Checkpoint, listCheckpoints, mendJournal, writeJournal } from './checkpoint.js';
import { expectedAfter, remainingDifferences } from './compare.js';
import type { ApplyDoor } from './context.js';
import { endRun } from './decision.js';
import { keepEdited, refuseEditedFiles } from './edited.js';
import { FileChangedError } from './files.js';
import { passingProbes } from './probes.js';
import { carryOut } from './steps.js';

const ATTEMPTS = 3;
const RETRY_MS = 300;

/** What a rollback did not manage, and what to do by hand. */
export interface Leftover {
  readonly what: string;
  readonly remedy: string;
}

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

/**
 * Take the host back by the inverse of its journals, the newest first.
 * @returns what is left to do by hand; `null` when there was nothing to roll back
 */
export async function rollBack(
  door: ApplyDoor,
  options: RollbackOptions = {},
): Promise<RollbackResult | null> {
  const { host } = door;
  const { folder, last = false, force = false, atBoot = false } = options;
  const standing = (await listCheckpoints(host)).filter(
    (checkpoint) =>
      checkpoint.phase !== 'rolled-back' && (folder === undefined || checkpoint.folder === folder),
  );
  const checkpoints = last ? standing.slice(-1) : standing;
  const [oldest] = checkpoints;
  if (oldest === undefined) return null;
  // A whole rollback begins only when all of it can be done: half of it could leave the host without an address.
  // After a step that failed there is no such choice.
  if (folder === undefined && !force) await refuseEditedFiles(host, checkpoints);
  const touchesNetwork =
    !atBoot && checkpoints.some(({ entries }) => invert(entries).some(({ step }) => !lastsOverBoot(step)));
  // Weeks later not everything is there any more that was: only what is there now has to be there after.
  const whole = folder === undefined && touchesNetwork;
  const passed = whole ? await passingNow(host, checkpoints) : oldest.before.passed;
  const expected = expectedAfter(oldest.before, whole ? await door.readNetwork() : null);
  const leftovers: Leftover[] = [];
  let steps = 0;
  for (const checkpoint of checkpoints.toReversed()) {
    // Once it has begun it goes on to its end, also without anybody who would go on with it.
    await begin(host, checkpoint, options).catch((error: unknown) => {
      if (steps === 0) throw error;
    });
    const undone = await takeBack(door, checkpoint, { force, atBoot });
    leftovers.push(...undone.leftovers);
    steps += undone.steps;
    const end = undone.leftovers.length === 0 ? 'rolled-back' : 'incomplete';
    await note(host, checkpoint.folder, () => endRun(host, checkpoint.folder, end));
  }
  await disarmBootRecovery(host);
  // Said only after reading the host again: commands that exit 0 have left hosts without an address before.
  if (touchesNetwork) leftovers.push(...(await remainingDifferences(door, expected, passed)));
  return { leftovers, steps };
}

/** From here on the run is unfinished again, and somebody goes on with it if this process is lost. */
async function begin(host: Host, { folder, phase }: Checkpoint, { guard }: RollbackOptions): Promise<void> {
  await dropBallast(host, folder);
  await note(host, folder, async () => {
    await mendJournal(host, folder);
    await writeJournal(host, folder, { state: 'rolling-back' });
  });
  try {
    await guard?.(folder);
  } catch (error) {
    if (phase === 'committed') await endRun(host, folder, 'committed');
    throw error;
  }
}

async function takeBack(
  door: ApplyDoor,
  { folder, entries }: Checkpoint,
  { force, atBoot }: { readonly force: boolean; readonly atBoot: boolean },
): Promise<{ leftovers: Leftover[]; steps: number }> {
  const leftovers: Leftover[] = [];
  let steps = 0;
  for (const { n, step } of invert(entries)) {
    if (atBoot && !lastsOverBoot(step)) continue;
    if ('path' in step) await door.host.files.removeTemporaries(step.path);
    const failure = await undo(force ? await keepEdited(door.host, folder, step) : step, door);
    if (failure === null) {
      await note(door.host, folder, () => writeJournal(door.host, folder, { state: 'undone', n }));
      steps += 1;
      continue;
    }
    leftovers.push(failure);
    // After each stage the host is reachable; a stage left out in the middle could change that.
    if (isLiveKind(step.kind)) break;
  }
  return { leftovers, steps };
}

/**
 * Write to the journal, if that goes: a disk that is full, or dies, is no reason to stay half way. What is not noted
 * is undone twice, which is harmless.
 */
async function note(host: Host, folder: string, write: () => Promise<void>): Promise<void> {
  await write().catch(() => mendJournal(host, folder).catch(() => {}));
}

async function undo(step: Step, door: ApplyDoor): Promise<Leftover | null> {
  const started = performance.now();
  door.progress.step(step, 'started', 0);
  for (let attempt = 1; ; attempt++) {
    try {
      await carryOut(step, { ...door, passed: [] });
      door.progress.step(step, 'done', performance.now() - started);
      return null;
    } catch (error) {
      if (attempt < ATTEMPTS && mayPass(step, error)) {
        await door.host.clock.sleep(RETRY_MS);
        continue;
      }
      door.progress.step(step, 'failed', performance.now() - started);
      return { what: `${step.title}: ${messageOf(error)}`, remedy: remedyFor(step) };
    }
  }
}

/** Stages and files are idempotent, and what disturbed them may be over in a moment; an edit stays. */
function mayPass(step: Step, error: unknown): boolean {
  return (isLiveKind(step.kind) || 'path' in step) && !(error instanceof FileChangedError);
}

function remedyFor(step: Step): string {
  if (step.kind === 'run') return pasteable(step.argv);
  if (step.kind === 'write-file') {
    return step.attributesOf === undefined
      ? 'run `bridge-setup rollback` again'
      : `diff ${pasteable([step.attributesOf, step.path])}`;
  }
  if (step.kind === 'remove-file') return pasteable(['rm', step.path]);
  return 'run `bridge-setup rollback` again';
}

function passingNow(host: Host, checkpoints: readonly Checkpoint[]): Promise<Probe[]> {
  const all = new Map<string, Probe>();
  for (const { before } of checkpoints) {
    for (const probe of before.passed) all.set(`${probe.how} ${probe.address}`, probe);
  }
  return passingProbes(host, [...all.values()]);
}

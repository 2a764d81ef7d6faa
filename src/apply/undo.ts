import { messageOf } from '../errors.js';
import { CommandError, pasteable } from '../host/command.js';
import type { Host } from '../host/host.js';
import { isLiveKind, type StartDhcpClient } from '../model/live.js';
import type { Step } from '../model/plan.js';
import { lastsOverBoot, type UndoStep } from '../plan/invert.js';
import { type Checkpoint, mendJournal, writeJournal } from './checkpoint.js';
import type { ApplyDoor } from './context.js';
import { keepEdited } from './edited.js';
import { FileChangedError } from './files.js';
import { readLink } from './live/ip.js';
import { withRetries } from './retry.js';
import { carryOut } from './steps.js';

/** Pauses before the further rounds over the steps that failed. */
const ROUND_PAUSES_MS = [1000, 4000];

/** What a rollback did not manage, and what to do by hand. */
export interface Leftover {
  readonly what: string;
  readonly remedy: string;
  /** Another attempt may end otherwise, and the watchdog makes it; absent where a person has to decide, or to act. */
  readonly repeats?: true;
}

/** How the steps of a checkpoint are undone. */
export interface UndoOptions {
  /** Restore files that somebody has edited since; their text is kept in the checkpoint. */
  readonly force: boolean;
  /** Before the network comes up: only what lasts over a boot. */
  readonly atBoot: boolean;
}

/** What one round came to. */
interface Round {
  readonly remaining: readonly UndoStep[];
  readonly leftovers: readonly Leftover[];
}

/**
 * Undo one checkpoint by these steps. No exception ends it: a step that fails is a leftover, is tried
 * again after the others, and only the stages that rest on it are left out.
 */
export async function undoSteps(
  door: ApplyDoor,
  checkpoint: Checkpoint,
  undo: readonly UndoStep[],
  options: UndoOptions,
): Promise<{ leftovers: readonly Leftover[]; steps: number }> {
  const all = undo.filter(({ step }) => !options.atBoot || lastsOverBoot(step));
  let round: Round = { remaining: all, leftovers: [] };
  for (const pause of [0, ...ROUND_PAUSES_MS]) {
    if (pause > 0) await door.host.clock.sleep(pause);
    round = await undoRound(door, checkpoint.folder, round.remaining, options);
    if (!round.leftovers.some(({ repeats }) => repeats)) break;
  }
  if (round.leftovers.length > 0) await keepLeasing(door, checkpoint, round.remaining);
  return { leftovers: round.leftovers, steps: all.length - round.remaining.length };
}

async function undoRound(
  door: ApplyDoor,
  folder: string,
  steps: readonly UndoStep[],
  { force }: UndoOptions,
): Promise<Round> {
  const remaining: UndoStep[] = [];
  const leftovers: Leftover[] = [];
  let isCut = false;
  for (const [index, undo] of steps.entries()) {
    // Whatever carries the network now goes on carrying it.
    if (isCut && restsOnTheMove(undo.step)) {
      remaining.push(undo);
      continue;
    }
    const failure = await attempt(door, folder, undo.step, force);
    if (failure === null) {
      const { n } = undo;
      const isWhole = ![...steps.slice(index + 1), ...remaining].some((other) => other.n === n);
      if (isWhole)
        await note(door.host, folder, () => writeJournal(door.host, folder, { state: 'undone', n }));
      continue;
    }
    remaining.push(undo);
    leftovers.push(failure);
    isCut ||= movesTheNetwork(undo.step);
  }
  return { remaining, leftovers };
}

/** After each of these the host is reachable, also when none of the others follows. */
const MOVES: ReadonlySet<string> = new Set([
  'restore-addresses',
  'copy-addresses',
  'move-routes',
  'remove-port',
]);

const movesTheNetwork = ({ kind }: Step): boolean => MOVES.has(kind);

/** A stage that would take away what the host is reached by, or be of no use, where one before it is missing. */
const restsOnTheMove = ({ kind }: Step): boolean =>
  isLiveKind(kind) && !['mark-interfaces', 'source-check', 'stop-dhcp-client'].includes(kind);

/** The step as it is shown: among those of a run that failed, its line says which way it goes. */
const asUndo = (step: Step): Step =>
  step.title.startsWith('Undo: ')
    ? step
    : { ...step, title: `Undo: ${step.title.charAt(0).toLowerCase()}${step.title.slice(1)}` };

async function attempt(
  door: ApplyDoor,
  folder: string,
  step: Step,
  force: boolean,
): Promise<Leftover | null> {
  const shown = asUndo(step);
  const started = performance.now();
  door.progress.step(shown, 'started', 0);
  const undo = async () => {
    if ('path' in step) await door.host.files.removeTemporaries(step.path);
    if (step.kind === 'start-dhcp-client') await stopSuccessor(door, step);
    await carryOut(force ? await keepEdited(door.host, folder, step) : step, { ...door, passed: [] });
  };
  try {
    await withRetries(door.host, undo, (error) => mayPass(step, error)).catch((error: unknown) => {
      if (!isUndone(step, error)) throw error;
    });
    door.progress.step(shown, 'done', performance.now() - started);
    return null;
  } catch (error) {
    door.progress.step(shown, 'failed', performance.now() - started);
    const what = `${step.title}: ${messageOf(error)}`;
    return { what, remedy: remedyFor(step), ...(error instanceof FileChangedError ? {} : { repeats: true }) };
  }
}

/** Stages and files are idempotent, and what disturbed them may be over in a moment; an edit stays. */
const mayPass = (step: Step, error: unknown): boolean =>
  (isLiveKind(step.kind) || 'path' in step) && !(error instanceof FileChangedError);

/**
 * Whether ip(8) says that there is nothing to undo: the command may have been noted and not carried out, or undone in an
 * earlier attempt, after which the bridge was removed.
 */
function isUndone(step: Step, error: unknown): boolean {
  if (step.kind !== 'run' || step.argv[0] !== 'ip' || !(error instanceof CommandError)) return false;
  const { stderr } = error.result;
  if (/^Cannot find device /m.test(stderr)) return true;
  const said = step.argv.includes('del') ? NOT_THERE : step.argv.includes('add') ? THERE : null;
  return said?.test(stderr) ?? false;
}

/** The kernel's words, of older and newer ones. */
const NOT_THERE =
  /^(RTNETLINK answers: (No such process|No such device|Cannot assign requested address)|Error: (ipv[46]: address not found|FIB table does not exist)\.)$/im;
const THERE = /^(RTNETLINK answers: File exists|Error: ipv[46]: address already assigned\.)$/im;

/** An earlier attempt that was cut may have left the client running where the network was then. */
const stopSuccessor = (door: ApplyDoor, { client, link, argv, leaseOf, leaseArgv }: StartDhcpClient) =>
  carryOut(
    {
      id: 'stop-successor',
      title: `Stop ${client} on ${leaseOf}`,
      kind: 'stop-dhcp-client',
      client,
      link: leaseOf,
      argv: leaseArgv,
      heir: link,
      heirArgv: argv,
    },
    { ...door, passed: [] },
  );

/**
 * Where the network could not be moved, its DHCP client has been stopped: start it where the address is now, since a
 * lease that nobody renews ends, and the host's address with it. A later attempt stops it again.
 */
async function keepLeasing(
  door: ApplyDoor,
  { folder, entries }: Checkpoint,
  remaining: readonly UndoStep[],
): Promise<void> {
  for (const { step } of remaining) {
    if (step.kind !== 'start-dhcp-client') continue;
    const { link, argv, leaseOf, leaseArgv } = step;
    try {
      const isPort = (await withRetries(door.host, () => readLink(door.host, link)))?.master === leaseOf;
      if (!isPort) continue;
      const there = { ...step, link: leaseOf, argv: leaseArgv, leaseOf: link, leaseArgv: argv };
      const started = entries.find(
        (entry) => entry.step.kind === 'start-dhcp-client' && entry.step.link === leaseOf,
      );
      if (started !== undefined) {
        const { n } = started;
        await note(door.host, folder, () => writeJournal(door.host, folder, { state: 'done', n }));
      }
      await withRetries(door.host, () => carryOut(there, { ...door, passed: [] }));
    } catch (error) {
      door.progress.note(`${step.client} could not be started on ${leaseOf}: ${messageOf(error)}`);
    }
  }
}

/**
 * Write to the journal, if that works: a disk that is full, or dies, is no reason to stop half way. What is not
 * noted is undone twice, which is harmless.
 */
export async function note(host: Host, folder: string, write: () => Promise<void>): Promise<void> {
  const again = async () => {
    await mendJournal(host, folder);
    await write();
  };
  await write()
    .catch(again)
    .catch(() => mendJournal(host, folder))
    .catch(() => {});
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

import { createHash } from 'node:crypto';
import { messageOf, refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import {
  type FileBefore,
  type HostBefore,
  isEnd,
  type Journal,
  type JournalLine,
  type RunKind,
  readJournal,
} from '../model/journal.js';
import { STATE_FOLDER } from '../model/paths.js';
import type { Plan } from '../model/plan.js';
import { takeBallast } from './ballast.js';

const CHECKPOINTS = `${STATE_FOLDER}/checkpoints`;

/** What is kept of one run: the plan, the network as it was, the files as they were, and the journal. */
export interface Checkpoint extends Journal {
  readonly folder: string;
  readonly before: HostBefore;
}

/**
 * Open a checkpoint before the first effect. Refuses (`no-checkpoint`) when it cannot be written: no way back.
 * @param texts the network in words, by file name: nothing is judged by them, they are for people
 */
export async function createCheckpoint(
  host: Host,
  plan: Plan,
  before: HostBefore,
  texts: Readonly<Record<string, string>>,
  kind: RunKind,
): Promise<string> {
  // Sorts by age; colons are awkward in paths.
  const stamp = new Date(host.clock.now()).toISOString().replaceAll(':', '-');
  const folder = `${CHECKPOINTS}/${stamp}-${host.pid}`;
  try {
    await host.files.mkdir(folder, 0o700);
    await host.files.write(`${folder}/plan.json`, JSON.stringify(plan, null, 2), 0o600);
    await host.files.mkdir(`${folder}/before`, 0o700);
    for (const [name, text] of Object.entries(texts)) {
      await host.files.write(`${folder}/before/${name}`, text, 0o600);
    }
    await takeBallast(host, folder);
    if (kind !== 'set-up') await writeJournal(host, folder, { state: 'begun', kind });
    // Last: a checkpoint without it does not count, so it is complete or not there.
    await host.files.write(`${folder}/before.json`, JSON.stringify(before, null, 2), 0o600);
  } catch (error) {
    throw refusal(
      'no-checkpoint',
      'Refused; nothing was changed.',
      [
        {
          message: `The checkpoint, from which the host is taken back, cannot be written: ${messageOf(error)}`,
        },
      ],
      `Make room, or make ${STATE_FOLDER} writable, and run again.`,
    );
  }
  return folder;
}

/** Write one line of the journal, on disk when this returns. */
export function writeJournal(host: Host, folder: string, line: JournalLine): Promise<void> {
  return host.files.append(`${folder}/journal.jsonl`, `${JSON.stringify(line)}\n`);
}

/** The journal of a checkpoint, as it is now. */
export async function journalOf(host: Host, folder: string): Promise<Journal> {
  return readJournal((await host.files.read(`${folder}/journal.jsonl`)) ?? '');
}

/** A journal that a crash cut within its last line gets its end of line, else the next line would be lost with it. */
export async function mendJournal(host: Host, folder: string): Promise<void> {
  const path = `${folder}/journal.jsonl`;
  const text = await host.files.read(path);
  if (text !== null && !/(^|\n)$/.test(text)) await host.files.append(path, '\n');
}

/**
 * Keep a file beside the journal, with all that cp(1) can preserve: mode, owner, times, access lists, security label.
 * @returns `null` when there is no such file
 */
export async function keepFile(host: Host, folder: string, path: string): Promise<FileBefore | null> {
  const content = await host.files.read(path);
  if (content === null) return null;
  const original = await host.files.realpath(path);
  const copy = `${folder}/files${path}`;
  await host.files.mkdir(copy.slice(0, copy.lastIndexOf('/')), 0o700);
  await host.run(['cp', '--preserve=all', '--', original, copy]);
  if ((await host.files.read(copy)) !== content) throw new Error(`${path} changes while it is copied`);
  const mode = (await host.files.stat(original))?.mode ?? 0o644;
  return { path, content, mode, copy, sha256: createHash('sha256').update(content).digest('hex') };
}

/** Give a file owner, times, access lists and security label of the one that was kept. */
export async function restoreAttributes(host: Host, copy: string, path: string): Promise<void> {
  if (!(await host.files.exists(copy))) return;
  await host.run(['cp', '--attributes-only', '--preserve=all', '--', copy, path]);
}

/** All checkpoints, oldest first. */
export async function listCheckpoints(host: Host): Promise<Checkpoint[]> {
  const checkpoints: Checkpoint[] = [];
  for (const name of await host.files.list(CHECKPOINTS)) {
    const folder = `${CHECKPOINTS}/${name}`;
    const before = await host.files.read(`${folder}/before.json`);
    if (before === null) continue;
    const journal = await journalOf(host, folder);
    checkpoints.push({ folder, ...journal, before: JSON.parse(before) as HostBefore });
  }
  return checkpoints;
}

/**
 * The newest run that has not come to its end; `null` when there is none. One that was lost before its first effect
 * does not count.
 */
export async function unfinishedRun(host: Host): Promise<Checkpoint | null> {
  const unfinished = ({ phase, entries }: Checkpoint) =>
    !isEnd(phase) && !(phase === 'open' && entries.length === 0);
  return (await listCheckpoints(host)).findLast(unfinished) ?? null;
}

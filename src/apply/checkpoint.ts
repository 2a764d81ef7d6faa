import type { Host } from '../host/host.js';
import { type JournalEntry, type JournalLine, type NetworkState, readJournal } from '../model/journal.js';
import { STATE_FOLDER } from '../model/paths.js';
import type { Plan } from '../model/plan.js';

const CHECKPOINTS = `${STATE_FOLDER}/checkpoints`;

/** What is kept of one run: the plan, the network as it was, the files as they were, and the journal. */
export interface Checkpoint {
  readonly folder: string;
  readonly entries: readonly JournalEntry[];
  readonly end: 'committed' | 'rolled-back' | null;
  readonly before: NetworkState;
}

/** Open a checkpoint before the first effect. */
export async function createCheckpoint(host: Host, plan: Plan, before: NetworkState): Promise<string> {
  // Sorts by age; colons are awkward in paths.
  const stamp = new Date(host.clock.now()).toISOString().replaceAll(':', '-');
  const folder = `${CHECKPOINTS}/${stamp}-${host.pid}`;
  await host.files.mkdir(folder, 0o700);
  await host.files.write(`${folder}/plan.json`, JSON.stringify(plan, null, 2), 0o600);
  await host.files.write(`${folder}/before.json`, JSON.stringify(before, null, 2), 0o600);
  return folder;
}

/** Write one line of the journal, on disk when this returns. */
export function writeJournal(host: Host, folder: string, line: JournalLine): Promise<void> {
  return host.files.append(`${folder}/journal.jsonl`, `${JSON.stringify(line)}\n`);
}

/** A journal that a crash cut within its last line gets its end of line, else the next line would be lost with it. */
export async function mendJournal(host: Host, folder: string): Promise<void> {
  const path = `${folder}/journal.jsonl`;
  const text = await host.files.read(path);
  if (text !== null && !/(^|\n)$/.test(text)) await host.files.append(path, '\n');
}

/** Keep a readable copy of a file beside the journal, for people. */
export async function backUp(host: Host, folder: string, path: string, content: string): Promise<void> {
  const copy = `${folder}/files${path}`;
  await host.files.mkdir(copy.slice(0, copy.lastIndexOf('/')), 0o700);
  await host.files.write(copy, content, 0o600);
}

/** All checkpoints, oldest first. */
export async function listCheckpoints(host: Host): Promise<Checkpoint[]> {
  const checkpoints: Checkpoint[] = [];
  for (const name of await host.files.list(CHECKPOINTS)) {
    const folder = `${CHECKPOINTS}/${name}`;
    const before = await host.files.read(`${folder}/before.json`);
    if (before === null) continue;
    const journal = readJournal((await host.files.read(`${folder}/journal.jsonl`)) ?? '');
    checkpoints.push({ folder, ...journal, before: JSON.parse(before) as NetworkState });
  }
  return checkpoints;
}

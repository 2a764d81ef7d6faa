import type { Link, Route } from './facts.js';
import type { Step } from './plan.js';

/** A line of the journal. The intent is on disk before the effect happens; `done` follows it. */
export type JournalLine =
  | { readonly state: 'intent'; readonly n: number; readonly step: Step; readonly before: FileBefore | null }
  | { readonly state: 'done' | 'undone'; readonly n: number }
  | { readonly state: 'committed' | 'rolled-back' };

/** A file before a step changed it. `null` stands for a file that did not exist. */
export interface FileBefore {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

/** What the journal says about one step. */
export interface JournalEntry {
  readonly n: number;
  readonly step: Step;
  readonly before: FileBefore | null;
  readonly state: 'intent' | 'done' | 'undone';
}

/** The live network, to be compared before and after. */
export interface NetworkState {
  readonly links: readonly Link[];
  readonly routes: readonly Route[];
  readonly nameservers: readonly string[];
}

/** The entries of a journal, in order; lines that a crash cut short are passed over. */
export function readJournal(text: string): {
  entries: JournalEntry[];
  end: 'committed' | 'rolled-back' | null;
} {
  const entries = new Map<number, JournalEntry>();
  let end: 'committed' | 'rolled-back' | null = null;
  for (const raw of text.split('\n')) {
    const line = parseLine(raw);
    if (line === null) continue;
    if (!('n' in line)) end = line.state;
    else if (line.state === 'intent') entries.set(line.n, { ...line });
    else {
      const entry = entries.get(line.n);
      if (entry) entries.set(line.n, { ...entry, state: line.state });
    }
  }
  return { entries: [...entries.values()], end };
}

function parseLine(raw: string): JournalLine | null {
  try {
    return raw.trim() === '' ? null : (JSON.parse(raw) as JournalLine);
  } catch {
    return null;
  }
}

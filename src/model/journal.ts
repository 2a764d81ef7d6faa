import type { Link, Route } from './facts.js';
import type { NetworkDetails } from './network-details.js';
import type { Step } from './plan.js';
import type { Probe } from './probe.js';

/** A line of the journal. The intent is on disk before the effect happens; `done` follows it. */
export type JournalLine =
  | { readonly state: 'begun'; readonly kind: RunKind }
  | { readonly state: 'intent'; readonly n: number; readonly step: Step; readonly before: FileBefore | null }
  | { readonly state: 'done' | 'undone'; readonly n: number }
  | { readonly state: 'awaiting'; readonly seconds: number }
  | { readonly state: 'committed' | 'rolling-back' | 'rolled-back' | 'incomplete' };

/**
 * What a run is for. `set-up`: it changes what the host is to be. `repair` (`doctor --fix`): it brings a host back to
 * what its set-up made of it.
 */
export type RunKind = 'set-up' | 'repair';

/**
 * How far a run is. `open`: its steps run, or it was interrupted. `awaiting`: all is done, and somebody has to say
 * that it stays. `committed` and `rolled-back` are ends. `incomplete`: it was rolled back as far as that went, and
 * somebody was told what is left.
 */
export type Phase = 'open' | 'awaiting' | 'committed' | 'rolling-back' | 'rolled-back' | 'incomplete';

/** A journal that was read. */
export interface Journal {
  readonly kind: RunKind;
  readonly entries: readonly JournalEntry[];
  readonly phase: Phase;
  /** How long a confirmation is waited for; 0 when none is. */
  readonly confirmSeconds: number;
}

/** A file before a step changed it. `null` stands for a file that did not exist. */
export interface FileBefore {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
  /** A copy beside the journal, with owner, times, access lists and security label. */
  readonly copy: string;
  /** SHA-256 of the content, in hexadecimal: for people who compare it with the copy. */
  readonly sha256: string;
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

/** The host before a run: what its end, or its rollback, is judged by. */
export interface HostBefore extends NetworkState {
  /** Probes that passed; each of them has to pass again. */
  readonly passed: readonly Probe[];
  /** Absent in checkpoints of an earlier version, as `details` is. */
  readonly uplink?: string;
  readonly details?: NetworkDetails;
  /** The run changed nothing of the network: it uses a bridge of somebody else's. */
  readonly existing?: true;
}

/** What a journal says; lines that a crash cut short are passed over. */
export function readJournal(text: string): Journal {
  const entries = new Map<number, JournalEntry>();
  let phase: Phase = 'open';
  let kind: RunKind = 'set-up';
  let confirmSeconds = 0;
  for (const raw of text.split('\n')) {
    const line = parseLine(raw);
    if (line === null) continue;
    if (line.state === 'begun') kind = line.kind;
    else if (!('n' in line)) {
      phase = line.state;
      if (line.state === 'awaiting') confirmSeconds = line.seconds;
    } else if (line.state === 'intent') entries.set(line.n, { ...line });
    else {
      const entry = entries.get(line.n);
      if (entry) entries.set(line.n, { ...entry, state: line.state });
    }
  }
  return { kind, entries: [...entries.values()], phase, confirmSeconds };
}

/** Whether a run has come to its end, one way or the other. */
export const isEnd = (phase: Phase): boolean => phase === 'committed' || phase === 'rolled-back';

function parseLine(raw: string): JournalLine | null {
  try {
    return raw.trim() === '' ? null : (JSON.parse(raw) as JournalLine);
  } catch {
    return null;
  }
}

import type { Host } from '../host/host.js';
import { dropBallast } from './ballast.js';
import { disarmBootRecovery } from './boot-recovery.js';
import { writeJournal } from './checkpoint.js';

/** What becomes of a change that waits. */
export type Decision = 'commit' | 'roll-back';

const POLL_MS = 100;

const decisionFile = (folder: string) => `${folder}/decision`;

/** What was decided about a run; `null` when nothing was yet. */
export async function decisionOn(host: Host, folder: string): Promise<Decision | null> {
  const text = await host.files.read(decisionFile(folder));
  if (text === null) return null;
  return text.trim() === 'commit' ? 'commit' : 'roll-back';
}

/**
 * Decide about a run, unless somebody did before: the file can be created once, so a confirmation in the last second
 * and the deadline never both win.
 * @returns what was decided
 */
export async function decide(host: Host, folder: string, wanted: Decision): Promise<Decision> {
  if (await host.files.create(decisionFile(folder), `${wanted}\n`)) return wanted;
  return (await decisionOn(host, folder)) ?? 'roll-back';
}

/** How somebody may be asked to confirm. */
export interface Confirmation {
  readonly seconds: number;
  /** Ask the person who runs this, if there is one, whether the change stays. Aborted when it is decided otherwise. */
  readonly ask: (signal: AbortSignal) => Promise<boolean>;
}

/**
 * Wait for the word that the change stays: from the session that has begun it, or from a new one (`confirm`). The
 * change is taken back when it does not come in time.
 * @param signal the person has stopped the run
 * @returns why it is to be taken back, as a clause; `null`: it stays
 */
export async function awaitConfirmation(
  host: Host,
  folder: string,
  { seconds, ask }: Confirmation,
  signal: AbortSignal,
): Promise<string | null> {
  await writeJournal(host, folder, { state: 'awaiting', seconds });
  const asking = new AbortController();
  let answer: Decision | null = null;
  // A terminal that is gone confirms nothing; the deadline, or a new session, decides.
  void ask(asking.signal).then(
    (keep) => {
      answer = keep ? 'commit' : 'roll-back';
    },
    () => {},
  );
  const deadline = host.clock.elapsed() + seconds * 1000;
  const unless = async (wanted: Decision, reason: string) =>
    (await decide(host, folder, wanted)) === 'commit' ? null : reason;
  try {
    for (;;) {
      if ((await decisionOn(host, folder)) !== null)
        return await unless('roll-back', 'another session took it back');
      if (signal.aborted || answer === 'roll-back') return await unless('roll-back', 'you stopped it');
      if (answer === 'commit') return await unless('commit', 'another session took it back');
      if (host.clock.elapsed() >= deadline) {
        return await unless('roll-back', `nobody confirmed it within ${seconds} s`);
      }
      await host.clock.sleep(POLL_MS);
    }
  } finally {
    asking.abort();
  }
}

/** Write the end of a run. Nothing is to be taken back at the next boot any more, and its room is given back. */
export async function endRun(
  host: Host,
  folder: string,
  state: 'committed' | 'rolled-back' | 'incomplete',
): Promise<void> {
  await writeJournal(host, folder, { state });
  await disarmBootRecovery(host);
  await dropBallast(host, folder);
}

import type { Host } from '../host/host.js';
import { isEnd } from '../model/journal.js';
import { journalOf } from './checkpoint.js';
import type { RollbackResult } from './rollback.js';
import { isWatchdogOf } from './watchdog.js';

/** Pauses between the attempts, in seconds; together a quarter of an hour. */
const PAUSES = [2, 5, 10, 20, 40, 60, 120, 240, 400];
const POLL_MS = 500;

/**
 * Roll a run back that is lost, until it is complete: whatever disturbed an attempt, or was thrown in it, may be over
 * in a moment. Gives up when only what a person has to decide is left, when the time is up, or when somebody else has
 * started a rollback of the same run, which has a watchdog of its own.
 * @param rollBack one attempt; it has the lock
 * @returns whether the rollback is complete
 */
export async function finishRollback(
  host: Host,
  folder: string,
  rollBack: () => Promise<RollbackResult | null>,
): Promise<boolean> {
  for (const pause of [...PAUSES, 0]) {
    if (await hasEnded(host, folder)) return true;
    const result = await rollBack().catch(() => undefined);
    const leftovers = result?.leftovers ?? [];
    if (result === null || (result !== undefined && leftovers.length === 0)) return true;
    if (result !== undefined && !leftovers.some(({ repeats }) => repeats)) return false;
    const until = host.clock.elapsed() + pause * 1000;
    while (host.clock.elapsed() < until) {
      await host.clock.sleep(POLL_MS);
      if (await hasEnded(host, folder)) return true;
      if (!(await isWatchdogOf(host, folder).catch(() => true))) return false;
    }
  }
  return false;
}

/** Somebody else has brought it to its end. Not known where the journal cannot be read. */
const hasEnded = (host: Host, folder: string): Promise<boolean> =>
  journalOf(host, folder).then(
    ({ phase }) => isEnd(phase),
    () => false,
  );

import type { Host } from '../host/host.js';
import { isEnd } from '../model/journal.js';
import { journalOf } from './checkpoint.js';
import type { RollbackResult } from './rollback.js';
import { isWatchdogOf } from './watchdog.js';

/** Pauses between the attempts, in seconds; the last one again and again. */
const PAUSES = [2, 5, 10, 20, 40, 60, 120, 240];
const LONGEST_PAUSE = 400;
/** How often it is asked meanwhile whether somebody else has ended it: 20 times in a pause, at least each 5 s. */
const pollMs = (pause: number) => Math.min((pause * 1000) / 20, 5000);

/**
 * Roll a run back that is lost, until it is complete: whatever disturbed an attempt, or was thrown in it, may be over
 * in a moment, or in hours. Gives up only when what a person has to decide is all that is left, or when a person has
 * started a rollback of the same run, which has a watchdog of its own.
 * @param rollBack one attempt; it has the lock
 * @returns whether the rollback is complete
 */
export async function finishRollback(
  host: Host,
  folder: string,
  rollBack: () => Promise<RollbackResult | null>,
): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    const pause = PAUSES[attempt] ?? LONGEST_PAUSE;
    if (await hasEnded(host, folder)) return true;
    const result = await rollBack().catch(() => undefined);
    const leftovers = result?.leftovers ?? [];
    if (result === null || (result !== undefined && leftovers.length === 0)) return true;
    if (result !== undefined && !leftovers.some(({ repeats }) => repeats)) return false;
    const until = host.clock.elapsed() + pause * 1000;
    while (host.clock.elapsed() < until) {
      await host.clock.sleep(pollMs(pause));
      if (await hasEnded(host, folder)) return true;
      if (!(await isWatchdogOf(host, folder).catch(() => true))) return false;
    }
  }
}

/** Somebody else has brought it to its end. Not known where the journal cannot be read. */
const hasEnded = (host: Host, folder: string): Promise<boolean> =>
  journalOf(host, folder).then(
    ({ phase }) => isEnd(phase),
    () => false,
  );

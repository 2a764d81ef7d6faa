import { disarmBootRecovery } from '../apply/boot-recovery.js';
import { unfinishedRun } from '../apply/checkpoint.js';
import { withLock } from '../apply/lock.js';
import { rollBack } from '../apply/rollback.js';
import { isWatched } from '../apply/watchdog.js';
import { EXIT, type ExitCode } from '../errors.js';
import type { CliContext } from './context.js';
import { applyDoor } from './live-network.js';
import { leftoverProblems } from './rollback.js';

/** `bridge-setup recover`: what the boot does before the network comes up, after a run that a crash has cut. */
export async function recover({ host, output }: CliContext): Promise<ExitCode> {
  return withLock(host, async () => {
    const run = await unfinishedRun(host);
    if (run === null) {
      await disarmBootRecovery(host);
      return EXIT.ok;
    }
    // Somebody has started this by hand while the run goes on.
    if (await isWatched(host, run.folder)) return EXIT.ok;
    const result = await rollBack(applyDoor({ host, output }), { folder: run.folder, atBoot: true });
    for (const { message, remedy } of leftoverProblems(result?.leftovers ?? [])) {
      output.progress(`${message} ${remedy}`, { event: 'leftover', message, remedy });
    }
    return result === null || result.leftovers.length === 0 ? EXIT.ok : EXIT.rollbackIncomplete;
  });
}

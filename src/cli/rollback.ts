import { withLock } from '../apply/lock.js';
import { type Leftover, rollBack } from '../apply/rollback.js';
import { EXIT, type ExitCode, type Problem, refusal, SetupError } from '../errors.js';
import { stepProgress } from '../ui/steps.js';
import type { CliContext } from './context.js';
import { applyDoor } from './live-network.js';

/** `bridge-setup rollback`: the host as it was before bridge-setup first touched it. */
export async function rollback({ host, output }: CliContext): Promise<ExitCode> {
  if (!host.isRoot())
    throw refusal('not-root', 'Only root can take the host back.', [], 'Run `sudo bridge-setup rollback`.');
  return withLock(host, async () => {
    const result = await rollBack({ ...applyDoor(host), progress: stepProgress(output) });
    if (result === null) {
      output.print('Nothing to take back.');
      output.document({ state: 'unchanged' });
      return EXIT.ok;
    }
    if (result.leftovers.length > 0) {
      throw new SetupError('rollback-incomplete', 'The host was taken back, but not all of it.', {
        exitCode: EXIT.rollbackIncomplete,
        problems: leftoverProblems(result.leftovers),
      });
    }
    output.print(
      output.style.good('The host is as it was: files, addresses and default route were read again.'),
    );
    output.document({ state: 'rolled-back', steps: result.steps });
    return EXIT.ok;
  });
}

/** What a rollback left, as problems with a remedy to paste. */
export function leftoverProblems(leftovers: readonly Leftover[]): Problem[] {
  return leftovers.map(({ what, remedy }) => ({ message: what, remedy }));
}

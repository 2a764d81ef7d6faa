import { unfinishedRun } from '../apply/checkpoint.js';
import { decide } from '../apply/decision.js';
import { withLock } from '../apply/lock.js';
import { withRetries } from '../apply/retry.js';
import { rollBack } from '../apply/rollback.js';
import type { Leftover } from '../apply/undo.js';
import { deadlineSeconds, guardRun } from '../apply/watchdog.js';
import { EXIT, type ExitCode, type Problem, refusal, SetupError } from '../errors.js';
import { collectInit } from '../facts/system.js';
import type { Host } from '../host/host.js';
import type { CliContext } from './context.js';
import { applyDoor } from './live-network.js';
import { refuseOtherRuntime } from './other-runtime.js';
import { programInfo } from './program-info.js';

/** For a run, or its watchdog, that is rolling the host back just now. */
const PENDING_SECONDS = 90;

/** `bridge-setup rollback [--force] [--last]`: the host as it was before bridge-setup first, or last, touched it. */
export async function rollback(
  { host, output }: CliContext,
  { force = false, last = false }: { readonly force?: boolean; readonly last?: boolean },
): Promise<ExitCode> {
  if (!host.isRoot())
    throw refusal('not-root', 'Only root can take the host back.', [], 'Run `sudo bridge-setup rollback`.');
  const { pending, guard } = await withRetries(host, () => opening(host, last));
  const waits = pending?.phase === 'awaiting';
  const work = async () => {
    const result = await rollBack(applyDoor({ host, output }), {
      force,
      last,
      // It was the newest one, and is taken back already.
      ...(last && waits ? { folder: pending.folder } : {}),
      guard: (folder) => guardRun(host, folder, guard),
    });
    if (result === null) {
      output.advise(waits ? 'The pending change was taken back.' : 'Nothing to take back.');
      output.document({ state: waits ? 'rolled-back' : 'unchanged' });
      return EXIT.ok;
    }
    if (result.leftovers.length > 0) {
      throw new SetupError('rollback-incomplete', 'The host was rolled back, but not all of it.', {
        exitCode: EXIT.rollbackIncomplete,
        problems: leftoverProblems(result.leftovers),
        ...repetition(result.leftovers),
      });
    }
    const since = last ? 'before the newest change' : 'it was';
    output.advise(
      output.style.good(`The host is as ${since}: files, addresses and default route were read again.`),
    );
    output.document({ state: 'rolled-back', steps: result.steps });
    return EXIT.ok;
  };
  return withLock(host, work, pending === null ? 0 : PENDING_SECONDS);
}

/** What has to be known, or decided, before a rollback. */
async function opening(host: Host, last: boolean) {
  const pending = await unfinishedRun(host);
  // Whoever waits for a confirmation takes the change back now.
  if (pending?.phase === 'awaiting') await decide(host, pending.folder, 'roll-back');
  else await refuseOtherRuntime(host, last);
  const guard = {
    program: await programInfo(host),
    systemd: (await collectInit(host)) === 'systemd',
    deadlineSeconds: deadlineSeconds({ steps: [] }),
  };
  return { pending, guard };
}

/** What follows a rollback that is incomplete; see `finishRollback`. */
export function repetition(leftovers: readonly Leftover[]): { readonly hint?: string } {
  return leftovers.some(({ repeats }) => repeats)
    ? {
        hint: 'The watchdog repeats what failed until it is done; `bridge-setup rollback` repeats it now.',
      }
    : {};
}

/** What a rollback left, as problems with a remedy to paste. */
export function leftoverProblems(leftovers: readonly Leftover[]): Problem[] {
  return leftovers.map(({ what, remedy }) => ({ message: what, remedy }));
}

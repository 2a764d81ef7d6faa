import { listCheckpoints } from '../apply/checkpoint.js';
import { readDaemonState } from '../attach/state.js';
import { refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import { RUNTIME_UNIT } from '../model/paths.js';
import type { Step } from '../model/plan.js';
import { END_RUNTIME_CONTAINER } from '../model/runtime-container.js';
import { invertRuns } from '../plan/invert-runs.js';

/**
 * Refuse a rollback of the bridge while a runtime runs that it does not end: started by hand, by another init, or as a
 * container. It would put containers back on the bridge that is to go, and the host would be left half way.
 * @param last only the newest change is to be taken back
 */
export async function refuseOtherRuntime(host: Host, last: boolean): Promise<void> {
  const daemon = await readDaemonState(host);
  if (daemon === null) return;
  const standing = (await listCheckpoints(host)).filter(({ phase }) => phase !== 'rolled-back');
  const steps = invertRuns(last ? standing.slice(-1) : standing)
    .flat()
    .map(({ step }) => step);
  if (steps.some(endsRuntime) || !steps.some(({ kind }) => kind === 'remove-endpoints')) return;
  throw refusal(
    'runtime-goes-on',
    'An attach runtime runs that a rollback does not end; nothing was changed.',
    [
      {
        message: `It is process ${daemon.pid}, and would put containers back on the bridge that is to go.`,
        remedy:
          'End it where it was started: `bridge-setup daemon` by its init, a container by `docker stop`.',
      },
    ],
    'Then run `bridge-setup rollback` again.',
  );
}

/** The service, or the container, that the change has started. */
const ENDS = [['systemctl', 'stop', RUNTIME_UNIT], END_RUNTIME_CONTAINER].map((argv) => argv.join(' '));
const endsRuntime = (step: Step) => step.kind === 'run' && ENDS.includes(step.argv.join(' '));

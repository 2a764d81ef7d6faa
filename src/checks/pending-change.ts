import type { DoctorCheck } from './doctor-check.js';
import { error } from './found.js';

/** No change hangs in the air. */
export const pendingChange: DoctorCheck = {
  id: 'pending-change',
  title: 'No change waits for its end',
  group: 'host',
  needs: 'root',
  looksAt: 'The journals below /var/lib/bridge-setup: a run that has no end.',
  cause: 'It waits for a confirmation, is under way, was interrupted, or could not be taken back wholly.',
  run({ doctor: { topology } }) {
    switch (topology.pending) {
      case null:
        return [];
      case 'awaiting':
        return [
          error(
            'change-pending',
            'A change of the network waits for its confirmation, and is taken back without one.',
            '`bridge-setup confirm` keeps it, `bridge-setup rollback` takes it back.',
          ),
        ];
      case 'incomplete':
        return [
          error(
            'rollback-incomplete',
            'A change was taken back, but not all of it.',
            'Run `bridge-setup rollback` again: it says what is left.',
          ),
        ];
      default:
        return [
          error(
            'change-unfinished',
            'A change has not ended: it is under way, or was interrupted.',
            'Wait until it has ended; if nothing runs any more, `bridge-setup rollback` takes it back.',
          ),
        ];
    }
  },
};

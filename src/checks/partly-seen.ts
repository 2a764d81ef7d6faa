import type { DoctorCheck } from './doctor-check.js';

/** Nothing was left out. */
export const partlySeen: DoctorCheck = {
  id: 'partly-seen',
  title: 'All of it could be looked at',
  group: 'host',
  looksAt: 'Whether doctor runs as root.',
  cause: 'The firewall, the records of the runtime and the processes of others are for root only.',
  run: ({ doctor: { unread } }) =>
    unread.length === 0
      ? []
      : [
          {
            check: 'partly-seen',
            severity: 'unknown',
            message: `Not seen without root: ${unread.join(', ')}.`,
            remedy: 'Run `sudo bridge-setup doctor`.',
          },
        ],
};

import type { DoctorCheck } from './doctor-check.js';

/** A set-up of this host can be planned: what its files say is understood, and can be converted. */
export const planRefused: DoctorCheck = {
  id: 'plan',
  title: 'A set-up can be planned',
  group: 'host',
  needs: 'files',
  on: 'not-set-up',
  looksAt: 'Whether `bridge-setup --dry-run` with its defaults comes to a plan.',
  cause: 'The network is configured in a way that bridge-setup does not convert.',
  run: ({ doctor: { refusals } }) => refusals,
};

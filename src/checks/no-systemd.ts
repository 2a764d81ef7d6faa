import type { DoctorCheck } from './doctor-check.js';
import { note } from './found.js';

/** Something starts the runtime at boot. */
export const noSystemd: DoctorCheck = {
  id: 'init',
  title: 'systemd can start the runtime',
  group: 'host',
  on: 'not-set-up',
  looksAt: 'Whether the init of this host is systemd.',
  cause: 'The service that is installed is one of systemd.',
  run: ({ facts: { init } }) =>
    init === 'systemd'
      ? []
      : [
          note(
            'no-systemd',
            'The init of this host is not systemd, so no service is installed.',
            'Run the attach runtime as a container (`"runtime": { "install": "container" }` in the answers), or have your init start `bridge-setup daemon`.',
          ),
        ],
};

import type { DoctorCheck } from './doctor-check.js';
import { runtimeSteps } from './fix-steps.js';
import { warning } from './found.js';

/** What runs is what is installed, and that is this version. */
export const runtimeOutdated: DoctorCheck = {
  id: 'runtime-outdated',
  title: 'The runtime is of this version',
  group: 'runtime',
  needs: 'root',
  on: 'set-up',
  looksAt: 'The digest of the installed program against this one, and when the daemon was started.',
  cause: 'bridge-setup was upgraded, and the service not; or the program was replaced while the daemon ran.',
  run({ facts: { runtime }, doctor: { program, topology } }) {
    if (program.digest !== null && program.digest !== runtime.programDigest) {
      return [
        warning(
          'runtime-outdated',
          'The installed attach runtime is another build than this bridge-setup.',
          'Run bridge-setup again: it replaces the runtime, and nothing else.',
        ),
      ];
    }
    const { daemon } = topology;
    const isOlder =
      daemon !== null && program.installedAt !== null && Date.parse(daemon.since) < program.installedAt;
    return isOlder
      ? [
          warning(
            'runtime-older-than-program',
            'The attach runtime was started before its program was installed: it still runs the one of before.',
            'Run `systemctl restart bridge-setup`; the containers keep their addresses.',
          ),
        ]
      : [];
  },
  fix: {
    does: 'A service that runs the program of before is restarted.',
    steps: ({ check }) => (check === 'runtime-older-than-program' ? runtimeSteps(null) : []),
  },
};

import { RUNTIME_CONTAINER } from '../model/runtime-container.js';
import type { Check } from './check.js';

/** The runtime can be installed the way that the answers want it. */
export const initSystem: Check = {
  id: 'runtime-install',
  title: 'The runtime can be installed',
  group: 'host',
  on: 'not-set-up',
  looksAt:
    'Whether the init of this host can start the runtime as a service, and whose the container of its name is.',
  cause: 'The service that is installed is one of systemd, and of two containers only one can have the name.',
  run: ({ facts, answers }) => {
    const { install } = answers.runtime;
    const path = 'runtime.install';
    if (install === 'service' && facts.init !== 'systemd') {
      return [
        {
          check: 'no-systemd',
          severity: 'error',
          path,
          message: 'The init of this host is not systemd, so no service can be installed.',
          remedy:
            'Set runtime.install to "container", or to "none" and have your init start `bridge-setup daemon`.',
        },
      ];
    }
    if (install === 'container' && facts.runtime.container?.own === false) {
      return [
        {
          check: 'runtime-container-name',
          severity: 'error',
          path,
          message: `There is a container ${RUNTIME_CONTAINER} that is not the attach runtime.`,
          remedy: `Rename it: \`docker rename ${RUNTIME_CONTAINER} another-name\`.`,
        },
      ];
    }
    return [];
  },
};

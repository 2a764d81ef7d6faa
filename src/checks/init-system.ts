import type { Check } from './check.js';

/** The runtime can be installed the way that the answers want it. */
export const initSystem: Check = {
  id: 'runtime-install',
  title: 'The runtime can be installed',
  group: 'host',
  on: 'not-set-up',
  looksAt: 'Whether the init of this host can start the runtime as a service.',
  cause: 'The service that is installed is one of systemd.',
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
          remedy: 'Set runtime.install to "none", and have your init start `bridge-setup daemon`.',
        },
      ];
    }
    if (install === 'container') {
      return [
        {
          check: 'runtime-container-unsupported',
          severity: 'error',
          path,
          message: 'The runtime as a container is not available in this version.',
          remedy: 'Set runtime.install to "service" or "none".',
        },
      ];
    }
    return [];
  },
};

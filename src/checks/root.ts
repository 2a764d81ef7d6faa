import type { Check } from './check.js';

export const root: Check = {
  id: 'not-root',
  title: 'Runs as root',
  group: 'host',
  on: 'not-set-up',
  looksAt: 'Whether the tool runs as root.',
  cause: 'Only root may change the network of a host.',
  run: ({ facts }) =>
    facts.root
      ? []
      : [
          {
            check: 'not-root',
            severity: 'error',
            message: 'Network configuration can only be changed by root.',
            remedy: 'Run the same command with sudo, or as root.',
          },
        ],
};

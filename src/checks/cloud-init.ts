import { rewrittenByCloudInit } from '../model/cloud-init.js';
import type { Check } from './check.js';

/** The network files stay as they are written: cloud-init does not replace them at a boot. */
export const cloudInit: Check = {
  id: 'cloud-init-rewrites',
  title: 'Nothing writes the network files anew',
  group: 'host',
  needs: 'files',
  looksAt: 'Whether cloud-init wrote the network files, and may write them again.',
  cause:
    'cloud-init renders the network configuration of the instance anew when it takes a boot for the first one.',
  run: ({ facts, answers, uplink }) => {
    const file = rewrittenByCloudInit(facts, [uplink, answers.bridge.name]);
    if (file === null) return [];
    const check = 'cloud-init-rewrites';
    return answers.safety.cloudInit === 'disable'
      ? [{ check, severity: 'info', message: `cloud-init will no longer write ${file} at a boot.` }]
      : [
          {
            check,
            severity: 'error',
            path: 'safety.cloudInit',
            message: `cloud-init wrote ${file}, and may write it anew at a boot: without the bridge.`,
            remedy:
              'Set safety.cloudInit to "disable": cloud-init then leaves the network alone, and rollback takes that back.',
          },
        ];
  },
};

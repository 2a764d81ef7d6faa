import type { NetworkRoot } from '../model/facts.js';
import type { Check } from './check.js';

const NAMES: Readonly<Record<NetworkRoot['kind'], string>> = {
  nfs: 'NFS',
  cifs: 'SMB',
  iscsi: 'iSCSI',
  nbd: 'a network block device',
};

/** The root file system is on this machine: one that comes over the network is lost with it, and the tool as well. */
export const networkRoot: Check = {
  id: 'root-over-network',
  title: 'The root file system is on this machine',
  group: 'host',
  on: 'not-set-up',
  looksAt: 'Where the root file system is.',
  cause: 'The network stands still for a moment when it moves, and a root file system behind it would, too.',
  run: ({ facts }) => {
    const root = facts.machine.networkRoot ?? null;
    return root === null
      ? []
      : [
          {
            check: 'root-over-network',
            severity: 'error',
            message: `The root file system of this host comes over the network (${NAMES[root.kind]}, ${root.detail}). If the network stood still for a moment, so would the host, and nothing could take it back.`,
            remedy:
              'Have the bridge made where the network is first brought up, in the initramfs; bridge-setup cannot do that.',
          },
        ];
  },
};

import type { DoctorCheck } from './doctor-check.js';
import { otherDifferences } from './found.js';

/** What stands in the configuration files is what is there. */
export const filesDiffer: DoctorCheck = {
  id: 'files-differ',
  title: 'Files and network say the same',
  group: 'bridge',
  needs: 'files',
  looksAt:
    "What the network's configuration files would make of the bridge, against its links, addresses and routes.",
  cause: 'Somebody changed the files and not the network, or the network and not the files.',
  run: otherDifferences,
};

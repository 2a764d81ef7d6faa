import type { DiskSpace } from '../model/facts.js';
import { RUN_FOLDER, STATE_FOLDER } from '../model/paths.js';
import type { Check } from './check.js';

const MIB = 2 ** 20;

/** What is written below each folder, with room to spare. */
const NEEDED: Readonly<Record<string, { bytes: number; inodes: number; what: string }>> = {
  '/var/lib': { bytes: 16 * MIB, inodes: 256, what: 'backups and the journal of the way back' },
  [STATE_FOLDER]: { bytes: 16 * MIB, inodes: 256, what: 'backups and leases of containers' },
  '/run': { bytes: MIB, inodes: 64, what: 'what the attach runtime notes' },
  [RUN_FOLDER]: { bytes: MIB, inodes: 64, what: 'what the attach runtime notes' },
  '/etc': { bytes: MIB, inodes: 0, what: 'the configuration of the network' },
};

const READ_ONLY_REMEDY =
  'Mount it writable (`mount -o remount,rw`); `dmesg` tells whether an error made it read-only.';
const FULL_REMEDY = 'Make room: `df -h` and `df -i` show where, `apt-get clean` often does.';

/** What is missing there, as a sentence; `null` when nothing is. */
function problem({ path, freeBytes, freeInodes, readOnly }: DiskSpace): [string, string] | null {
  const needed = NEEDED[path];
  if (needed === undefined) return null;
  if (readOnly) return [`${path} is read-only, and ${needed.what} must be written there.`, READ_ONLY_REMEDY];
  if (freeBytes !== null && freeBytes < needed.bytes) {
    const free = Math.floor((freeBytes / MIB) * 10) / 10;
    return [`${path} has ${free} MiB left; ${needed.what} may take ${needed.bytes / MIB}.`, FULL_REMEDY];
  }
  if (freeInodes !== null && freeInodes < needed.inodes) {
    return [
      `${path} has room for ${freeInodes} more files (inodes); ${needed.what} may be ${needed.inodes}.`,
      FULL_REMEDY,
    ];
  }
  return null;
}

/** There is room for a checkpoint: without one there would be no way back. */
export const diskFull: Check = {
  id: 'disk-full',
  title: 'There is room for backups',
  group: 'host',
  looksAt:
    'The room that is left below /var/lib, /etc and /run, and in the folders of bridge-setup there, in bytes and in files.',
  cause:
    'The backup is written to the disk before anything is changed, configuration files are replaced as a whole, and a lease that cannot be recorded is not used.',
  run: ({ facts }) =>
    (facts.disk ?? []).flatMap((disk) => {
      const found = problem(disk);
      if (found === null) return [];
      const [message, remedy] = found;
      return [{ check: 'disk-full', severity: 'error', message, remedy }];
    }),
};

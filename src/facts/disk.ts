import type { Host } from '../host/host.js';
import type { DiskSpace } from '../model/facts.js';
import { RUN_FOLDER, STATE_FOLDER } from '../model/paths.js';

/** Where bridge-setup writes: backups and journal, configuration, and what the runtime notes. */
const FOLDERS = ['/var/lib', '/etc', '/run', STATE_FOLDER, RUN_FOLDER];

/** Room where bridge-setup writes. A folder that cannot be asked is left out: nothing is known of it. */
export async function collectDisk(host: Host): Promise<DiskSpace[]> {
  const disk: DiskSpace[] = [];
  for (const path of FOLDERS) {
    const space = await host.files.space(path).catch(() => null);
    if (space === null) continue;
    // A folder of its own is news where a file system of its own is mounted there.
    const above = disk.find((one) => path.startsWith(`${one.path}/`));
    const isSame = above?.freeBytes === space.freeBytes && above?.freeInodes === space.freeInodes;
    if (!isSame || above?.readOnly !== space.readOnly) disk.push({ path, ...space });
  }
  return disk;
}

import type { Host } from '../host/host.js';
import type { DiskSpace } from '../model/facts.js';

/** Where bridge-setup writes: backups and journal, and configuration. */
const FOLDERS = ['/var/lib', '/etc'];

/** Room where bridge-setup writes. A folder that cannot be asked is left out: nothing is known of it. */
export async function collectDisk(host: Host): Promise<DiskSpace[]> {
  const disk: DiskSpace[] = [];
  for (const path of FOLDERS) {
    const space = await host.files.space(path).catch(() => null);
    if (space !== null) disk.push({ path, ...space });
  }
  return disk;
}

import type { Host } from '../host/host.js';
import { parseMountinfo } from '../host/mountinfo.js';

/** A file system of the machine that the sandbox has to show. */
export interface MountedFilesystem {
  readonly path: string;
  readonly type: string;
}

/** File systems that hold files, in contrast to views of the kernel. */
const WITH_FILES = new Set(['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'zfs', 'overlay', 'bcachefs']);
/** The sandbox has its own of these. */
const OWN = /^\/(proc|sys|dev|run|tmp|mnt|var\/lib\/docker)(\/|$)/;

/** Mounted file systems below the root that hold files, from proc_pid_mountinfo(5), parents first. */
export function mountsWithFiles(text: string): MountedFilesystem[] {
  const wanted = parseMountinfo(text)
    .map(({ path, type }) => ({ path, type }))
    .filter(({ path, type }) => path !== '/' && WITH_FILES.has(type) && !OWN.test(path));
  // A path that was mounted over is listed twice; the last one is what is seen.
  return [...new Map(wanted.map((mount) => [mount.path, mount])).values()].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  );
}

/** Directories on which the machine has file systems mounted that the sandbox must show too. */
export async function submounts(host: Host): Promise<string[]> {
  const found: string[] = [];
  for (const { path } of mountsWithFiles((await host.files.read('/proc/self/mountinfo')) ?? '')) {
    // Containers have single files mounted, such as /etc/hosts.
    if ((await host.files.stat(path))?.type === 'directory') found.push(path);
  }
  return found;
}

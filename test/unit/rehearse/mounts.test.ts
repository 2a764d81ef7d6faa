import { describe, expect, it } from 'vitest';
import { mountsWithFiles, submounts } from '../../../src/rehearse/mounts.js';
import { FakeHost } from '../support/fake-host.js';

const MOUNTINFO = `24 29 0:22 / /proc rw,nosuid,nodev,noexec,relatime shared:13 - proc proc rw
25 29 0:23 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
29 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
30 29 0:26 / /run rw,nosuid,nodev shared:5 - tmpfs tmpfs rw,size=203468k,mode=755
58 29 8:17 / /srv/my\\040data rw,relatime shared:30 - xfs /dev/sdb1 rw,attr2
61 29 8:2 / /home rw,relatime shared:31 - ext4 /dev/sda2 rw
62 29 0:40 / /mnt/usb rw,relatime shared:32 - ext4 /dev/sdc1 rw
70 29 0:55 / /var/lib/docker/overlay2/ab/merged rw - overlay overlay rw
71 29 0:56 / /var/lib/dockerish rw - btrfs /dev/sdd rw
72 61 8:3 / /home rw,relatime - btrfs /dev/sda3 rw
73 29 8:1 /etc/hosts /etc/hosts rw - ext4 /dev/sda1 rw
`;

describe('mountsWithFiles', () => {
  it('finds what holds files, parents first; without what the sandbox has of its own', () => {
    expect(mountsWithFiles(MOUNTINFO)).toEqual([
      { path: '/etc/hosts', type: 'ext4' },
      { path: '/home', type: 'btrfs' },
      { path: '/srv/my data', type: 'xfs' },
      { path: '/var/lib/dockerish', type: 'btrfs' },
    ]);
  });

  it('passes over lines that are none', () => {
    expect(mountsWithFiles('')).toEqual([]);
    expect(mountsWithFiles('garbage\n1 2 3\n - ext4 x\n')).toEqual([]);
  });
});

describe('submounts', () => {
  it('leaves out single files that are mounted, as in containers', async () => {
    const host = new FakeHost();
    host.content.set('/proc/self/mountinfo', MOUNTINFO);
    const entry = { mode: 0, uid: 0, gid: 0, size: 0, inode: 1 };
    host.files.stat = async (path) => ({ ...entry, type: path === '/etc/hosts' ? 'file' : 'directory' });
    expect(await submounts(host)).toEqual(['/home', '/srv/my data', '/var/lib/dockerish']);
  });
});

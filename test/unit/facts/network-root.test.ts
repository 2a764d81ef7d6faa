import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectNetworkRoot } from '../../../src/facts/network-root.js';
import { RootedHost } from '../support/rooted-host.js';
import { temporaryFolder } from '../support/temporary.js';

const ISCSI = '/sys/devices/platform/host3/session1/target3:0:0/3:0:0:0/block/sda';
const SATA = '/sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda';
const VIRTUAL = '/sys/devices/virtual/block';

/** A host whose root is mounted like that; folders of /sys, and links in it from path to path. */
async function hostWith(mounted: string, folders: string[] = [], links: Record<string, string> = {}) {
  const root = await temporaryFolder();
  await mkdir(join(root, '/proc/self'), { recursive: true });
  await writeFile(join(root, '/proc/self/mountinfo'), `22 1 0:5 / /proc rw - proc proc rw\n${mounted}\n`);
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
  for (const [from, to] of Object.entries(links)) {
    await mkdir(join(root, dirname(from)), { recursive: true });
    await symlink(relative(dirname(from), to), join(root, from));
  }
  return new RootedHost(root);
}

const found = async (...given: Parameters<typeof hostWith>) => collectNetworkRoot(await hostWith(...given));
const ext4 = (device: string, source = '/dev/sda1') =>
  `29 1 ${device} / / rw,relatime shared:1 - ext4 ${source} rw`;

describe('collectNetworkRoot', () => {
  it.each([
    ['nfs', 'nfs', '192.168.1.5:/srv/root'],
    ['nfs4', 'nfs', '192.168.1.5:/srv/root'],
    ['cifs', 'cifs', '//files/root'],
  ])('knows %s', async (type, kind, source) => {
    expect(await found(`29 1 0:21 / / rw,relatime - ${type} ${source} rw,vers=4.2`)).toEqual({
      kind,
      detail: source,
    });
  });

  it('takes what is mounted at the root, not elsewhere, and the last of several', async () => {
    expect(await found('30 29 0:50 / /srv rw - nfs4 192.168.1.5:/srv rw')).toBeNull();
    const covered = `28 1 0:21 / / rw - nfs4 192.168.1.5:/srv/root rw\n${ext4('8:1')}`;
    expect(await found(covered)).toBeNull();
  });

  it('knows a disk of iSCSI, by its place in /sys', async () => {
    const links = { '/sys/dev/block/8:1': `${ISCSI}/sda1` };
    expect(await found(ext4('8:1'), [`${ISCSI}/sda1`], links)).toEqual({
      kind: 'iscsi',
      detail: '/dev/sda1',
    });
  });

  it('knows it below LVM on top of encryption', async () => {
    const folders = [`${VIRTUAL}/dm-1/slaves`, `${VIRTUAL}/dm-0/slaves`, `${ISCSI}/sda2`];
    const links = {
      '/sys/dev/block/254:1': `${VIRTUAL}/dm-1`,
      [`${VIRTUAL}/dm-1/slaves/dm-0`]: `${VIRTUAL}/dm-0`,
      [`${VIRTUAL}/dm-0/slaves/sda2`]: `${ISCSI}/sda2`,
    };
    expect(await found(ext4('254:1', '/dev/mapper/vg-root'), folders, links)).toEqual({
      kind: 'iscsi',
      detail: '/dev/sda2',
    });
  });

  it('knows it below a partition of an md device', async () => {
    const links = {
      '/sys/dev/block/259:0': `${VIRTUAL}/md0/md0p1`,
      [`${VIRTUAL}/md0/slaves/sda`]: ISCSI,
    };
    const folders = [`${VIRTUAL}/md0/md0p1/partition`, ISCSI];
    expect(await found(ext4('259:0'), folders, links)).toMatchObject({ kind: 'iscsi' });
  });

  it('knows a network block device', async () => {
    const links = { '/sys/dev/block/43:1': `${VIRTUAL}/nbd0/nbd0p1` };
    expect(await found(ext4('43:1'), [`${VIRTUAL}/nbd0/nbd0p1`], links)).toEqual({
      kind: 'nbd',
      detail: '/dev/nbd0p1',
    });
  });

  it('finds the disk of btrfs, whose numbers are its own, by name', async () => {
    const links = { '/sys/class/block/sda2': `${ISCSI}/sda2` };
    const mounted = '29 1 0:25 /@rootfs / rw - btrfs /dev/sda2 rw';
    expect(await found(mounted, [`${ISCSI}/sda2`, '/dev/sda2'], links)).toMatchObject({ kind: 'iscsi' });
    expect(await found(mounted)).toBeNull();
  });

  it.each<[string, ...Parameters<typeof hostWith>]>([
    ['a disk of this machine', ext4('8:1'), [`${SATA}/sda1`], { '/sys/dev/block/8:1': `${SATA}/sda1` }],
    ['a device that /sys does not know', ext4('8:1'), [], {}],
    ['the overlay of a container', '29 1 0:60 / / rw - overlay overlay rw', [], {}],
    ['no root at all', '', [], {}],
  ])('says nothing of %s', async (_what, ...given) => expect(await found(...given)).toBeNull());

  it('does not go round in circles', async () => {
    const links = {
      '/sys/dev/block/254:0': `${VIRTUAL}/dm-0`,
      [`${VIRTUAL}/dm-0/slaves/dm-0`]: `${VIRTUAL}/dm-0`,
    };
    expect(await found(ext4('254:0'), [`${VIRTUAL}/dm-0`], links)).toBeNull();
  });
});

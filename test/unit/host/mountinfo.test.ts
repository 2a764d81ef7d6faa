import { describe, expect, it } from 'vitest';
import { mountOf, parseMountinfo } from '../../../src/host/mountinfo.js';

const MOUNTS = parseMountinfo(`29 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
58 29 8:17 / /srv/my\\040data rw,relatime shared:30 master:2 - xfs /dev/sdb1 ro,attr2
61 29 8:2 / /var ro,relatime - ext4 /dev/sda2 rw
62 29 0:40 / /var/lib rw,relatime - nfs4 server:/with\\040blank rw
63 29 0:41 / /var/lib rw - tmpfs tmpfs rw`);

describe('parseMountinfo', () => {
  it('reads device, type and source, whatever optional fields there are', () => {
    expect(MOUNTS.slice(0, 2)).toEqual([
      { path: '/', device: '8:1', type: 'ext4', source: '/dev/sda1', readOnly: false },
      { path: '/srv/my data', device: '8:17', type: 'xfs', source: '/dev/sdb1', readOnly: true },
    ]);
    expect(MOUNTS[3]?.source).toBe('server:/with blank');
  });

  it('takes a mount for read-only when it is itself, or its file system', () => {
    expect(MOUNTS.map(({ readOnly }) => readOnly)).toEqual([false, true, true, false, false]);
  });

  it('passes over lines that are none', () => {
    expect(parseMountinfo('garbage\n1 2 3\n - ext4 x\n\n')).toEqual([]);
  });
});

describe('mountOf', () => {
  it.each([
    ['/', '/'],
    ['/etc', '/'],
    ['/var', '/var'],
    ['/variable', '/'],
    ['/var/cache', '/var'],
    ['/var/lib/x', '/var/lib'],
  ])('%s lies on %s', (path, mounted) => expect(mountOf(MOUNTS, path)?.path).toBe(mounted));

  it('sees what was mounted last', () => expect(mountOf(MOUNTS, '/var/lib')?.type).toBe('tmpfs'));

  it('knows none where nothing is mounted', () => expect(mountOf([], '/etc')).toBeNull());
});

import { expect, it } from 'vitest';
import { collectDisk } from '../../../src/facts/disk.js';
import { FakeHost } from '../support/fake-host.js';

it('asks for the room of backups and of configuration, and leaves out what is not known', async () => {
  const host = new FakeHost();
  const full = { freeBytes: 12, freeInodes: null, readOnly: true };
  host.space.set('/etc', full);
  const seen = [{ path: '/var/lib' }, { path: '/etc', ...full }, { path: '/run' }];
  expect(await collectDisk(host)).toMatchObject(seen);
  // A file system of its own.
  host.space.set('/run/bridge-setup', full);
  expect(await collectDisk(host)).toMatchObject([...seen, { path: '/run/bridge-setup', ...full }]);
  host.files.space = async (path) => (path === '/etc' ? Promise.reject(new Error('EIO')) : null);
  expect(await collectDisk(host)).toEqual([]);
});

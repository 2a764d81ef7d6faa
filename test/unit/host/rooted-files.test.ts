import { mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesSeenBy } from '../../../src/host/rooted-files.js';
import { temporaryFolder } from '../support/temporary.js';

/** A root with the links that Debian has, and one that leads to a file which this machine has as well. */
async function otherRoot() {
  const root = await temporaryFolder();
  for (const folder of ['etc', 'run/app', 'usr/sbin', 'var/lib', 'proc/self', `proc/${process.pid}`])
    await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, 'run/app/state'), 'there\n');
  await writeFile(join(root, 'usr/sbin/ip'), 'program\n', { mode: 0o755 });
  await symlink('/run', join(root, 'var/run'));
  await symlink('usr/sbin', join(root, 'sbin'));
  await symlink('../../../../run/app/state', join(root, 'etc/above'));
  await symlink('/etc/passwd', join(root, 'etc/resolv.conf'));
  await symlink('round', join(root, 'etc/round'));
  await writeFile(join(root, 'proc/self/stat'), 'who asks');
  await writeFile(join(root, `proc/${process.pid}/stat`), 'whose root it is');
  return { root, files: filesSeenBy(process.pid, root) };
}

describe('the files that another process sees', () => {
  it('are found through its links, absolute or relative', async () => {
    const { files } = await otherRoot();
    expect(await files.read('/var/run/app/state')).toBe('there\n');
    expect(await files.realpath('/var/run/app/../app/state')).toBe('/run/app/state');
    expect(await files.realpath('/sbin/ip')).toBe('/usr/sbin/ip');
    expect(await files.realpath('/etc/above')).toBe('/run/app/state');
    expect(await files.list('/var/run/')).toEqual(['app']);
    expect((await files.stat('/var/run'))?.type).toBe('symlink');
    expect(await files.readlink('/var/run')).toBe('/run');
  });

  it('are never those of this process, wherever a link leads', async () => {
    const { root, files } = await otherRoot();
    expect(await files.read('/etc/resolv.conf')).toBeNull();
    expect(await files.exists('/etc/resolv.conf')).toBe(false);
    await files.write('/etc/resolv.conf', 'written\n');
    expect(await readFile(join(root, 'etc/passwd'), 'utf8')).toBe('written\n');
    expect(await readlink(join(root, 'etc/resolv.conf'))).toBe('/etc/passwd');
    await files.remove('/etc/resolv.conf');
    expect(await files.list('/etc')).toEqual(['above', 'passwd', 'round']);
  });

  it('end where links go round', async () => {
    const { files } = await otherRoot();
    await expect(files.read('/etc/round')).rejects.toMatchObject({ code: 'ELOOP' });
    await expect(files.realpath('/etc/none')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it("have its own process for the kernel's self", async () => {
    const { files } = await otherRoot();
    expect(await files.read('/proc/self/stat')).toBe('whose root it is');
  });

  it('are made, moved and taken away there', async () => {
    const { root, files } = await otherRoot();
    await files.mkdir('/var/run/bridge-setup/leases', 0o700);
    expect(await files.create('/var/run/bridge-setup/new', 'x')).toBe(true);
    expect(await files.rename('/var/run/bridge-setup/new', '/run/bridge-setup/old')).toBe(true);
    expect(await readFile(join(root, 'run/bridge-setup/old'), 'utf8')).toBe('x');
    await files.removeTree('/var/run/bridge-setup');
    expect(await files.list('/run')).toEqual(['app']);
    expect(await files.space('/none')).toBeNull();
  });
});

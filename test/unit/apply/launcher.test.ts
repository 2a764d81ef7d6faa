import { describe, expect, it } from 'vitest';
import { placeLauncher, removeLauncher } from '../../../src/apply/launcher.js';
import { PROGRAM } from '../support/answers.js';
import { FakeHost } from '../support/fake-host.js';

const IN_CONTAINER = {
  ...PROGRAM,
  root: '/usr/local/lib/bridge-setup',
  node: '/usr/local/bin/node',
  container: {
    image: 'bridge-setup',
    pid: 700,
    loader: '/lib64/ld-linux-x86-64.so.2',
    libraries: ['/lib/libc.so.6'],
  },
};
const GUARD = '/usr/local/libexec/bridge-setup-guard';

describe('placeLauncher', () => {
  it('starts the program where it is, on a host that has Node.js', async () => {
    const host = new FakeHost();
    expect(await placeLauncher(host, PROGRAM)).toEqual([PROGRAM.node, `${PROGRAM.root}/bin/bridge-setup.js`]);
    expect(host.commands).toEqual([]);
  });

  it("takes a container's along, with its own loader and libraries", async () => {
    const host = new FakeHost();
    expect(await placeLauncher(host, IN_CONTAINER)).toEqual([
      `${GUARD}/ld-linux-x86-64.so.2`,
      '--library-path',
      `${GUARD}/lib`,
      `${GUARD}/node`,
      `${GUARD}/program/bin/bridge-setup.js`,
    ]);
    const copied = host.commands.filter(({ argv }) => argv[0] === 'cp').flatMap(({ argv }) => argv.slice(2));
    // By the root of a process that sees them: they are not among the host's files.
    expect(copied.filter((path) => path.startsWith('/proc/'))).toEqual([
      '/proc/700/root/lib64/ld-linux-x86-64.so.2',
      '/proc/700/root/usr/local/bin/node',
      '/proc/700/root/lib/libc.so.6',
      '/proc/700/root/usr/local/lib/bridge-setup',
    ]);
    // On the disk before the first change is.
    expect(host.commands.at(-1)?.argv[0]).toBe('sync');
  });
});

describe('removeLauncher', () => {
  it('leaves what is not its own', async () => {
    const host = new FakeHost();
    host.content.set(GUARD, '').set(`${GUARD}/node`, '').set('/usr/local/libexec/other', '');
    await removeLauncher(host);
    expect([...host.content.keys()]).toEqual(['/usr/local/libexec/other']);
  });
});

import { execFileSync } from 'node:child_process';
import { readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installProgram, removeProgram } from '../../../src/apply/program.js';
import type { InstallProgram } from '../../../src/model/plan.js';
import { RootedHost } from '../support/rooted-host.js';
import { temporaryFolder } from '../support/temporary.js';
import { readTree, writeTree } from '../support/tree.js';

const TO = '/usr/local/lib/bridge-setup';
const COMMAND = '/usr/local/bin/bridge-setup';
const file = (content: string) => ({ content, mode: 0o755 });
const manifest = (name: string, ...dependencies: string[]) =>
  file(
    JSON.stringify({
      name,
      type: 'module',
      main: 'index.js',
      files: ['bin'],
      dependencies: Object.fromEntries(dependencies.map((each) => [each, '*'])),
    }),
  );

/** A package whose program greets with the words of two dependencies, one of them of the other. */
function packageAt(root: string, modules: string) {
  return {
    [`${root}/package.json`]: manifest('bridge-setup', 'outer'),
    [`${root}/bin/it.js`]: file("import outer from 'outer'; console.log(outer);\n"),
    [`${root}/test/big.js`]: file('not for anyone\n'),
    [`${modules}/outer/package.json`]: manifest('outer', 'inner'),
    [`${modules}/outer/index.js`]: file("import inner from 'inner'; export default `outer ${inner}`;\n"),
    [`${modules}/outer/node_modules/inner/package.json`]: manifest('inner'),
    [`${modules}/outer/node_modules/inner/index.js`]: file("export default 'inner';\n"),
    [`${modules}/unrelated/package.json`]: manifest('unrelated'),
  };
}

async function install(root: string, modules: string, before: (root: string) => void = () => {}) {
  const host = new RootedHost(await temporaryFolder());
  await host.files.mkdir('/usr/local/bin');
  await host.files.mkdir('/usr/local/lib');
  before(host.root);
  writeTree(host.root, packageAt(root, modules));
  const step: InstallProgram = {
    kind: 'install-program',
    program: { root, version: '1.2.3', digest: 'abc', node: '/usr/bin/node' },
    to: TO,
    commands: { [COMMAND]: 'bin/it.js' },
    replaces: null,
  };
  await installProgram(step, host);
  return { host, step };
}

describe('installProgram', () => {
  it.each([
    ['a clone', '/home/pi/bridge-setup', '/home/pi/bridge-setup/node_modules'],
    ["npx's cache", '/root/.npm/_npx/3c1/node_modules/bridge-setup', '/root/.npm/_npx/3c1/node_modules'],
  ])(
    'copies the program out of %s with all that it needs, so that it runs from there',
    async (_, root, modules) => {
      const { host } = await install(root, modules);
      await host.files.removeTree(root);
      await host.files.removeTree(modules);
      const said = execFileSync(process.execPath, [join(host.root, COMMAND)], { encoding: 'utf8' });
      expect(said).toBe('outer inner\n');
      const copied = Object.keys(readTree(host.root + TO)).join('\n');
      expect(copied).not.toMatch(/unrelated|big\.js/);
      expect(JSON.parse((await host.files.read(`${TO}/installed.json`)) ?? '')).toMatchObject({
        version: '1.2.3',
        digest: 'abc',
        node: '/usr/bin/node',
      });
    },
  );

  it('replaces what was installed before, as a whole', async () => {
    const { host, step } = await install('/home/pi/bridge-setup', '/home/pi/bridge-setup/node_modules');
    writeTree(host.root, { [`${TO}/old.js`]: file('old') });
    await installProgram(step, host);
    expect(Object.keys(readTree(host.root + TO))).not.toContain('/old.js');
    expect(await host.files.exists(`${TO}.new`)).toBe(false);
  });
});

describe('removeProgram', () => {
  it('removes the program and its commands, and is content when they are gone', async () => {
    const { host, step } = await install('/home/pi/bridge-setup', '/home/pi/bridge-setup/node_modules');
    for (const _ of ['once', 'again']) {
      await removeProgram({ kind: 'remove-program', to: TO, commands: Object.keys(step.commands) }, host);
    }
    expect(await host.files.list('/usr/local/bin')).toEqual([]);
    expect(await host.files.exists(TO)).toBe(false);
  });

  it('gives back a command of the same name that was there before, also after an upgrade', async () => {
    const root = '/usr/local/lib/node_modules/bridge-setup';
    const { host, step } = await install(root, `${root}/node_modules`, (made) =>
      symlinkSync(`${root}/bin/it.js`, join(made, COMMAND)),
    );
    await installProgram({ ...step, replaces: 'abc' }, host);
    expect(readlinkSync(join(host.root, COMMAND))).toContain(`${TO}/`);
    for (const _ of ['once', 'again']) {
      await removeProgram({ kind: 'remove-program', to: TO, commands: [COMMAND] }, host);
    }
    expect(readlinkSync(join(host.root, COMMAND))).toBe(`${root}/bin/it.js`);
    expect(await host.files.list('/usr/local/lib')).toEqual(['node_modules']);
  });

  it('leaves commands that are somebody else’s', async () => {
    const { host } = await install('/home/pi/bridge-setup', '/home/pi/bridge-setup/node_modules');
    const theirs = '/usr/local/bin/pipework';
    symlinkSync('/opt/pipework', join(host.root, theirs));
    await removeProgram({ kind: 'remove-program', to: TO, commands: [COMMAND, theirs] }, host);
    expect(readlinkSync(join(host.root, theirs))).toBe('/opt/pipework');
  });
});

import { statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ApplyContext } from '../../../src/apply/context.js';
import { carryOut } from '../../../src/apply/steps.js';
import type { Step } from '../../../src/model/plan.js';
import { door } from '../support/applied.js';
import { RootedHost } from '../support/rooted-host.js';
import { temporaryFolder } from '../support/temporary.js';
import { readTree } from '../support/tree.js';

async function setting() {
  const host = new RootedHost(await temporaryFolder());
  const through = door(host);
  const context: ApplyContext = { ...through, passed: [] };
  return { host, context, log: through.log, files: () => readTree(host.root) };
}
const named = { id: 'step', title: 'step' };
const write = (before: string | null): Step => ({
  ...named,
  kind: 'write-file',
  path: '/etc/new/file',
  content: 'text\n',
  mode: 0o600,
  before,
});
const remove: Step = { ...named, kind: 'remove-file', path: '/etc/file', before: 'text\n' };

describe('write-file', () => {
  it('makes the folder, and gives the mode', async () => {
    const { context, files } = await setting();
    await carryOut(write(null), context);
    expect(files()).toEqual({ '/etc/new/file': { content: 'text\n', mode: 0o600 } });
  });

  it('does nothing where the file is as wanted, whatever it was before', async () => {
    const { context, files } = await setting();
    await carryOut(write(null), context);
    await carryOut(write('something else'), context);
    expect(Object.keys(files())).toEqual(['/etc/new/file']);
  });
});

describe('write-file of a file that is there', () => {
  it('gives it another text, and lets it keep its attributes, but not its time', async () => {
    const { host, context, files } = await setting();
    await host.files.mkdir('/etc/new');
    await host.files.write('/etc/new/file', 'old\n', 0o664);
    const path = join(host.root, '/etc/new/file');
    utimesSync(path, 1e9, 1e9);
    await carryOut(write('old\n'), context);
    expect(files()['/etc/new/file']).toEqual({ content: 'text\n', mode: 0o664 });
    expect(statSync(path).mtimeMs).toBeGreaterThan(1e12);
    // Access lists, attributes and labels are what cp(1) preserves beside the mode.
    const copies = host.commands.map(({ argv }) => argv.join(' '));
    const kept = '/var/lib/bridge-setup/attributes';
    expect(copies).toEqual([
      `cp --attributes-only --preserve=all -- /etc/new/file ${kept}`,
      `cp --attributes-only --preserve=all --no-preserve=timestamps -- ${kept} /etc/new/file`,
    ]);
    expect(await host.files.exists(kept)).toBe(false);
  });
});

describe('write-file with SELinux', () => {
  const commands = async (step: Step, hasSelinux: boolean) => {
    const { host, context } = await setting();
    if (hasSelinux) {
      await host.files.mkdir('/sys/fs/selinux');
      await host.files.write('/sys/fs/selinux/enforce', '1');
    }
    await carryOut(step, context);
    return host.commands.map(({ argv }) => argv.join(' '));
  };

  it('gives the file the label of the policy', async () => {
    expect(await commands(write(null), true)).toEqual(['restorecon /etc/new/file']);
    expect(await commands(write(null), false)).toEqual([]);
  });
});

describe('remove-file', () => {
  it('removes the file that the plan saw, and no other', async () => {
    const { host, context, files } = await setting();
    await host.files.mkdir('/etc');
    await host.files.write('/etc/file', 'theirs\n');
    await expect(carryOut(remove, context)).rejects.toThrow('/etc/file was changed by someone else');
    await host.files.write('/etc/file', 'text\n');
    await carryOut(remove, context);
    expect(files()).toEqual({});
  });

  it('leaves no empty folder of ours, and every other one', async () => {
    const { host, context } = await setting();
    for (const path of ['/etc/bridge-setup/runtime.json', '/etc/cloud/99.cfg']) {
      await host.files.mkdir(dirname(path));
      await host.files.write(path, 'text\n');
      await carryOut({ ...remove, path } as Step, context);
    }
    expect(await host.files.list('/etc')).toEqual(['cloud']);
  });

  it('is content when it is gone already', async () => {
    const { context } = await setting();
    await expect(carryOut(remove, context)).resolves.toBeUndefined();
  });
});

describe('run', () => {
  const step: Step = { ...named, kind: 'run', argv: ['ifup', 'br0'], undo: null, timeoutSeconds: 9 };

  it("runs in a process group of its own, for the step's time, and passes on each line", async () => {
    const { host, context } = await setting();
    const lines: string[] = [];
    host.script = (_argv, { ownProcessGroup, timeoutMs, onLine }) => {
      onLine?.('DHCPACK of 192.168.1.10');
      return { stdout: JSON.stringify({ ownProcessGroup, timeoutMs }) };
    };
    await carryOut(step, {
      ...context,
      progress: { ...context.progress, line: (line) => void lines.push(line) },
    });
    expect(lines).toEqual(['DHCPACK of 192.168.1.10']);
    host.script = (_argv, options) => {
      expect(options).toMatchObject({ ownProcessGroup: true, timeoutMs: 9000 });
      return undefined;
    };
    await carryOut(step, context);
  });
});

describe('install-packages', () => {
  const step: Step = { ...named, kind: 'install-packages', manager: 'apt', packages: ['iptables', 'udhcpc'] };
  const commands = (host: RootedHost) => host.commands.map(({ argv }) => `${argv[1]} ${argv.at(-1)}`);

  it('installs without asking, and without an update where none is needed', async () => {
    const { host, context } = await setting();
    await carryOut(step, context);
    expect(commands(host)).toEqual(['install udhcpc']);
    expect(host.commands[0]?.argv).toEqual(
      expect.arrayContaining(['--yes', '--no-install-recommends', 'iptables', 'udhcpc']),
    );
  });

  it('asks rpm after yum, which passes over a package that it does not find', async () => {
    const { host, context } = await setting();
    host.script = (argv) =>
      argv[0] === 'rpm' ? { exitCode: 1, stderr: 'no package provides bc' } : undefined;
    const byYum: Step = { ...step, manager: 'yum', packages: ['bridge-utils', 'bc'] };
    await expect(carryOut(byYum, context)).rejects.toThrow('no package provides bc');
    expect(host.commands.map(({ argv }) => argv.join(' '))).toEqual([
      'yum --assumeyes install bridge-utils bc',
      'rpm --query --whatprovides bridge-utils bc',
    ]);
  });

  it('updates the lists when the install fails, and tries once more', async () => {
    const { host, context } = await setting();
    let tries = 0;
    host.script = ([, verb]) => (verb === 'install' && ++tries === 1 ? { exitCode: 100 } : undefined);
    await carryOut(step, context);
    expect(commands(host)).toEqual(['install udhcpc', 'update update', 'install udhcpc']);
  });

  it('fails when that fails too', async () => {
    const { host, context } = await setting();
    host.script = () => ({ exitCode: 100, stderr: 'E: Unable to locate package udhcpc' });
    await expect(carryOut(step, context)).rejects.toThrow('no archive of this host has the package udhcpc');
  });
});

describe('what other parts of the program do', () => {
  it.each<[Step, string]>([
    [{ ...named, kind: 'accept-rule', bridge: 'br0' }, 'accept br0'],
    [{ ...named, kind: 'remove-accept-rule', bridge: 'br0' }, 'remove br0'],
    [{ ...named, kind: 'remove-endpoints', bridge: 'br0' }, 'endpoints br0'],
  ])('%j', async (step, word) => {
    const { context, log } = await setting();
    await carryOut(step, context);
    expect(log).toEqual([word]);
  });
});

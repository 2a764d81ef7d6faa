import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { localHost } from '../../src/host/local-host.js';
import { Sandbox } from '../../src/rehearse/sandbox.js';
import { eventually, PROJECT } from './support.js';

/** Folders of the machine in which a leak would show; what changes by itself is left out. */
const FOLDERS = ['/boot', '/etc', '/home', '/opt', '/root', '/srv', '/usr', '/var'];
const BY_ITSELF = [
  '/var/cache/bridge-setup',
  '/var/log',
  '/var/lib/systemd',
  '/var/lib/fwupd',
  '/root/.npm',
  '/root/.cache',
  PROJECT,
];

let mark: string;
let folder: string;
let started: ChildProcess | null = null;
beforeEach(() => {
  mark = `mark-${randomUUID()}`;
  folder = mkdtempSync(join(tmpdir(), 'isolation-'));
  // The first rehearsal of a machine makes it.
  mkdirSync('/var/cache/bridge-setup', { recursive: true });
  writeFileSync(join(folder, 'marker'), '');
});
afterEach(() => {
  started?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Files of the machine that were changed since the test began. */
function changedFiles(): string[] {
  const skip = BY_ITSELF.flatMap((path) => ['-path', path, '-prune', '-o']);
  const found = execFileSync('find', [
    ...FOLDERS.filter((path) => existsSync(path)),
    '-xdev',
    ...skip,
    '-cnewer',
    join(folder, 'marker'),
    '-print',
  ]);
  return found.toString().split('\n').filter(Boolean);
}

/** Processes, whoever started them on the way, that descend from the rehearsal: they inherited its environment. */
function descendants(): { pid: string; command: string; namespaces: string[] }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark)) return [];
        const namespaces = ['mnt', 'net', 'pid'].map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
        return [
          { pid, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '), namespaces },
        ];
      } catch {
        return [];
      }
    });
}

/** A process of the copy: none of its namespaces is the machine's. */
function inNamespaces() {
  const own = ['mnt', 'net', 'pid'].map((kind) => readlinkSync(`/proc/self/ns/${kind}`));
  return descendants().find(({ namespaces }) => namespaces.every((name) => !own.includes(name)));
}

/** What of the machine must be the same afterwards. */
const machine = () => ({
  links: execFileSync('ip', ['-o', 'link']).toString(),
  addresses: execFileSync('ip', ['-o', 'addr'])
    .toString()
    .replaceAll(/valid_lft.*/g, ''),
  routes: execFileSync('ip', ['route']).toString(),
  mounts: readFileSync('/proc/self/mountinfo', 'utf8'),
  hostname: execFileSync('uname', ['-n']).toString(),
  resolvConf: readFileSync('/etc/resolv.conf', 'utf8'),
  namedNamespaces: existsSync('/run/netns') ? readdirSync('/run/netns') : [],
});

const controlGroups = (pid: number) =>
  execFileSync('find', ['/sys/fs/cgroup', '-maxdepth', '2', '-name', `bridge-setup-${pid}-*`])
    .toString()
    .split('\n')
    .filter(Boolean);

const loopDevices = () =>
  execFileSync('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE']).toString();

/** As on a machine that has rehearsed nothing yet, in a mount namespace of its own. */
const WITH_EMPTY_CACHE = [
  'unshare',
  '--mount',
  'sh',
  '-ec',
  'mount -t tmpfs tmpfs /var/cache/bridge-setup; exec "$@"',
  'sh',
];

/** `bridge-setup rehearse` on this machine, marked; its words as they come. `before`: the command that runs it. */
function rehearse(before: readonly string[] = []): {
  process: ChildProcess;
  said: () => string;
  ended: Promise<number | null>;
} {
  const program = [process.execPath, join(PROJECT, 'bin/bridge-setup.js'), 'rehearse', '--no-color'];
  const [command = '', ...args] = [...before, ...program];
  const child = spawn(command, args, {
    env: { ...process.env, BRIDGE_SETUP_TEST_MARK: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started = child;
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (words += chunk));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { process: child, said: () => words, ended };
}

/** Nothing of the rehearsal is left, soon after it ended. */
async function expectNothingLeft(before: ReturnType<typeof machine>, pid: number): Promise<void> {
  await eventually(
    () => `its processes have ended: ${JSON.stringify(descendants())}`,
    async () => descendants().length === 0,
    10_000,
  );
  await eventually(
    () => `its control groups are gone: ${controlGroups(pid)}`,
    async () => controlGroups(pid).length === 0,
    10_000,
  );
  expect(machine()).toEqual(before);
  expect(changedFiles()).toEqual([]);
}

describe('rehearse changes nothing on this machine', () => {
  it('when it runs to its end', async () => {
    const before = machine();
    const run = rehearse();
    const seen = await eventually(
      'it works in namespaces of its own',
      async () => inNamespaces() ?? null,
      300_000,
    );
    expect(seen.pid).not.toBe('');
    expect(await run.ended, run.said()).toBe(0);
    expect(run.said()).toContain('The rehearsal went well');
    await expectNothingLeft(before, run.process.pid ?? 0);
  });

  it.each([
    ['while the copy is made', () => inNamespaces() !== undefined],
    ['while br0 is being set up', (said: string) => /Make the copy/.test(said), 4000],
    ['while containers are attached', (said: string) => /Set up br0/.test(said), 3000],
  ])('when it is killed with kill -9 %s', async (_when, reached, delayMs = 0) => {
    const before = machine();
    const run = rehearse();
    await eventually(
      () => `it got so far: ${run.said()}`,
      async () => reached(run.said()),
      120_000,
    );
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const alive = descendants().length;
    run.process.kill('SIGKILL');
    await run.ended;
    expect(alive).toBeGreaterThan(1);
    await expectNothingLeft(before, run.process.pid ?? 0);
    expect(loopDevices()).not.toContain('(deleted)');
  });

  it.each([
    [
      'packages are installed in it',
      true,
      () => descendants().some(({ command }) => /^apt-get /.test(command)),
    ],
    ['the copy is made', false, (said: string) => /is rehearsed on/.test(said)],
    ['br0 is being set up', false, (said: string) => /Make the copy/.test(said), 3000],
  ])(
    'when it is stopped with Ctrl-C while %s: within 2 s, with one sentence',
    async (_when, isFirst, reached, delayMs = 0) => {
      const before = machine();
      const run = rehearse(isFirst ? WITH_EMPTY_CACHE : []);
      await eventually(
        () => `it got so far: ${run.said()}`,
        async () => reached(run.said()),
        120_000,
      );
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      const stopped = Date.now();
      run.process.kill('SIGINT');
      expect(await run.ended, run.said()).toBe(3);
      expect(Date.now() - stopped).toBeLessThan(2000);
      const last = run
        .said()
        .split('\n')
        .filter((line) => !/(downloading|installing) \S+ \(in the copy\)$/.test(line));
      expect(last.slice(-2)).toEqual(['Error: Stopped; nothing was changed. [stopped]', '']);
      expect(run.said()).not.toMatch(/FAILED|exit null/);
      await expectNothingLeft(before, run.process.pid ?? 0);
      expect(loopDevices()).not.toContain('(deleted)');
      expect(
        readdirSync('/var/cache/bridge-setup').filter((name) => name.includes(`.${run.process.pid}.`)),
      ).toEqual([]);
    },
  );
});

describe('rehearse --clean', () => {
  it('removes what rehearsals have kept, and nothing that is mounted', () => {
    const folder = '/var/cache/bridge-setup';
    const prepare = `cd ${folder}; truncate -s 1M packages-a-b.img packages-${mark}.img; : >other
      head -c 1000000 /dev/urandom >guest-c.img; : >packages-d-e.img.999999999.partial
      mkfs.ext4 -q packages-${mark}.img; mkdir at; mount -o loop packages-${mark}.img at; cd /`;
    const clean = (...flags: string[]) =>
      execFileSync(
        'unshare',
        [
          ...[
            '--mount',
            'sh',
            '-ec',
            `mount -t tmpfs tmpfs ${folder}; ${prepare}; "$@"; ls ${folder}; umount ${folder}/at`,
            'sh',
          ],
          ...[process.execPath, join(PROJECT, 'bin/bridge-setup.js'), 'rehearse', '--clean', ...flags],
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      ).toString();
    expect(clean().split('\n')).toEqual([
      'Removed 3 package layers; 2 MB are free again.',
      `Kept, since a rehearsal uses it now: ${folder}/packages-${mark}.img`,
      ...['at', 'other', `packages-${mark}.img`, ''],
    ]);
  });
});

describe('what a hook does in the copy stays there', () => {
  let copy: Sandbox;
  beforeAll(async () => {
    copy = new Sandbox(localHost(), { layer: null });
    await copy.start();
  });
  afterAll(() => copy.stop());
  const sh = (script: string) => copy.run(['bash', '--norc', '-ec', script]);

  it('to device nodes, and to memory that is shared by name', async () => {
    const before = readdirSync('/dev');
    // By a name of its own first: were it the machine's /dev, the rest would break the machine.
    await sh(`touch /dev/${mark} /dev/shm/${mark}`);
    const leaked = [`/dev/${mark}`, `/dev/shm/${mark}`].filter((path) => existsSync(path));
    for (const path of leaked) rmSync(path);
    expect(leaked).toEqual([]);
    await sh('rm /dev/null; echo x >/dev/null; mknod /dev/own c 1 3; rm /dev/random');
    expect(readdirSync('/dev')).toEqual(before);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('to settings of the whole kernel: they can be written, and the machine keeps its own', async () => {
    const path = '/proc/sys/vm/stat_interval';
    const before = readFileSync(path, 'utf8');
    try {
      await sh('sysctl -w vm.stat_interval=77 || echo 77 >/proc/sys/vm/stat_interval');
      expect((await copy.read(path))?.trim()).toBe('77');
      expect(readFileSync(path, 'utf8')).toBe(before);
    } finally {
      if (readFileSync(path, 'utf8') !== before) writeFileSync(path, before);
    }
  });

  it('to modules and the clock: programs may neither load nor set them', async () => {
    const bounding = await copy.run(['setpriv', '--dump']);
    const set = /bounding set: (.*)/.exec(bounding.stdout)?.[1] ?? 'sys_module';
    expect(set.split(',').filter((name) => ['sys_module', 'sys_time', 'sys_rawio'].includes(name))).toEqual(
      [],
    );
  });

  it('to the kernel and its devices below /sys, where only its own links can be written', async () => {
    const writable = await sh(
      'find /sys -xdev -type f -perm -200 ! -path "/sys/*/net/*" | while read -r file; do [ ! -w "$file" ] || echo "$file"; done | head -3',
    );
    expect(writable.stdout).toBe('');
    await sh('ip link add br9 type bridge; echo 1 >/sys/class/net/br9/bridge/stp_state');
    expect((await copy.read('/sys/class/net/br9/bridge/stp_state'))?.trim()).toBe('1');
  });
});

describe('where a copy cannot be made', () => {
  it('is refused by name, with what is needed and what works instead', () => {
    // Root without the capability to make namespaces or mounts, as in a container that is not privileged.
    const run = () =>
      execFileSync(
        'setpriv',
        [
          '--bounding-set=-sys_admin',
          '--',
          process.execPath,
          join(PROJECT, 'bin/bridge-setup.js'),
          'rehearse',
          '--json',
        ],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      );
    let stdout = '';
    let status: number | null = null;
    try {
      run();
    } catch (error) {
      stdout = String((error as { stdout: Buffer }).stdout);
      status = (error as { status: number }).status;
    }
    const { error } = JSON.parse(stdout);
    expect([status, error.code]).toEqual([3, 'sandbox-not-allowed']);
    expect(error.problems[0].remedy).toContain('--privileged');
    expect(error.hint).toContain('--dry-run');
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RUNTIME_CONTAINER } from '../../src/model/runtime-container.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { restartPrivileged } from './runtime-container.js';
import { buildRuntimeImage, onCopy } from './runtime-image.js';
import {
  addressOf,
  answersFromLan,
  docker,
  document,
  eventually,
  expectAsBefore,
  HOST_ADDRESS,
  importImage,
  PROJECT,
  startHost,
} from './support.js';

const ANSWERS = { version: 1, bridge: { uplink: 'eth0' } };
const GUARD = '/usr/local/libexec/bridge-setup-guard';

let copy: RunningCopy;
let before: string | null;

const DOCS = readFileSync(join(PROJECT, 'docs/from-a-container.md'), 'utf8');
const [, OPTIONS = '', IMAGE = ''] =
  /^docker run (--rm --interactive .*) (\S+) --answers - </m.exec(DOCS) ?? [];

/** The documented line, with these arguments. */
const fromContainer = (args: readonly string[], input = '', ...flags: string[]) =>
  copy.sandbox.run(['docker', 'run', ...flags, ...OPTIONS.split(' '), IMAGE, ...args], {
    check: false,
    input,
    timeoutMs: 300_000,
  });
const setUp = (...flags: string[]) =>
  fromContainer(['--answers', '-', '--json'], JSON.stringify(ANSWERS), ...flags);
const onHost = (...argv: string[]) => copy.sandbox.run(argv, { check: false });
const runs = (name: string) => docker(copy, 'ps', '--filter', `name=^${name}$`, '--format', '{{.Names}}');

beforeAll(async () => {
  copy = await startHost(undefined, ['busybox-static']);
  await restartPrivileged(copy);
  await importImage(copy);
  await buildRuntimeImage(onCopy(copy));
  before = await copy.sandbox.read('/etc/network/interfaces');
  // As on a host whose C library is too old for it.
  await copy.sandbox.run(['sh', '-c', 'mv "$1" "$1.hidden"', 'sh', process.execPath]);
});
afterAll(() => copy?.stop());

describe('a host without Node.js is set up from a container', () => {
  it('which stays as the attach runtime', async () => {
    const { exitCode, stdout, stderr } = await setUp();
    expect(exitCode, `${stdout}${stderr}`).toBe(0);
    const { plan, verification } = document(stdout);
    expect(verification.ok).toBe(true);
    expect(plan.values).toContainEqual(
      expect.objectContaining({ path: 'runtime.install', value: 'container', origin: 'detected' }),
    );
    expect(await copy.lan.ping(HOST_ADDRESS)).toBe(3);
    expect(await runs(RUNTIME_CONTAINER)).toBe(RUNTIME_CONTAINER);
    // Nothing of what guarded the run is left.
    expect((await onHost('ls', '-d', GUARD, '/usr/local/libexec')).stdout).toBe('');
  });

  it('and puts containers on the LAN', async () => {
    const rule = 'pipework_cmd=br0 -i eth0 @CONTAINER_NAME@ dhcp';
    await docker(copy, 'run', '-d', '--name=web', '--net=none', '-e', rule, 'box', 'sleep', '3600');
    const address = await eventually('a lease', () => addressOf(copy, 'web'), 60_000);
    await answersFromLan(copy, address.split('/')[0] ?? '');
  });

  it('with commands on the host, by the names that everything is said about', async () => {
    const status = await onHost('bridge-setup', 'status', '--json');
    expect(status.exitCode, status.stderr).toBe(0);
    expect(document(status.stdout)).toMatchObject({ healthy: true, runtime: { running: true, ready: true } });
    const doctor = await onHost('bridge-setup', 'doctor', '--json');
    const errors = document(doctor.stdout).findings.filter(
      ({ severity }: { severity: string }) => severity === 'error',
    );
    expect(errors).toEqual([]);
    await docker(copy, 'run', '-d', '--name=by-hand', '--net=none', 'box', 'sleep', '3600');
    const attached = await onHost('pipework', 'br0', 'by-hand', '192.168.1.62/24');
    expect(attached.exitCode, attached.stderr).toBe(0);
    await answersFromLan(copy, '192.168.1.62');
    // A file by its name where one is.
    await copy.sandbox.write('/srv/host.json', JSON.stringify(ANSWERS));
    const there = await onHost('sh', '-c', 'cd /srv && bridge-setup --answers host.json --json');
    expect(document(there.stdout), there.stderr).toMatchObject({ state: 'unchanged' });
  });

  it('not from inside of the runtime itself', async () => {
    const inside = await onHost('docker', 'exec', RUNTIME_CONTAINER, 'bridge-setup', 'rollback');
    expect([inside.exitCode, inside.stderr]).toEqual([3, expect.stringContaining('in-runtime')]);
    expect(await runs(RUNTIME_CONTAINER)).toBe(RUNTIME_CONTAINER);
  });

  it('says what is wrong when the runtime was stopped, and starts it', async () => {
    await docker(copy, 'stop', RUNTIME_CONTAINER);
    const doctor = await onHost('bridge-setup', 'doctor', '--json');
    expect(document(doctor.stdout).findings).toContainEqual(
      expect.objectContaining({ check: 'runtime-container-not-running', severity: 'error' }),
    );
    // Its containers have their leases a while after it is ready, and that is no reason to end it again.
    await copy.lan.stopDhcpServer();
    const fix = onHost('bridge-setup', 'doctor', '--fix', '--yes', '--json');
    await eventually('the runtime', async () => (await runs(RUNTIME_CONTAINER)) === RUNTIME_CONTAINER);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await copy.lan.startDhcpServer();
    const fixed = await fix;
    expect(fixed.exitCode, `${fixed.stdout}${fixed.stderr}`).toBe(0);
    expect(await runs(RUNTIME_CONTAINER)).toBe(RUNTIME_CONTAINER);
  });

  it('and is taken back, byte for byte, with the commands', async () => {
    const { exitCode, stderr } = await onHost('bridge-setup', 'rollback');
    expect(exitCode, stderr).toBe(0);
    await expectAsBefore(copy, before);
    expect(await runs(RUNTIME_CONTAINER)).toBe('');
    expect((await onHost('ls', '/usr/local/bin/bridge-setup', '/usr/local/bin/pipework')).stdout).toBe('');
  });
});

describe('the wizard', () => {
  it('asks in a terminal, knows who works from elsewhere, and leaves no trace when it is left', async () => {
    const [line = ''] = /^docker run --rm -it .*$/m.exec(DOCS) ?? [];
    let screen = '';
    const { write, exited } = copy.sandbox.spawn(['script', '-qec', line, '/dev/null'], {
      onLine: (text) => (screen += `${text}\n`),
      env: { SSH_CONNECTION: '192.168.1.50 50000 192.168.1.10 22' },
    });
    const sees = (words: string) =>
      eventually(
        () => `"${words}" in:\n${screen}`,
        async () => screen.includes(words),
        60_000,
      );
    // Enter at each question up to the plan, which is left by Ctrl-C.
    await sees('What is known of this host');
    for (let presses = 0; !screen.includes('What next?'); presses += 1) {
      expect(presses, screen).toBeLessThan(10);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      if (!screen.includes('What next?')) write('\r');
    }
    write('\x03');
    expect((await exited).exitCode, screen).toBe(3);
    expect(screen).toContain('over SSH from 192.168.1.50');
    expect(screen).not.toContain('Rehearse');
    await expectAsBefore(copy, before);
  });
});

describe('a container that is lost in the middle', () => {
  it('leaves the host as it was: what guards it outlives the container', async () => {
    const run = setUp('--name=lost');
    await eventually('the bridge', async () => (await onHost('ip', 'link', 'show', 'br0')).exitCode === 0);
    const watchdogs = (await onHost('pgrep', '--full', `${GUARD}/.* watch `)).stdout.trim();
    expect(watchdogs).toMatch(/^\d+$/);
    await docker(copy, 'kill', 'lost');
    expect((await run).exitCode).toBe(137);
    await eventually(
      'the end of the watchdog',
      async () => (await onHost('kill', '-0', watchdogs)).exitCode !== 0,
    );
    await expectAsBefore(copy, before);
    expect(await runs(RUNTIME_CONTAINER)).toBe('');
    expect((await onHost('ls', '-d', GUARD)).stdout).toBe('');
  });
});

describe('what is refused, with nothing changed', () => {
  it.each([
    [{ ...ANSWERS, runtime: { install: 'service' } }, 'From a container', 'runtime.install'],
    [{ ...ANSWERS, runtime: { install: 'container', image: 'other' } }, 'runtime-image', 'runtime.image'],
    [{ ...ANSWERS, runtime: { install: 'container', image: 'box' } }, 'runtime-image', 'runtime.image'],
  ])('%j: %s', async (answers, word, path) => {
    const { exitCode, stdout, stderr } = await fromContainer(
      ['--answers', '-', '--json'],
      JSON.stringify(answers),
    );
    expect([exitCode, `${stdout}${stderr}`]).toEqual([3, expect.stringContaining(word)]);
    expect(`${stdout}${stderr}`).toContain(path);
    await expectAsBefore(copy, before);
  });

  it('a container of that name that is somebody else’s', async () => {
    await docker(copy, 'run', '-d', `--name=${RUNTIME_CONTAINER}`, 'box', 'sleep', '3600');
    const { exitCode, stdout, stderr } = await setUp();
    expect([exitCode, `${stdout}${stderr}`]).toEqual([3, expect.stringContaining('runtime-container-name')]);
    expect(await runs(RUNTIME_CONTAINER)).toBe(RUNTIME_CONTAINER);
    await docker(copy, 'rm', '-f', RUNTIME_CONTAINER);
  });
});

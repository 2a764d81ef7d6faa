import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installProgram, removeProgram, restoreProgram } from '../../src/apply/program.js';
import { localHost } from '../../src/host/local-host.js';
import { PROJECT } from './support.js';

let folder: string;
const elsewhere = () => join(folder, 'elsewhere');
const packed = () => join(elsewhere(), 'node_modules/bridge-setup');

/** The package as `npx` would have it: packed, and installed in a folder that is not a clone. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'package-'));
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    cwd: PROJECT,
    stdio: 'pipe',
  });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  execFileSync('mkdir', [elsewhere()]);
  writeFileSync(join(elsewhere(), 'package.json'), '{"private": true}');
  execFileSync('npm', ['install', '--prefer-offline', '--omit=dev', join(folder, tarball)], {
    cwd: elsewhere(),
    stdio: 'pipe',
  });
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `doctor` exits 6 where it finds something, and this machine may have no Docker; what counts is that it works. */
const doctor = (command: string, args: readonly string[], env: Record<string, string> = {}) =>
  JSON.parse(
    spawnSync(command, args, { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } }).stdout,
  );

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8' });
const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));

describe('the packed package', () => {
  it('holds what runs, and nothing of the work on it', () => {
    expect(readdirSync(packed()).sort()).toEqual([
      ...[
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'bin',
        'dist',
        'man',
        'package.json',
        'schema',
        'templates',
      ],
    ]);
  });

  it('runs elsewhere, under both names', () => {
    const bin = join(elsewhere(), 'node_modules/.bin');
    expect(run(join(bin, 'bridge-setup'), '--version').trim()).toBe(version);
    expect(JSON.parse(run(join(bin, 'bridge-setup'), 'answers', '--schema'))).toHaveProperty(
      'properties.bridge',
    );
    expect(run(join(bin, 'pipework'), '--help')).toContain('CONTAINER');
  });

  it('can look at this host', () => {
    const record = join(folder, 'record');
    const command = join(elsewhere(), 'node_modules/.bin/bridge-setup');
    expect(doctor(command, ['doctor', '--json'], { BRIDGE_SETUP_RECORD: record })).toHaveProperty('findings');
    expect(JSON.parse(readFileSync(join(folder, 'record/facts.json'), 'utf8'))).toMatchObject({ version: 1 });
  });
});

describe.each([
  ['a clone', () => PROJECT],
  ['a folder where npx put it', packed],
])('the program installed from %s', (_from, root) => {
  const to = () => join(folder, 'lib');
  const command = () => join(folder, 'command');
  const step = () => ({
    kind: 'install-program' as const,
    program: { root: root(), version, digest: 'd1', node: process.execPath },
    to: to(),
    commands: { [command()]: 'bin/bridge-setup.js' },
    replaces: null,
  });

  it('runs without the place that it came from', async () => {
    await installProgram(step(), localHost());
    expect(readlinkSync(command()).startsWith(to())).toBe(true);
    const inUnshare = ['--mount', 'sh', '-c', 'mount -t tmpfs none "$1" && shift && exec "$@"', 'sh', root()];
    const seen = doctor('unshare', [...inUnshare, process.execPath, command(), 'doctor', '--json']);
    expect(seen).toHaveProperty('findings');
    expect(readdirSync(join(to(), 'node_modules'))).not.toContain('vitest');
  });

  it('is replaced by another build, which can be taken back', async () => {
    const digest = () => JSON.parse(readFileSync(join(to(), 'installed.json'), 'utf8')).digest;
    await installProgram(
      { ...step(), program: { ...step().program, digest: 'd2' }, replaces: 'd1' },
      localHost(),
    );
    expect(digest()).toBe('d2');
    await restoreProgram({ kind: 'restore-program', to: to() }, localHost());
    expect(digest()).toBe('d1');
    expect(run(command(), '--version').trim()).toBe(version);
  });

  it('is removed by the inverse of the first step', async () => {
    await removeProgram({ kind: 'remove-program', to: to(), commands: [command()] }, localHost());
    expect(readdirSync(folder).filter((name) => name.startsWith('lib'))).toEqual([]);
    expect(readdirSync(folder)).not.toContain('command');
  });
});

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Host } from '../../src/host/host.js';
import type { RunningCopy } from '../../src/rehearse/copy.js';
import { PROJECT } from './support.js';

const ROOT = '/tmp/runtime-image';
/** What the base image has, as far as it is needed. */
const BASE = ['sh', 'env', 'cp', 'ln', 'mkdir', 'nsenter'];

/** What the last stage of the Dockerfile does, by the word that each line begins with. */
function lastStage(): (word: string) => string[] {
  const text = readFileSync(join(PROJECT, 'Dockerfile'), 'utf8').replaceAll('\\\n', '');
  const lines = text.slice(text.lastIndexOf('\nFROM ')).trim().split('\n');
  return (word) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
}

/** Where an image is made: a host with Docker, and the repository there. */
export interface Builder {
  readonly run: Host['run'];
  readonly project: string;
}

/** The copy of a host as one. */
export const onCopy = ({ sandbox }: RunningCopy): Builder => ({
  run: (argv, options) => sandbox.run(argv, options),
  project: PROJECT,
});

/**
 * The image of the Dockerfile without a registry: what its base image and its packages would bring comes from the host
 * that it is made on, and all else is done as its last stage says.
 */
export async function buildRuntimeImage({ run, project }: Builder): Promise<void> {
  const stage = lastStage();
  const program = stage('COPY')[0]?.split(' ').at(-1) ?? '';
  const [, ...dependencies] = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], {
    cwd: PROJECT,
    encoding: 'utf8',
  })
    .trim()
    .split('\n');
  const parts = [
    'package.json',
    'bin',
    'dist',
    'templates',
    ...dependencies.map((one) => relative(PROJECT, one)),
  ];
  const sh = (script: string, ...args: string[]) =>
    run(['sh', '-ec', script, 'sh', ROOT, ...args], { timeoutMs: 300_000 });

  await sh(TAKE, process.execPath, '/bin/busybox', ...BASE);
  await sh(
    'to=$1$2; mkdir -p "$to"; cd "$3"; shift 3; cp -r --parents "$@" "$to"',
    program,
    project,
    ...parts,
  );
  for (const line of stage('RUN').filter((one) => !one.startsWith('apt-get')))
    await sh('mkdir -p "$1/usr/local/bin"; chroot "$1" sh -ec "$2"', line);
  const changes = ['ENV', 'ENTRYPOINT', 'CMD'].flatMap((word) =>
    stage(word).flatMap((value) => ['--change', `${word} ${value}`]),
  );
  await sh('root=$1; shift; tar -C "$root" -c . | docker import "$@" - bridge-setup', ...changes);
}

/** Programs, by path or name, with the libraries that they are linked to. */
const TAKE = `root=$1; shift
for program in "$@"; do
  path=$(command -v "$program")
  mkdir -p "$root"
  cp --parents --dereference "$path" "$root"
  ldd "$path" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do cp --parents --dereference "$library" "$root"; done
done`;

/**
 * Make `docker run --privileged` possible where the tests themselves run without CAP_SYS_RESOURCE, as in many a
 * container: Docker would ask for it, and the kernel refuse. Nothing of bridge-setup needs it. Docker has to be started
 * anew afterwards.
 */
export async function allowPrivileged({ run }: Pick<Builder, 'run'>): Promise<void> {
  const runc = '/opt/runc-without-sys-resource';
  const daemon = { 'default-runtime': 'capped', runtimes: { capped: { path: runc } } };
  await run(['mkdir', '--parents', '/etc/docker']);
  await run(['tee', runc], { input: RUNC });
  await run(['chmod', '755', runc]);
  await run(['tee', '/etc/docker/daemon.json'], { input: JSON.stringify(daemon) });
}

// A copy has none of the others, either.
const RUNC = `#!/bin/sh
before=
for word; do
  case $before in
    --bundle) file=$word/config.json ;;
    --process) file=$word ;;
    *) file= ;;
  esac
  [ -z "$file" ] || sed -Ei 's/,"CAP_SYS_(RESOURCE|MODULE|TIME|RAWIO)"//g; s/"CAP_SYS_(RESOURCE|MODULE|TIME|RAWIO)",//g' "$file"
  before=$word
done
exec runc "$@"
`;

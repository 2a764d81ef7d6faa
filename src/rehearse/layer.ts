import { createHash } from 'node:crypto';
import { EXIT, messageOf, SetupError } from '../errors.js';
import { withFileLock } from '../host/file-lock.js';
import type { Host } from '../host/host.js';
import { IMAGE_FOLDER, markUsed, pruneImages } from './image-store.js';
import { Sandbox } from './sandbox.js';

/** Sparse: only what is written takes room. */
const IMAGE_SIZE = '6G';
const APT_TIMEOUT_MS = 15 * 60_000;
/** How long to wait for another process that makes the same image. */
const OTHER_SECONDS = 20 * 60;
/** Changes when a layer of an older version would no longer do. */
const FORMAT = 1;

/** Packages of a layer. */
export interface LayerContents {
  /** Installed in the layer. */
  readonly install: readonly string[];
  /** Only downloaded, so that the copy installs them itself, without a network. */
  readonly download: readonly string[];
}

/**
 * An image with packages for the sandbox, made once and kept: the machine itself gets none of them. It belongs to
 * this state of the machine's packages, since it overlays their database.
 * @returns path of the image, and whether it had to be made
 */
export async function packageLayer(
  host: Host,
  contents: LayerContents,
  onLine: (line: string) => void,
  signal?: AbortSignal,
): Promise<{ readonly image: string; readonly built: boolean }> {
  const status = (await host.files.read('/var/lib/dpkg/status')) ?? '';
  // The state of the packages comes first in the name: a layer of another state is of no use any more.
  const state = `packages-${digest([FORMAT, status])}-`;
  const name = `${state}${digest(contents)}`;
  await pruneImages(host, state);
  return cachedImage(
    host,
    name,
    IMAGE_SIZE,
    (image) => install(host, image, contents, onLine, signal),
    signal,
  );
}

const digest = (value: unknown) =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);

/**
 * An image file that is made once, also where several processes want it. Made under another name and renamed, so that
 * an interrupted run leaves no half of it behind under the final one.
 */
export async function cachedImage(
  host: Host,
  name: string,
  size: string,
  fill: (image: string) => Promise<void>,
  signal?: AbortSignal,
): Promise<{ readonly image: string; readonly built: boolean }> {
  const image = `${IMAGE_FOLDER}/${name}.img`;
  const made = { image, built: false };
  await markUsed(host, image);
  if (await host.files.exists(image)) return made;
  await host.files.mkdir(IMAGE_FOLDER);
  const busy = (pid: string) => new Error(`process ${pid} has not made ${image} within ${OTHER_SECONDS} s`);
  const make = async () => {
    if (await host.files.exists(image)) return made;
    await makeImage(host, image, size, fill);
    return { image, built: true };
  };
  return withFileLock(host, `${image}.lock`, make, { waitSeconds: OTHER_SECONDS, busy, signal });
}

async function makeImage(
  host: Host,
  image: string,
  size: string,
  fill: (image: string) => Promise<void>,
): Promise<void> {
  const partial = `${image}.${host.pid}.partial`;
  try {
    await host.run(['truncate', `--size=${size}`, partial]);
    await host.run(['mkfs.ext4', '-q', '-F', '-O', '^has_journal', partial]);
    await fill(partial);
    await host.run(['mv', partial, image]);
  } finally {
    await host.files.remove(partial);
  }
}

async function install(
  host: Host,
  image: string,
  contents: LayerContents,
  onLine: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const sandbox = new Sandbox(host, { layer: null, upper: image, signal });
  await sandbox.start();
  try {
    // No service may start: it would run among half installed files.
    await sandbox.write('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', 0o755);
    // Downloads go through the machine's network; what packages do while they install stays in the sandbox's.
    await aptGet(sandbox, ['update'], 'machine', onLine, false);
    await aptInstall(sandbox, ['--download-only'], contents.install, 'machine', onLine);
    await aptInstall(sandbox, ['--no-download'], contents.install, 'host', onLine);
    await aptInstall(sandbox, ['--download-only'], contents.download, 'machine', onLine);
    await sandbox.run(['rm', '/usr/sbin/policy-rc.d']);
    await sandbox.run(['sync']);
  } catch (error) {
    throw new SetupError(
      'packages-not-installed',
      'The packages that the copy needs could not be installed in it.',
      {
        exitCode: EXIT.checkFailed,
        problems: [
          {
            message: messageOf(error),
            remedy: 'The machine itself was not changed. Are the package archives reachable?',
          },
        ],
        cause: error,
      },
    );
  } finally {
    await sandbox.stop();
  }
}

async function aptInstall(
  sandbox: Sandbox,
  flags: readonly string[],
  packages: readonly string[],
  network: 'machine' | 'host',
  onLine: (line: string) => void,
): Promise<void> {
  if (packages.length === 0) return;
  await aptGet(
    sandbox,
    ['install', '--yes', '--no-install-recommends', ...flags, ...packages],
    network,
    onLine,
    true,
  );
}

async function aptGet(
  sandbox: Sandbox,
  args: readonly string[],
  network: 'machine' | 'host',
  onLine: (line: string) => void,
  check: boolean,
): Promise<void> {
  await sandbox.run(['apt-get', '--option=Dpkg::Use-Pty=0', ...args], {
    network,
    check,
    onLine,
    timeoutMs: APT_TIMEOUT_MS,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}

import { createHash } from 'node:crypto';
import { refusal } from '../errors.js';
import { localFiles } from '../host/files.js';
import type { Host, HostFiles } from '../host/host.js';
import type { ContainerProgram, Program } from '../model/plan.js';
import { runsInContainer } from '../model/runtime-container.js';
import { PACKAGE_ROOT } from '../package-root.js';

/** This program: its folder, version and digest, and what the host needs to start it where it runs as a container. */
export async function programInfo(host: Host): Promise<Program> {
  const { root, node } = ownProgram();
  const files = ownFiles(host);
  const manifest = JSON.parse((await files.read(`${root}/package.json`)) ?? '{}') as { version?: string };
  const hash = createHash('sha256');
  for (const folder of ['bin', 'dist', 'templates']) await addTree(files, hash, root, folder);
  return {
    root,
    version: manifest.version ?? 'unknown',
    digest: hash.digest('hex').slice(0, 16),
    node,
    ...(runsInContainer(host.env) ? { container: await containerProgram(host) } : {}),
  };
}

/** Refuse what does not work from a container. */
export function refuseInContainer(host: Host, what: string): void {
  if (!runsInContainer(host.env)) return;
  throw refusal(
    'in-container',
    `${what} has to be run on the host itself.`,
    [],
    'On the host: npx bridge-setup',
  );
}

/** How this program is called. */
export function ownProgram(): Pick<Program, 'root' | 'node'> {
  return { root: PACKAGE_ROOT, node: process.execPath };
}

/** The files that this program is among: not the host's, where it runs as a container. */
export function ownFiles(host: Host): HostFiles {
  return runsInContainer(host.env) ? localFiles : host.files;
}

/** The libraries that this very process has loaded, as Node.js tells them in its diagnostic report. */
async function containerProgram(host: Host): Promise<ContainerProgram> {
  // Names of peers would be asked for otherwise.
  Object.assign(process.report, { excludeNetwork: true });
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: readonly string[] };
  const paths = sharedObjects.filter((path) => path.startsWith('/'));
  const isLoader = (path: string) => /\/ld-[^/]*$/.test(path);
  return {
    pid: host.pid,
    image: await ownImage(host),
    loader: paths.find(isLoader) ?? '',
    libraries: paths.filter((path) => !isLoader(path)),
  };
}

/** The image of the container that this process is the first one of; `null`: it was started in there later on. */
async function ownImage(host: Host): Promise<string | null> {
  const containers = await Promise.all(
    (await host.docker.listContainers()).map((id) => host.docker.inspect(id)),
  );
  return containers.find((one) => one?.pid === host.pid)?.image ?? null;
}

async function addTree(
  files: HostFiles,
  hash: ReturnType<typeof createHash>,
  root: string,
  path: string,
): Promise<void> {
  for (const name of await files.list(`${root}/${path}`)) {
    const entry = `${path}/${name}`;
    if ((await files.stat(`${root}/${entry}`))?.type === 'directory') await addTree(files, hash, root, entry);
    else hash.update(`${entry}\0${await files.read(`${root}/${entry}`)}\0`);
  }
}

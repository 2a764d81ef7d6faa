import { createHash } from 'node:crypto';
import { refusal } from '../errors.js';
import { runsInContainer } from '../host/container-host.js';
import type { Host } from '../host/host.js';
import type { Program } from '../model/plan.js';
import { PACKAGE_ROOT } from '../package-root.js';

/** This program: its folder, version and digest. Refuses in a container: the host could not run it from there. */
export async function programInfo(host: Host): Promise<Program> {
  if (runsInContainer(host.env)) {
    throw refusal(
      'in-container',
      'This changes the host and has to be run on the host itself: what guards the change must outlive a container.',
      [],
      'On the host: npx bridge-setup',
    );
  }
  const { root, node } = ownProgram();
  const manifest = JSON.parse((await host.files.read(`${root}/package.json`)) ?? '{}') as {
    version?: string;
  };
  const hash = createHash('sha256');
  for (const folder of ['bin', 'dist', 'templates']) await addTree(host, hash, root, folder);
  return {
    root,
    version: manifest.version ?? 'unknown',
    digest: hash.digest('hex').slice(0, 16),
    node,
  };
}

/** How this program is called. */
export function ownProgram(): Pick<Program, 'root' | 'node'> {
  return { root: PACKAGE_ROOT, node: process.execPath };
}

async function addTree(
  host: Host,
  hash: ReturnType<typeof createHash>,
  root: string,
  path: string,
): Promise<void> {
  for (const name of await host.files.list(`${root}/${path}`)) {
    const entry = `${path}/${name}`;
    if ((await host.files.stat(`${root}/${entry}`))?.type === 'directory')
      await addTree(host, hash, root, entry);
    else hash.update(`${entry}\0${await host.files.read(`${root}/${entry}`)}\0`);
  }
}

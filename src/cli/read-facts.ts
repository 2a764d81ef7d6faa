import { usageError } from '../errors.js';
import { collectFacts } from '../facts/collect.js';
import { unwatched } from '../host/effects.js';
import type { Host } from '../host/host.js';
import type { ConfigFile, HostFacts } from '../model/facts.js';
import type { NetworkState } from '../model/journal.js';
import { readNamed } from './answers-file.js';

/** Facts of this host; recorded too when BRIDGE_SETUP_RECORD names a folder. */
export async function readFacts(host: Host): Promise<HostFacts> {
  const facts = await collectFacts(host);
  const folder = host.env.BRIDGE_SETUP_RECORD;
  // The user's own folder: nothing of the host changes by it.
  if (folder) await recordFacts(unwatched(host), facts, folder);
  return facts;
}

/** Write facts as a bug report or test scenario: facts.json, and the files at their paths below rootfs/. */
async function recordFacts(host: Host, facts: HostFacts, folder: string): Promise<void> {
  const { files, ...rest } = facts;
  await host.files.mkdir(folder, 0o700);
  await host.files.write(`${folder}/facts.json`, `${JSON.stringify({ ...rest, files: {} }, null, 2)}\n`);
  for (const [path, { content, mode }] of Object.entries(files)) {
    const copy = `${folder}/rootfs${path}`;
    await host.files.mkdir(copy.slice(0, copy.lastIndexOf('/')));
    await host.files.write(copy, content, mode);
  }
}

/** Facts of a host that is elsewhere; its files are read below `root`. */
export async function readRecordedFacts(
  host: Host,
  path: string,
  root: string | undefined,
): Promise<HostFacts> {
  const text = await readNamed(host, path);
  if (text === null) throw usageError('facts-not-found', `There is no file ${path}.`);
  const facts = parseFacts(text, path);
  if (root !== undefined) await refuseMissingRoot(host, root);
  const files = root === undefined ? {} : await readTree(host, root, '');
  return { ...facts, files: { ...facts.files, ...files } };
}

/** A folder that is not there would be taken for a host without files. */
async function refuseMissingRoot(host: Host, root: string): Promise<void> {
  const real = await host.files.realpath(root).catch(() => null);
  const entry = real === null ? null : await host.files.stat(real);
  if (entry?.type === 'directory') return;
  throw usageError(
    'root-not-found',
    entry === null ? `There is no folder ${root}.` : `${root} is not a folder.`,
    [],
    'Give the folder below which the files of that host are, such as --root DIR where DIR/etc/network/interfaces is one of them.',
  );
}

function parseFacts(text: string, path: string): HostFacts {
  let value: Partial<HostFacts> | null = null;
  try {
    value = JSON.parse(text) as Partial<HostFacts> | null;
  } catch {
    // Said below, with all other ways not to be facts.
  }
  if (value?.version !== 1 || !Array.isArray(value.links) || !Array.isArray(value.routes)) {
    throw usageError(
      'facts-invalid',
      `${path} holds no facts of this version.`,
      [],
      'Record them with BRIDGE_SETUP_RECORD=folder bridge-setup doctor.',
    );
  }
  return value as HostFacts;
}

async function readTree(host: Host, root: string, below: string): Promise<Record<string, ConfigFile>> {
  const files: Record<string, ConfigFile> = {};
  for (const name of await host.files.list(`${root}${below}`)) {
    const path = `${below}/${name}`;
    const entry = await host.files.stat(`${root}${path}`);
    if (entry?.type === 'directory') Object.assign(files, await readTree(host, root, path));
    else if (entry?.type === 'file')
      files[path] = { content: (await host.files.read(`${root}${path}`)) ?? '', mode: entry.mode };
  }
  return files;
}

/** The live network, from facts. */
export function networkState({
  links,
  routes,
  dns,
}: Pick<HostFacts, 'links' | 'routes' | 'dns'>): NetworkState {
  return { links, routes, nameservers: dns.nameservers };
}

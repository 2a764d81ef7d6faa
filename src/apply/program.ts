import { basename, dirname, relative } from 'node:path';
import type { Host } from '../host/host.js';
import { PROGRAM_RECORD } from '../model/paths.js';
import type { InstallProgram, RemoveProgram, RestoreProgram } from '../model/plan.js';

interface PackageJson {
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
}

const packageJson = async (host: Host, folder: string): Promise<PackageJson> =>
  JSON.parse((await host.files.read(`${folder}/package.json`)) ?? '{}') as PackageJson;

/** Where Node finds a dependency: in the nearest node_modules on the way up (Node.js, "Modules: loading from node_modules"). */
async function resolve(host: Host, from: string, name: string): Promise<string | null> {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = `${folder === '/' ? '' : folder}/node_modules/${name}`;
    if (await host.files.exists(`${candidate}/package.json`)) return candidate;
    if (folder === '/') return null;
  }
}

/** Folders of the packages that a package needs at run time, itself not among them. */
async function dependencyFolders(host: Host, root: string): Promise<string[]> {
  const found = new Set<string>();
  const queue = [root];
  for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
    for (const name of Object.keys((await packageJson(host, folder)).dependencies ?? {})) {
      const dependency = await resolve(host, folder, name);
      if (dependency === null || found.has(dependency)) continue;
      found.add(dependency);
      queue.push(dependency);
    }
  }
  return [...found].sort();
}

/** The folder that holds both the package and its dependencies: the package itself in a clone, further up under npx. */
function commonBase(root: string, dependencies: readonly string[]): string {
  let base = root;
  while (!dependencies.every((folder) => folder.startsWith(`${base}/`))) base = dirname(base);
  // The folder's name is what imports look for, so it has to be part of the copy.
  return basename(base) === 'node_modules' ? dirname(base) : base;
}

/**
 * Copy the program with what it needs to a folder that stays, in the same layout, so that every import resolves to
 * the very file it resolves to now. The folder is replaced by a rename.
 */
export async function installProgram(step: InstallProgram, host: Host): Promise<void> {
  const { root, version, digest, node } = step.program;
  const dependencies = await dependencyFolders(host, root);
  const base = commonBase(root, dependencies);
  const staging = `${step.to}.new`;
  await host.files.removeTree(staging);
  const own = ['package.json', ...((await packageJson(host, root)).files ?? [])];
  const there = await host.files.list(root);
  await copy(
    host,
    root,
    own.filter((name) => there.includes(name)),
    `${staging}${below(base, root)}`,
  );
  for (const folder of dependencies) {
    // A nested node_modules holds dependencies of its own; those needed are in the list.
    const names = (await host.files.list(folder)).filter((name) => name !== 'node_modules');
    await copy(host, folder, names, `${staging}${below(base, folder)}`);
  }
  const commands = Object.fromEntries(
    Object.entries(step.commands).map(([command, file]) => [
      command,
      `${step.to}${below(base, root)}/${file}`,
    ]),
  );
  const record = { version, digest, node, commands };
  await host.files.write(`${staging}/${PROGRAM_RECORD}`, `${JSON.stringify(record)}\n`, 0o644);
  await host.files.removeTree(previous(step.to));
  if (await host.files.exists(step.to)) await move(host, step.to, previous(step.to));
  await move(host, staging, step.to);
  await link(host, step.to, commands);
}

/** Put back the build that was replaced last; nothing where there is none. */
export async function restoreProgram({ to }: RestoreProgram, host: Host): Promise<void> {
  const text = await host.files.read(`${previous(to)}/${PROGRAM_RECORD}`);
  if (text === null) return;
  await host.files.removeTree(to);
  await move(host, previous(to), to);
  await link(host, to, (JSON.parse(text) as { commands?: Record<string, string> }).commands ?? {});
}

/** Where the build that was replaced is kept. */
const previous = (to: string): string => `${to}.previous`;

async function move(host: Host, from: string, to: string): Promise<void> {
  await host.run(['mv', '--no-target-directory', from, to]);
}

/** Where a command is kept that somebody else had put there, such as `npm install --global`. */
const kept = (to: string, command: string): string => `${to}.replaced/${basename(command)}`;

/** Make each command a link to its file. */
async function link(host: Host, to: string, commands: Readonly<Record<string, string>>): Promise<void> {
  for (const [command, target] of Object.entries(commands)) {
    const isThere = (await host.files.stat(command)) !== null;
    if (isThere && !(await leadsInto(host, to, command))) {
      await host.files.mkdir(dirname(kept(to, command)));
      await move(host, command, kept(to, command));
    }
    await host.run(['ln', '--symbolic', '--force', '--no-dereference', target, command]);
  }
}

const below = (base: string, folder: string): string => (folder === base ? '' : `/${relative(base, folder)}`);

/** Copy entries of one folder into another. */
async function copy(host: Host, from: string, names: readonly string[], to: string): Promise<void> {
  await host.files.mkdir(to);
  const paths = names.map((name) => `${from}/${name}`);
  // Not `--archive`: the copy belongs to root, whoever owns the clone.
  if (paths.length > 0) await host.run(['cp', '--recursive', '--preserve=mode', ...paths, `${to}/`]);
}

async function leadsInto(host: Host, to: string, command: string): Promise<boolean> {
  return (await host.files.readlink(command))?.startsWith(`${to}/`) ?? false;
}

/** Remove the program and those commands that are links into it; what they replaced comes back. */
export async function removeProgram({ to, commands }: RemoveProgram, host: Host): Promise<void> {
  for (const command of commands) {
    if (await leadsInto(host, to, command)) await host.files.remove(command);
    const theirs = kept(to, command);
    const isFree = (await host.files.stat(command)) === null;
    if (isFree && (await host.files.stat(theirs)) !== null) await move(host, theirs, command);
  }
  const left = await host.files.list(`${to}.replaced`);
  if (left.length === 0) await host.files.removeTree(`${to}.replaced`);
  await host.files.removeTree(to);
  await host.files.removeTree(previous(to));
}

import { posix } from 'node:path';
import { isDenied } from '../errors.js';
import type { Host } from '../host/host.js';
import type { ConfigFile } from '../model/facts.js';
import { isGlob, matchesGlob } from '../model/glob.js';
import { OWN_COMMANDS, RUNTIME_CONFIG_FILE, RUNTIME_UNIT_FILE } from '../model/paths.js';
import { isOwnCommand } from '../model/runtime-container.js';

/** The file that ifup reads first. */
const INTERFACES = '/etc/network/interfaces';
/** Files that are read when they exist. */
const FILES = [
  '/etc/sysconfig/network',
  '/etc/sysconfig/static-routes',
  '/etc/sysconfig/static-routes-ipv6',
  '/etc/dhcpcd.conf',
  '/etc/cloud/cloud.cfg',
  '/etc/cloud/cloud-init.disabled',
  RUNTIME_UNIT_FILE,
  RUNTIME_CONFIG_FILE,
];
/** Folders whose files are read, not their sub-folders. */
const FOLDERS = ['/etc/network/interfaces.d', '/etc/netplan'];
/** Folders of which these files are read: they hold programs, or what is not about the network, as well. */
const SOME_OF: readonly { readonly path: string; readonly names: RegExp }[] = [
  // Configuration, as initscripts' sysconfig.txt names it.
  {
    path: '/etc/sysconfig/network-scripts',
    names: /^((ifcfg|route|route6|rule|rule6|keys)-.*|.*\.route)$/,
  },
  // Options of dhclient for single links, on RHEL; the other files may hold keys of name servers.
  { path: '/etc/dhcp', names: /^dhclient6?-.*\.conf$/ },
  { path: '/etc', names: /^dhclient6?-.*\.conf$/ },
  // cloud-init reads the files with this ending only.
  { path: '/etc/cloud/cloud.cfg.d', names: /\.cfg$/ },
];
/** Passwords of Wi-Fi and 802.1X: that there are some is enough to know, and facts may end up in a bug report. */
const SECRETS = /^\/etc\/sysconfig\/network-scripts\/keys-/;
const MAX_BYTES = 256 * 1024;

/** Called with the path of each file or folder that this user may not read. */
type OnDenied = (path: string) => void;

/** What a reading gives; `empty` where this user may not read. */
async function readable<T>(reading: Promise<T>, path: string, empty: T, onDenied: OnDenied): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!isDenied(error)) throw error;
    onDenied(path);
    return empty;
  }
}

async function readConfig(host: Host, path: string, onDenied: OnDenied): Promise<ConfigFile | null> {
  const real = await host.files.realpath(path).catch(() => null);
  const entry = real === null ? null : await host.files.stat(real);
  if (real === null || entry?.type !== 'file' || entry.size > MAX_BYTES) return null;
  const content = await readable(host.files.read(real), path, null, onDenied);
  return content === null ? null : { content, mode: entry.mode };
}

/** Patterns of the `source` and `source-directory` lines of a file, as absolute paths: interfaces(5). */
function includesOf(content: string, from: string): string[] {
  const lines = content.replaceAll('\\\n', '').matchAll(/^[ \t]*source(-dir\S*)?[ \t]+(.+)$/gm);
  return [...lines].flatMap(([, directory, words = '']) =>
    words
      .trim()
      .split(/\s+/)
      .map((word) => posix.resolve(posix.dirname(from), word) + (directory ? '/*' : '')),
  );
}

/** Paths that match a pattern, which may stand in the name of a folder, too. */
async function expand(host: Host, pattern: string, onDenied: OnDenied): Promise<string[]> {
  let paths = [''];
  for (const part of pattern.split('/').slice(1)) {
    const next: string[] = [];
    for (const path of paths) {
      if (!isGlob(part)) next.push(`${path}/${part}`);
      else {
        const names = await readable(host.files.list(path), path, [], onDenied);
        next.push(...names.filter((name) => matchesGlob(part, name, true)).map((name) => `${path}/${name}`));
      }
    }
    paths = next;
  }
  return paths;
}

/** What ifup reads beside its first file: a file that is sourced may source others. */
async function collectSourced(host: Host, onDenied: OnDenied): Promise<Record<string, ConfigFile>> {
  const files: Record<string, ConfigFile> = {};
  const visit = async (path: string): Promise<void> => {
    if (Object.hasOwn(files, path)) return;
    const file = await readConfig(host, path, onDenied);
    if (file === null) return;
    files[path] = file;
    for (const pattern of includesOf(file.content, path)) {
      for (const each of await expand(host, pattern, onDenied)) await visit(each);
    }
  };
  await visit(INTERFACES);
  return files;
}

/** Our commands where they start a container; links to a program, and the commands of others, are no configuration. */
async function collectCommands(host: Host, onDenied: OnDenied): Promise<Record<string, ConfigFile>> {
  const files: Record<string, ConfigFile> = {};
  for (const path of Object.values(OWN_COMMANDS)) {
    if ((await host.files.stat(path))?.type !== 'file') continue;
    const file = await readConfig(host, path, onDenied);
    if (file !== null && isOwnCommand(file.content)) files[path] = file;
  }
  return files;
}

/** Of cloud-init's files: it is off, or has a word on the network. */
const concernsNetwork = (content: string) => content === '' || /^\s*network\s*:/m.test(content);

/** The configuration files of the host, those of its network and ours. Root may read all of them. */
export async function collectFiles(
  host: Host,
  onDenied: OnDenied = () => {},
): Promise<Record<string, ConfigFile>> {
  const list = (folder: string) => readable(host.files.list(folder), folder, [], onDenied);
  const paths = [...FILES];
  for (const folder of FOLDERS) {
    for (const name of await list(folder)) paths.push(`${folder}/${name}`);
  }
  for (const { path, names } of SOME_OF) {
    for (const name of await list(path)) if (names.test(name)) paths.push(`${path}/${name}`);
  }
  const files = { ...(await collectSourced(host, onDenied)), ...(await collectCommands(host, onDenied)) };
  for (const path of paths) {
    const file = await readConfig(host, path, onDenied);
    // Others of cloud-init's hold credentials, and facts may end up in a bug report.
    if (file === null || (path.startsWith('/etc/cloud/') && !concernsNetwork(file.content))) continue;
    files[path] = SECRETS.test(path) ? { ...file, content: '' } : file;
  }
  return files;
}

import { posix } from 'node:path';
import type { Host } from '../host/host.js';
import type { ConfigFile, UnreadFile } from '../model/facts.js';
import { isGlob, matchesGlob } from '../model/glob.js';
import { OWN_COMMANDS, RUNTIME_CONFIG_FILE, RUNTIME_UNIT_FILE } from '../model/paths.js';
import { isOwnCommand } from '../model/runtime-container.js';
import { collectClientFiles } from './client-files.js';
import { Reader } from './reader.js';

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
const MAY_BE_ANYTHING = /^\/etc\/network\/interfaces\.d\/|^\/etc\/netplan\/.*(?<!\.yaml)$/;
/** Folders of which these files are read: they hold programs, or what is not about the network, as well. */
const SOME_OF: readonly { readonly path: string; readonly names: RegExp }[] = [
  // Configuration, as initscripts' sysconfig.txt names it.
  {
    path: '/etc/sysconfig/network-scripts',
    names: /^((ifcfg|route|route6|rule|rule6|keys)-.*|.*\.route)$/,
  },
  // Options of dhclient: of all links, and on RHEL of single ones.
  { path: '/etc/dhcp', names: /^dhclient6?(-.*)?\.conf$/ },
  { path: '/etc', names: /^dhclient6?(-.*)?\.conf$/ },
  // Commands of RHEL's dhclient-script for single links.
  { path: '/etc/dhcp', names: /^dhclient-.+-(up|down)-hooks$/ },
  // cloud-init reads the files with this ending only.
  { path: '/etc/cloud/cloud.cfg.d', names: /\.cfg$/ },
];
/** Passwords of Wi-Fi and 802.1X: that there are some is enough to know, and facts may end up in a bug report. */
const SECRETS = /^\/etc\/sysconfig\/network-scripts\/keys-/;
/** Configuration files by path, those that a plan must not do without, and what this user may not read. */
interface Collected {
  readonly files: Record<string, ConfigFile>;
  readonly unread: readonly UnreadFile[];
  readonly denied: readonly string[];
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
async function expand(reader: Reader, pattern: string): Promise<string[]> {
  let paths = [''];
  for (const part of pattern.split('/').slice(1)) {
    const next: string[] = [];
    for (const path of paths) {
      if (!isGlob(part)) next.push(`${path}/${part}`);
      else {
        const names = await reader.list(path);
        next.push(...names.filter((name) => matchesGlob(part, name, true)).map((name) => `${path}/${name}`));
      }
    }
    paths = next;
  }
  return paths;
}

/** What ifup reads beside its first file: a file that is sourced may source others. */
async function collectSourced(reader: Reader): Promise<Record<string, ConfigFile>> {
  const files: Record<string, ConfigFile> = {};
  const visit = async (path: string): Promise<void> => {
    if (Object.hasOwn(files, path)) return;
    const file = await reader.read(path);
    if (file === null) return;
    files[path] = file;
    for (const pattern of includesOf(file.content, path)) {
      for (const each of await expand(reader, pattern)) await visit(each);
    }
  };
  await visit(INTERFACES);
  return files;
}

/** Our commands where they start a container; links to a program, and the commands of others, are no configuration. */
async function collectCommands(host: Host, reader: Reader): Promise<Record<string, ConfigFile>> {
  const files: Record<string, ConfigFile> = {};
  for (const path of Object.values(OWN_COMMANDS)) {
    if ((await host.files.stat(path))?.type !== 'file') continue;
    const file = await reader.read(path);
    if (file !== null && isOwnCommand(file.content)) files[path] = file;
  }
  return files;
}

/** Of cloud-init's files: it is off, or has a word on the network. */
const concernsNetwork = (content: string) => content === '' || /^\s*network\s*:/m.test(content);

/** The configuration files of the host, those of its network and of bridge-setup. Root may read all of them. */
export async function collectFiles(host: Host): Promise<Collected> {
  const reader = new Reader(host);
  // What ifup does not read, beside what it reads, may be anything: a swap file of an editor.
  const others = new Reader(host);
  const paths = [...FILES];
  for (const folder of FOLDERS) {
    for (const name of await reader.list(folder)) paths.push(`${folder}/${name}`);
  }
  for (const { path, names } of SOME_OF) {
    for (const name of await reader.list(path)) if (names.test(name)) paths.push(`${path}/${name}`);
  }
  const files = { ...(await collectSourced(reader)), ...(await collectCommands(host, others)) };
  for (const path of paths) {
    const file = await (MAY_BE_ANYTHING.test(path) ? others : reader).read(path);
    // Others of cloud-init's hold credentials, and facts may end up in a bug report.
    if (file === null || (path.startsWith('/etc/cloud/') && !concernsNetwork(file.content))) continue;
    files[path] = SECRETS.test(path) ? { ...file, content: '' } : file;
  }
  const clients = await collectClientFiles(files, reader);
  const denied = [...new Set([...reader.denied, ...others.denied])].sort();
  return { files: { ...files, ...clients }, unread: reader.unread, denied };
}

import type { Host } from '../host/host.js';
import type { ConfigFile } from '../model/facts.js';
import { RUNTIME_CONFIG_FILE, RUNTIME_UNIT_FILE } from '../model/paths.js';

/** Files that are read when they exist. */
const FILES = [
  '/etc/network/interfaces',
  '/etc/sysconfig/network',
  '/etc/dhcpcd.conf',
  '/etc/cloud/cloud.cfg',
  '/etc/cloud/cloud-init.disabled',
  RUNTIME_UNIT_FILE,
  RUNTIME_CONFIG_FILE,
];
/** Folders whose files are read, not their sub-folders. */
const FOLDERS = ['/etc/network/interfaces.d', '/etc/sysconfig/network-scripts', '/etc/netplan'];
/** cloud-init reads the files with this ending only. */
const CLOUD_FOLDER = { path: '/etc/cloud/cloud.cfg.d', ending: '.cfg' };
const MAX_BYTES = 256 * 1024;

async function readConfig(host: Host, path: string): Promise<ConfigFile | null> {
  const real = await host.files.realpath(path).catch(() => null);
  const entry = real === null ? null : await host.files.stat(real);
  if (real === null || entry?.type !== 'file' || entry.size > MAX_BYTES) return null;
  const content = await host.files.read(real);
  return content === null ? null : { content, mode: entry.mode };
}

/** Paths named by `source` and `source-directory` of interfaces(5) outside the usual folders; globs are resolved. */
function sourcedFolders(interfaces: string): string[] {
  return [...interfaces.matchAll(/^[ \t]*source(-directory)?[ \t]+(.+)$/gm)].flatMap(
    ([, directory, paths = '']) =>
      paths
        .trim()
        .split(/\s+/)
        .map((path) => (path.startsWith('/') ? path : `/etc/network/${path}`))
        .map((path) => (directory ? path : path.slice(0, path.lastIndexOf('/')))),
  );
}

/** Of cloud-init's files: it is off, or has a word on the network. */
const concernsNetwork = (content: string) => content === '' || /^\s*network\s*:/m.test(content);

/** The configuration files of the host, those of its network and ours. */
export async function collectFiles(host: Host): Promise<Record<string, ConfigFile>> {
  const interfaces = (await host.files.read('/etc/network/interfaces')) ?? '';
  const folders = new Set([...FOLDERS, ...sourcedFolders(interfaces)]);
  const paths = [...FILES];
  for (const folder of folders) {
    if (/[*?[]/.test(folder)) continue;
    for (const name of await host.files.list(folder)) paths.push(`${folder}/${name}`);
  }
  for (const name of await host.files.list(CLOUD_FOLDER.path)) {
    if (name.endsWith(CLOUD_FOLDER.ending)) paths.push(`${CLOUD_FOLDER.path}/${name}`);
  }
  const files: Record<string, ConfigFile> = {};
  for (const path of paths) {
    const file = await readConfig(host, path);
    // Others of cloud-init's hold credentials, and facts may end up in a bug report.
    if (file === null || (path.startsWith('/etc/cloud/') && !concernsNetwork(file.content))) continue;
    files[path] = file;
  }
  return files;
}

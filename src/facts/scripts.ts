import type { Host } from '../host/host.js';
import type { Link, ScriptMention } from '../model/facts.js';
import { isEthernet } from '../model/links.js';
import { Reader } from './reader.js';

/** Folders of scripts that run when a link comes up or goes, or has a lease: only executable files count in there. */
const RUN_FOLDERS = [
  ...['if-pre-up.d', 'if-up.d', 'if-down.d', 'if-post-down.d'].map((name) => `/etc/network/${name}`),
  ...['', '/pre-up.d', '/pre-down.d', '/no-wait.d'].map((name) => `/etc/NetworkManager/dispatcher.d${name}`),
];
/** Programs of the administrator that the network scripts of RHEL and the boot call. */
const RUN_FILES = [
  ...['ifup-pre-local', 'ifup-local', 'ifdown-pre-local', 'ifdown-local'].map((name) => `/sbin/${name}`),
  ...['/etc/rc.local', '/etc/rc.d/rc.local'],
];
/** Folders and files that are sourced, or read as they are. */
const READ_FOLDERS = [
  '/etc/dhcp/dhclient-enter-hooks.d',
  '/etc/dhcp/dhclient-exit-hooks.d',
  '/etc/sysctl.d',
  '/etc/ppp/peers',
];
const READ_FILES = [
  ...['enter', 'exit', 'up', 'down'].map((name) => `/etc/dhcp/dhclient-${name}-hooks`),
  ...['/etc/dhcpcd.enter-hook', '/etc/dhcpcd.exit-hook', '/etc/sysctl.conf'],
];

/**
 * Lines of scripts that name a NIC of this host. Of the scripts nothing else is in the facts: they may hold passwords, and
 * facts may end up in a bug report.
 */
export async function collectMentions(host: Host, links: readonly Link[]): Promise<ScriptMention[]> {
  const names = links.filter((link) => isEthernet(link) && link.kind !== 'veth').map(({ name }) => name);
  const veths = links.filter(({ kind, addresses }) => kind === 'veth' && addresses.length > 0);
  const wanted = [...names, ...veths.map(({ name }) => name)];
  const reader = new Reader(host);
  const inFolders = async (folders: readonly string[]) => {
    const lists = folders.map(async (folder) =>
      (await reader.list(folder)).map((name) => `${folder}/${name}`),
    );
    return (await Promise.all(lists)).flat();
  };
  const found: ScriptMention[] = [];
  for (const path of [...(await inFolders(RUN_FOLDERS)), ...RUN_FILES]) {
    const file = await reader.read(path);
    if (file !== null && (file.mode & 0o111) !== 0) found.push(...mentionsIn(path, file.content, wanted));
  }
  for (const path of [...(await inFolders(READ_FOLDERS)), ...READ_FILES]) {
    const file = await reader.read(path);
    if (file !== null) found.push(...mentionsIn(path, file.content, wanted));
  }
  return found;
}

/** Lines that are no comment and name one of these links as a word, an alias of it, or one of its sysctls. */
export function mentionsIn(path: string, content: string, links: readonly string[]): ScriptMention[] {
  return content.split('\n').flatMap((text, index) => {
    if (/^\s*#/.test(text)) return [];
    return links
      .filter((link) => text.includes(link) && namePattern(link).test(text))
      .map((link) => ({ path, line: index + 1, text: text.trim(), link }));
  });
}

function namePattern(link: string): RegExp {
  const name = link.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    `(?<![\\w.:$-])${name}(?::\\w+)?(?![\\w.-])|\\bnet[./]ipv[46][./](conf|neigh)[./]${name}[./]`,
  );
}

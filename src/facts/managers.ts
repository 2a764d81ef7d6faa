import type { Host } from '../host/host.js';
import { parseNmcli, parseProfiles, profilesQuery } from '../host/nmcli.js';
import type { ConfigFile, Link, NetworkManager } from '../model/facts.js';
import { ifcfgValue } from '../model/ifcfg.js';
import { claimedByDhcpcd } from './dhcpcd.js';
import { claimedByNetplan } from './netplan.js';

type Files = Readonly<Record<string, ConfigFile>>;

const under = (files: Files, folder: string) =>
  Object.entries(files).filter(([path]) => path.startsWith(folder));

/** Links that have an `iface` stanza in interfaces(5), also by another name (`auto eth0=lan`). */
function ifupdownLinks(files: Files): string[] {
  const text = under(files, '/etc/network/interfaces')
    .map(([, { content }]) => content)
    .join('\n');
  const names = [...text.matchAll(/^[ \t]*iface[ \t]+(\S+)/gm)].flatMap(([, name]) => name ?? []);
  const marked = [...text.matchAll(/^[ \t]*(?:auto|allow-\S+)[ \t]+(.*)$/gm)].flatMap(([, words]) =>
    (words ?? '').split(/[ \t]+/),
  );
  const renamed = marked.flatMap((word) => {
    const [link = '', stanza] = word.split('=');
    return stanza !== undefined && names.includes(stanza) ? [link] : [];
  });
  return [...new Set([...names, ...renamed])];
}

/** The link of an ifcfg file, as `get_config_by_device` and `get_config_by_hwaddr` of the network scripts find it. */
function ifcfgLink(path: string, content: string, links: readonly Link[]): string {
  const hardware = ifcfgValue(content, 'HWADDR')?.toLowerCase();
  const byHardware = links.find(({ mac, kind }) => kind === null && mac !== null && mac === hardware);
  return ifcfgValue(content, 'DEVICE') ?? byHardware?.name ?? path.slice(path.lastIndexOf('ifcfg-') + 6);
}

/**
 * Whether something else than NetworkManager reads ifcfg files at boot: the scripts are installed (from RHEL 8 on they
 * are a package of their own), and their service has its link of System V's init.
 */
async function hasNetworkService(host: Host): Promise<boolean> {
  if (!(await host.files.exists('/etc/sysconfig/network-scripts/ifup-eth'))) return false;
  return (await host.files.list('/etc/rc.d/rc3.d')).some((name) => /^S\d\dnetwork$/.test(name));
}

/** What NetworkManager has in its hands, and by which profiles. */
async function networkManager(host: Host): Promise<NetworkManager> {
  const ask = (argv: readonly string[]) => host.run(argv, { check: false, timeoutMs: 5000 });
  const [devices, profiles] = await Promise.all([
    ask(['nmcli', '-t', '-f', 'DEVICE,STATE', 'device']),
    ask(profilesQuery),
  ]);
  const active = devices.exitCode === 0;
  return {
    name: 'NetworkManager',
    active,
    links: active ? parseNmcli(devices.stdout) : [],
    ...(profiles.exitCode === 0 ? { profiles: parseProfiles(profiles.stdout) } : {}),
  };
}

async function networkdLinks(host: Host, links: readonly Link[]): Promise<string[]> {
  const managed: string[] = [];
  for (const { name, index, loopback } of links) {
    // Private format of systemd-networkd, in use by networkctl: ADMIN_STATE=unmanaged when it leaves a link alone.
    const state = await host.files.read(`/run/systemd/netif/links/${index}`);
    if (state !== null && !loopback && !/^ADMIN_STATE=unmanaged$/m.test(state)) managed.push(name);
  }
  return managed;
}

/** Programs that configure links, and which links each claims. */
export async function collectManagers(
  host: Host,
  files: Files,
  links: readonly Link[],
): Promise<NetworkManager[]> {
  const managers: NetworkManager[] = [];
  const add = (name: NetworkManager['name'], active: boolean, claimed: readonly string[]) =>
    managers.push({ name, active, links: claimed });

  if ('/etc/network/interfaces' in files) {
    const claimed = ifupdownLinks(files);
    add('ifupdown', (await host.which('ifup')) !== null && claimed.some((name) => name !== 'lo'), claimed);
  }
  const ifcfg = under(files, '/etc/sysconfig/network-scripts/ifcfg-');
  if (ifcfg.length > 0) {
    const claimed = ifcfg.map(([path, { content }]) => ifcfgLink(path, content, links));
    add('ifcfg', await hasNetworkService(host), [...new Set(claimed)]);
  }
  const own = links.filter(({ loopback }) => !loopback).map(({ name }) => name);
  const netplan = under(files, '/etc/netplan/');
  if (netplan.length > 0) {
    const read = netplan.filter(([path]) => path.endsWith('.yaml'));
    const claimed = read.flatMap(([, { content }]) => claimedByNetplan(content, own));
    add('netplan', true, [...new Set(claimed)]);
  }
  if (await host.files.exists('/run/NetworkManager/devices')) managers.push(await networkManager(host));
  if (await host.files.exists('/run/systemd/netif/links')) {
    const claimed = await networkdLinks(host, links);
    add('systemd-networkd', claimed.length > 0, claimed);
  }
  // The PID of one that was started for all links; one for a single link has another file.
  if (await host.files.exists('/run/dhcpcd/pid'))
    add('dhcpcd', true, claimedByDhcpcd(files['/etc/dhcpcd.conf']?.content ?? '', own));
  const cloud = Object.keys(files).filter((path) => path.endsWith('50-cloud-init'));
  if (cloud.length > 0) add('cloud-init', true, []);
  return managers;
}

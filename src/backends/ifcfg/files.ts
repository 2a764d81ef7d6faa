import type { HostFacts } from '../../model/facts.js';
import { parse } from './parse.js';
import { assignmentsOf, print, type ShellFile, variable } from './shell.js';

/** Folder of the files of the network scripts: sysconfig.txt of initscripts. */
export const FOLDER = '/etc/sysconfig/network-scripts';
/** Read before every ifcfg file, so that these win. */
export const NETWORK_FILE = '/etc/sysconfig/network';

/** An `ifcfg-NAME` file. */
export interface Config {
  readonly path: string;
  /** Behind `ifcfg-`. */
  readonly name: string;
  readonly file: ShellFile;
  /** The link that it configures, by its DEVICE, else by its HWADDR, else by its name. */
  readonly device: string;
}

/** What the network scripts read. */
export interface NetworkScripts {
  readonly files: HostFacts['files'];
  /** Without aliases and ranges. */
  readonly configs: readonly Config[];
  readonly network: ShellFile;
}

/** Read the configuration as the network scripts do. Nothing is an error here. */
export function readScripts(files: HostFacts['files'], links: HostFacts['links']): NetworkScripts {
  const configs = scriptFiles(files, 'ifcfg-')
    .filter((name) => !/:|-range/.test(name))
    .map((name): Config => {
      const path = `${FOLDER}/ifcfg-${name}`;
      const file = parse(files[path]?.content ?? '');
      return { path, name, file, device: deviceOf(name, file, links) };
    });
  return { files, configs, network: parse(files[NETWORK_FILE]?.content ?? '') };
}

/** What follows a prefix in the names of the folder. Backups of editors and packages are left out, as `is_ignored_file` does. */
export function scriptFiles(files: HostFacts['files'], prefix: string): string[] {
  const start = `${FOLDER}/${prefix}`;
  return Object.keys(files)
    .filter((path) => path.startsWith(start) && !/(~|\.(bak|old|orig|rpmnew|rpmorig|rpmsave))$/.test(path))
    .map((path) => path.slice(start.length))
    .filter((name) => name !== '' && !name.includes('/'))
    .sort();
}

function deviceOf(name: string, file: ShellFile, links: HostFacts['links']): string {
  const hardware = variable(file, 'HWADDR').toLowerCase();
  const byHardware =
    hardware === '' ? undefined : links.find(({ mac, kind }) => kind === null && mac === hardware);
  // A file that bash does not read to the end still tells whose it is meant to be.
  const meant = /^[ \t]*(?:export[ \t]+)?DEVICE=["']?([\w.:-]+)/m.exec(print(file))?.[1];
  return variable(file, 'DEVICE') || meant || byHardware?.name || name;
}

/** The files that configure a link; more than one is a mistake. */
export function configsOf({ configs }: NetworkScripts, device: string): Config[] {
  return configs.filter((config) => config.device === device);
}

/** The file that configures a link. */
export function configOf(scripts: NetworkScripts, device: string): Config | null {
  return configsOf(scripts, device)[0] ?? null;
}

/** A setting of a file; one of /etc/sysconfig/network counts where the file has none. */
export function setting({ network }: NetworkScripts, { file }: Pick<Config, 'file'>, name: string): string {
  const own = assignmentsOf(file).some((assignment) => assignment.name === name);
  return variable(own ? file : network, name);
}

/** An alias (`ifcfg-eth0:0`) or a range of them (`ifcfg-eth0-range0`): what ifup-aliases reads. */
export interface Alias {
  readonly path: string;
  /** Behind the name of the link: `:0`, `-range0`. */
  readonly suffix: string;
  readonly file: ShellFile;
}

/** Aliases and ranges of a link. */
export function aliasesOf({ files }: NetworkScripts, device: string): Alias[] {
  return scriptFiles(files, `ifcfg-${device}`)
    .filter((suffix) => /^(:|-range)/.test(suffix))
    .map((suffix) => {
      const path = `${FOLDER}/ifcfg-${device}${suffix}`;
      return { path, suffix, file: parse(files[path]?.content ?? '') };
    });
}

/** Whether the files have the bridge already, with the uplink as its port. */
export function isConverted(scripts: NetworkScripts, bridge: string, uplink: string): boolean {
  return configsOf(scripts, uplink).some(({ file }) => variable(file, 'BRIDGE') === bridge);
}

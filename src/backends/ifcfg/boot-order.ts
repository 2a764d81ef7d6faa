import type { HostFacts } from '../../model/facts.js';
import type { Finding } from '../../model/finding.js';
import type { BridgeSpec } from '../../model/spec.js';
import { isLeased } from './address.js';
import { type Config, FOLDER, type NetworkScripts, setting } from './files.js';
import { type Names, withNames } from './routes.js';
import { isFalse } from './settings.js';
import { assignmentsOf, variable } from './shell.js';

/** Types that the network service starts behind bridges; all others come before them (/etc/init.d/network). */
const BEHIND_BRIDGES = ['xDSL', 'IPSEC', 'IPIP', 'GRE'];

/** Whether the network service brings a file up at boot before it comes to bridges. */
function isBeforeBridges({ file }: Config): boolean {
  const type = variable(file, 'TYPE');
  return type !== 'Bridge' && !BEHIND_BRIDGES.includes(type) && !isFalse(variable(file, 'ONBOOT') || 'yes');
}

/** Its order of files: by what comes before the first digit, then by the number. */
function isSortedBehind(name: string, other: string): boolean {
  const parts = (text: string) => /^(\D*)(\d*)/.exec(text) ?? [];
  const [, head = '', number = ''] = parts(name);
  const [, otherHead = '', otherNumber = ''] = parts(other);
  return head === otherHead ? Number(number) > Number(otherNumber) : head > otherHead;
}

/** Lines of routes that change files. */
export interface LateRoutes {
  /** New content by path; `null`: the file goes. */
  readonly texts: ReadonlyMap<string, string | null>;
  /** Of the file of the bridge's routes: one whose mode it gets. */
  readonly like: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

/**
 * Routes through the uplink that are in the files of other links: those links come up before the bridge from now on, when
 * there is nothing to send through, so their lines go to the file of the bridge.
 * @param own what becomes of the bridge's own files of routes, by path
 */
export function lateRoutes(
  { files, configs }: NetworkScripts,
  { uplink, bridge }: BridgeSpec,
  names: Names,
  own: ReadonlyMap<string, string | null>,
): LateRoutes {
  const texts = new Map<string, string | null>();
  const like: Record<string, string> = {};
  const notes: string[] = [];
  const early = configs.filter((config) => config.device !== uplink && isBeforeBridges(config));
  for (const kind of ['route', 'route6']) {
    const target = `${FOLDER}/${kind}-${bridge.name}`;
    for (const name of new Set(early.flatMap((config) => [config.name, config.device]))) {
      const from = `${FOLDER}/${kind}-${name}`;
      const content = Object.hasOwn(files, from) ? (files[from]?.content ?? '') : '';
      const lines = content.split(/(?<=\n)/);
      const going = lines.filter((line) => isThrough(line, names));
      const before = texts.get(target) ?? own.get(target) ?? '';
      // Settings like ADDRESS0= are another format; a file that is there already may mean something else.
      const isTaken =
        /^[ \t]*ADDRESS\d+=/m.test(before) || (!own.has(target) && Object.hasOwn(files, target));
      if (going.length === 0 || isTaken) continue;
      const moved = going.map((line) => (line.endsWith('\n') ? line : `${line}\n`)).join('');
      texts.set(
        target,
        (before === '' || before.endsWith('\n') ? before : `${before}\n`) + withNames(moved, names),
      );
      texts.set(from, lines.filter((line) => !going.includes(line)).join(''));
      if (!own.has(target)) like[target] ??= from;
      const what = going.map((line) => `"${line.trim()}"`).join(', ');
      notes.push(`${what} goes from ${from} to ${target}: ${name} comes up before ${bridge.name}.`);
    }
  }
  return { texts, like, notes };
}

function isThrough(line: string, names: Names): boolean {
  const link = /^[^#]*?(?:^|[ \t])dev[ \t]+(\S+)/.exec(line)?.[1];
  return link !== undefined && names.has(link);
}

/** Of the links that come up behind the uplink, and before the bridge: those that a boot no longer brings up last. */
function laterThan(scripts: NetworkScripts, port: Config, uplink: string): Config[] {
  return scripts.configs.filter(
    (config) => config.device !== uplink && isBeforeBridges(config) && isSortedBehind(config.name, port.name),
  );
}

/** A link whose default route a boot has put in the place of the uplink's, since it comes up later. */
function laterDefault(scripts: NetworkScripts, port: Config, uplink: string): Config | undefined {
  if (!setsDefault(port, scripts)) return undefined;
  // Routes of different metrics are there both.
  return laterThan(scripts, port, uplink).find(
    (other) => setsDefault(other, scripts) && metricOf(other, scripts) === metricOf(port, scripts),
  );
}

/**
 * The link whose default route the kernel has, where the file of the uplink sets one as well: the bridge, which comes up
 * last, must not put its own in the place of it. `null`: there is none, or a gateway was asked for.
 */
export function defaultToLeave(
  scripts: NetworkScripts,
  port: Config,
  { uplink, address }: BridgeSpec,
  routes: HostFacts['routes'],
): string | null {
  const other = laterDefault(scripts, port, uplink);
  if (other === undefined || address.method === 'static') return null;
  const holder = routes.find(
    ({ family, destination, metric }) =>
      family === 4 && destination === 'default' && metric === metricOf(port, scripts),
  );
  return holder?.link === other.device ? other.device : null;
}

/**
 * What the last link to come up decides: bridges come up last, so the bridge has the last word from the next boot on, where
 * another link had it.
 * @param left the link whose default route stays, see `defaultToLeave`
 */
export function orderRisks(
  scripts: NetworkScripts,
  port: Config,
  { uplink, bridge }: BridgeSpec,
  left: string | null,
): Finding[] {
  const risk = (check: string, other: Config, what: string, remedy: string): Finding => ({
    check,
    severity: 'warning',
    message: `${other.path} sets ${what}, as ${port.path} does, and the network service brings bridges up last: from the next boot on, those of ${bridge.name} count, and not those of ${other.device}.`,
    remedy,
  });
  const servers = setsServers(port, scripts)
    ? laterThan(scripts, port, uplink).find((other) => setsServers(other, scripts))
    : undefined;
  const routes = left === null ? laterDefault(scripts, port, uplink) : undefined;
  return [
    ...(servers === undefined
      ? []
      : [
          risk(
            'name-servers-order',
            servers,
            'name servers',
            `Write PEERDNS=no into the file whose name servers are not wanted, then plan again.`,
          ),
        ]),
    ...(routes === undefined
      ? []
      : [
          risk(
            'default-route-order',
            routes,
            'a default route',
            `Write GATEWAYDEV=${routes.device} into /etc/sysconfig/network if the default route of ${routes.device} is to count, or DEFROUTE=no into its file.`,
          ),
        ]),
  ];
}

function setsServers(config: Config, scripts: NetworkScripts): boolean {
  if (isFalse(setting(scripts, config, 'PEERDNS'))) return false;
  return (
    isLeased(config.file) ||
    assignmentsOf(config.file).some(({ name, value }) => /^DNS\d$/.test(name) && value)
  );
}

function setsDefault(config: Config, scripts: NetworkScripts): boolean {
  if (setting(scripts, config, 'GATEWAYDEV') !== '' || setting(scripts, config, 'DEFROUTE') === 'no')
    return false;
  return isLeased(config.file) || variable(config.file, 'GATEWAY') !== '';
}

const metricOf = (config: Config, scripts: NetworkScripts): number =>
  Number(setting(scripts, config, 'METRIC') || 0);

import { aliasesOf, type Config, FOLDER, type NetworkScripts } from './files.js';

/** A file of the uplink that gets the name of the bridge. */
export interface MovedFile {
  readonly from: string;
  readonly to: string;
  readonly content: string;
}

/** What ifup-routes reads for a link, and for the name of its ifcfg file. */
const ROUTES = ['route-', 'route6-', 'rule-', 'rule6-'];
/** Those of the whole host that may name a link. */
const GLOBAL_ROUTES = ['/etc/sysconfig/static-routes', '/etc/sysconfig/static-routes-ipv6'];

/** Names that change: the uplink, and its aliases. */
export type Names = ReadonlyMap<string, string>;

/** The uplink and its aliases, each with its name on the bridge. */
export function namesOnBridge(scripts: NetworkScripts, uplink: string, bridge: string): Names {
  const suffixes = aliasesOf(scripts, uplink)
    .map(({ suffix }) => suffix)
    .filter((suffix) => suffix.startsWith(':'));
  return new Map([[uplink, bridge], ...suffixes.map((each) => [uplink + each, bridge + each] as const)]);
}

/**
 * Files of routes, rules and DHCP options, which are found by the name of their link only: left behind, they would be
 * ignored without a word.
 */
export function movedFiles({ files }: NetworkScripts, { name, device }: Config, names: Names): MovedFile[] {
  const known = new Map([
    ...names,
    ...(name === device ? [] : [[name, names.get(device) ?? device] as const]),
  ]);
  return [...known].flatMap(([old, fresh]) => {
    const pairs = [
      ...ROUTES.map((prefix) => [`${FOLDER}/${prefix}${old}`, `${FOLDER}/${prefix}${fresh}`]),
      [`${FOLDER}/${old}.route`, `${FOLDER}/${fresh}.route`],
      ...['/etc/dhcp/dhclient', '/etc/dhcp/dhclient6', '/etc/dhclient', '/etc/dhclient6'].map((prefix) => [
        `${prefix}-${old}.conf`,
        `${prefix}-${fresh}.conf`,
      ]),
      ...['up', 'down'].map((when) => [
        `/etc/dhcp/dhclient-${old}-${when}-hooks`,
        `/etc/dhcp/dhclient-${fresh}-${when}-hooks`,
      ]),
    ];
    return pairs.flatMap(([from = '', to = '']): MovedFile[] => {
      const content = Object.hasOwn(files, from) ? files[from]?.content : undefined;
      return content === undefined ? [] : [{ from, to, content: withNames(content, names) }];
    });
  });
}

/** Other files of routes and rules that name the uplink, with what they say once it is a port. */
export function otherRoutes({ files, configs }: NetworkScripts, names: Names): Map<string, string> {
  const owners = configs.flatMap(({ name, device }) => [name, device]);
  const paths = [
    ...ROUTES.flatMap((prefix) => owners.map((owner) => `${FOLDER}/${prefix}${owner}`)),
    ...GLOBAL_ROUTES,
  ];
  const changed = new Map<string, string>();
  for (const path of paths) {
    const content = Object.hasOwn(files, path) ? files[path]?.content : undefined;
    if (content === undefined) continue;
    const after = withNames(content, names);
    if (after !== content) changed.set(path, after);
  }
  return changed;
}

/**
 * Words of ip-route(8) and ip-rule(8) before the name of a link; static-routes-ipv6 begins with one; dhclient.conf(5)
 * has declarations of single links.
 */
export function withNames(text: string, names: Names): string {
  const rename = (name: string) => names.get(name) ?? name;
  return text
    .split('\n')
    .map((line) =>
      /^[ \t]*#/.test(line)
        ? line
        : line
            .replace(/(?<=(?:^|[ \t])(?:dev|iif|oif)[ \t]+)\S+/g, rename)
            .replace(/(?<=\binterface[ \t]+")[^"]+(?=")/g, rename)
            .replace(/^[\w.:-]+(?=[ \t]+[0-9A-Fa-f:]*:[0-9A-Fa-f:]*(?:\/|[ \t]))/, rename),
    )
    .join('\n');
}

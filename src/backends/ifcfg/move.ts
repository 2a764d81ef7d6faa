import type { HostFacts } from '../../model/facts.js';
import type { Finding } from '../../model/finding.js';
import type { BridgeSpec } from '../../model/spec.js';
import { render } from '../../templates.js';
import { forwardDelay } from '../forward-delay.js';
import { addressed } from './address.js';
import { defaultToLeave, lateRoutes, orderRisks } from './boot-order.js';
import { aliasesOf, type Config, FOLDER, NETWORK_FILE, type NetworkScripts } from './files.js';
import { profileUuid } from './network-manager.js';
import { parse } from './parse.js';
import { movedFiles, type Names, namesOnBridge, otherRoutes } from './routes.js';
import { isFalse, isNetworkSetting, LINK_SETTINGS, SHARED_SETTINGS } from './settings.js';
import { assign, closed, divide, print, variable, withValue } from './shell.js';

/** Files that are written anew. */
export interface Rewrite {
  /** New content by path; `null`: the file goes. */
  readonly texts: ReadonlyMap<string, string | null>;
  /** Of new files: one whose mode they get. */
  readonly like: Readonly<Record<string, string>>;
  /** What was moved, kept or dropped, in sentences. */
  readonly notes: readonly string[];
  /** What a person has to check. */
  readonly risks: readonly Finding[];
}

/** Path of the bridge's own file. */
export const bridgePath = (bridge: string): string => `${FOLDER}/ifcfg-${bridge}`;

/**
 * The uplink's file in two: what is about addresses goes to a file of the bridge, what is about the NIC stays. Aliases,
 * routes, rules and DHCP options are found by the name of their link, so their files get the bridge's name.
 * @param isManaged NetworkManager brings the links up
 * @param live the routes that the kernel has
 */
export function moveToBridge(
  scripts: NetworkScripts,
  port: Config,
  spec: BridgeSpec,
  isManaged: boolean,
  live: HostFacts['routes'],
): Rewrite {
  const { uplink, bridge } = spec;
  const names = namesOnBridge(scripts, uplink, bridge.name);
  const texts = new Map<string, string | null>();
  const like: Record<string, string> = {};
  const notes: string[] = [];
  const move = (from: string, to: string, content: string) => {
    texts.set(to, content);
    texts.set(from, null);
    like[to] = from;
    notes.push(`${from} becomes ${to}.`);
  };

  const { kept, taken } = divide(port.file, isNetworkSetting);
  const own = addressed(bridgeText(port, taken, spec, names, isManaged), spec.address);
  const path = bridgePath(bridge.name);
  const left = isManaged ? null : defaultToLeave(scripts, port, spec, live);
  texts.set(path, left === null ? own.text : withValue(own.text, parse(own.text), 'DEFROUTE', 'no'));
  like[path] = port.path;
  notes.push(...own.notes);
  if (left !== null) {
    notes.push(
      `${path} gets DEFROUTE=no: the default route of ${left} counts, as before, though ${bridge.name} comes up behind it.`,
    );
  }
  const after = portText(port, kept, spec);
  texts.set(port.path, after.text);
  notes.push(...after.notes);

  for (const { path: from, suffix, file } of aliasesOf(scripts, uplink)) {
    move(
      from,
      `${FOLDER}/ifcfg-${bridge.name}${suffix}`,
      renamed(print(file), ['DEVICE', ...LINK_SETTINGS], names),
    );
  }
  for (const { from, to, content } of movedFiles(scripts, port, names)) move(from, to, content);
  // NetworkManager brings links up side by side, and waits for what a route needs.
  const late = isManaged ? null : lateRoutes(scripts, spec, names, texts);
  for (const [each, content] of late?.texts ?? []) texts.set(each, content);
  Object.assign(like, late?.like);
  notes.push(...(late?.notes ?? []));
  for (const [other, content] of otherFiles(scripts, port, names)) {
    if (texts.has(other)) continue;
    texts.set(other, content);
    notes.push(`${other} names ${bridge.name} now, where it named ${uplink}.`);
  }
  const risks = [...(isManaged ? [] : orderRisks(scripts, port, spec, left)), ...namingRisks(texts, spec)];
  return { texts, like, notes, risks };
}

function bridgeText(
  port: Config,
  taken: readonly string[],
  spec: BridgeSpec,
  names: Names,
  isManaged: boolean,
): string {
  const shared = SHARED_SETTINGS.flatMap((name) => {
    const value = variable(port.file, name);
    return value === '' ? [] : [assign(name, value)];
  });
  const text = render('ifcfg/bridge.ejs', {
    bridge: spec.bridge.name,
    stp: spec.bridge.stp,
    forwardDelay: forwardDelay(spec),
    mac: spec.bridge.mac,
    uuid: isManaged ? profileUuid(spec) : '',
    moved: [...shared, ...taken],
  });
  return renamed(text, LINK_SETTINGS, names);
}

/** DEVICE is required beside BRIDGE, also where the NIC was found by its HWADDR. */
function portText({ file }: Config, kept: string, { uplink, bridge }: BridgeSpec) {
  const device = variable(file, 'DEVICE') === '' ? uplink : null;
  // An empty BRIDGE= would come last and win, or stand there for nothing.
  const rest = divide(
    parse(kept),
    (name) => name === 'BRIDGE' || (name === 'DEVICE' && device !== null),
  ).kept;
  const text = render('ifcfg/port.ejs', { kept: closed(rest), device, bridge: bridge.name });
  return atBoot(text, uplink);
}

/** A bridge without its port has no LAN, so both come up. */
export function atBoot(text: string, device: string): { text: string; notes: readonly string[] } {
  const file = parse(text);
  if (!isFalse(variable(file, 'ONBOOT'))) return { text, notes: [] };
  return {
    text: withValue(text, file, 'ONBOOT', 'yes'),
    notes: [`${device} comes up at boot from now on.`],
  };
}

/** Files of the bridge in which the name of the uplink stands all the same: in a command, or a setting of its own. */
function namingRisks(texts: ReadonlyMap<string, string | null>, { uplink, bridge }: BridgeSpec): Finding[] {
  const name = new RegExp(`(?<![\\w.:$-])${uplink.replaceAll('.', '\\.')}(?![\\w.-])`);
  return [...texts].flatMap(([path, content]) => {
    if (content === null || !path.includes(`-${bridge.name}`)) return [];
    const lines = content.split('\n');
    return lines.flatMap((line, index): Finding[] =>
      /^\s*#/.test(line) || !name.test(line)
        ? []
        : [
            {
              check: 'file-names-uplink',
              severity: 'warning',
              message: `"${line.trim()}" (line ${index + 1} of ${path}) names ${uplink}, and bridge-setup does not know what it does.`,
              remedy: `Check whether it should name ${bridge.name}, which has the addresses of ${uplink} from now on.`,
            },
          ],
    );
  });
}

/** The text with the names of links changed in some of its settings. */
function renamed(text: string, settings: readonly string[], names: Names): string {
  let after = text;
  for (const name of settings) {
    const file = parse(after);
    const value = variable(file, name);
    const [, head = '', link = ''] = /^(.*%)?(.*)$/s.exec(value) ?? [];
    const fresh = names.get(link);
    if (fresh !== undefined) after = withValue(after, file, name, head + fresh);
  }
  return withPrefixNames(after, names);
}

/** IPV6TO4_ROUTING="eth0-:f101::0/64 eth1-…": the links that get a prefix of 6to4, each before a hyphen. */
function withPrefixNames(text: string, names: Names): string {
  const file = parse(text);
  const value = variable(file, 'IPV6TO4_ROUTING');
  const fresh = value.replace(/(?<=^|\s)[^\s-]+(?=-)/g, (name) => names.get(name) ?? name);
  return fresh === value ? text : withValue(text, file, 'IPV6TO4_ROUTING', fresh);
}

/** Files of others that name the uplink as the way to somewhere. */
function otherFiles(scripts: NetworkScripts, port: Config, names: Names): Map<string, string> {
  const changed = otherRoutes(scripts, names);
  const others = scripts.configs
    .filter(({ path }) => path !== port.path)
    .map(({ path, file }) => ({ path, file }));
  for (const { path, file } of [{ path: NETWORK_FILE, file: scripts.network }, ...others]) {
    const before = print(file);
    const after = renamed(before, LINK_SETTINGS, names);
    if (after !== before) changed.set(path, after);
  }
  return changed;
}

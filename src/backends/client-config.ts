import { refusal } from '../errors.js';
import type { DhcpClientName, HostFacts } from '../model/facts.js';
import type { BridgeSpec } from '../model/spec.js';
import { readDhclientConf, renameInDhclientConf } from './dhclient-conf.js';
import { deniedBy, renameInDhcpcdConf } from './dhcpcd-conf.js';

const DHCLIENT_CONF = '/etc/dhcp/dhclient.conf';
const DHCPCD_CONF = '/etc/dhcpcd.conf';
/** Those, and RHEL's of single links, which may include others too. */
const DHCLIENT_FILES = /^\/etc\/(dhcp\/)?dhclient6?(-[^/]*)?\.conf$/;

/** Files of DHCP clients that change with the bridge. */
interface ClientConfig {
  /** New content by path. */
  readonly changed: Readonly<Record<string, string>>;
  /** What changed, in sentences. */
  readonly notes: readonly string[];
}

/**
 * What the clients' own files say of the uplink is said of the bridge, which has the lease now. It does not stay for the
 * uplink as well: dhclient leases for every link that has an `interface` declaration, whichever it is started for
 * (dhclient.conf(5)), and so the port would get an address of its own.
 * @param clients those that work on the bridge from now on
 */
export function clientConfig(
  files: HostFacts['files'],
  clients: readonly DhcpClientName[],
  { uplink, bridge }: BridgeSpec,
): ClientConfig {
  const texts = new Map<string, string>();
  if (clients.includes('dhclient')) {
    for (const path of dhclientFiles(files)) {
      const text = files[path]?.content ?? '';
      refuseUnclear(path, text, uplink);
      texts.set(path, renameInDhclientConf(text, uplink, bridge.name));
    }
  }
  const dhcpcd = files[DHCPCD_CONF]?.content;
  if (clients.includes('dhcpcd') && dhcpcd !== undefined) {
    refuseDenied(dhcpcd, bridge.name);
    texts.set(DHCPCD_CONF, renameInDhcpcdConf(dhcpcd, uplink, bridge.name));
  }
  const changed = [...texts].filter(([path, text]) => text !== files[path]?.content);
  return {
    changed: Object.fromEntries(changed),
    notes: changed.map(([path]) => `${path} names ${bridge.name} now, where it named ${uplink}.`),
  };
}

/** The file of all links, and what is included; files of a single link are moved with it. */
function dhclientFiles(files: HostFacts['files']): string[] {
  const found = new Set([DHCLIENT_CONF]);
  const visited = new Set<string>();
  const visit = (path: string) => {
    if (visited.has(path)) return;
    visited.add(path);
    for (const included of readDhclientConf(files[path]?.content ?? '').includes) {
      found.add(included);
      visit(included);
    }
  };
  for (const path of Object.keys(files)) if (DHCLIENT_FILES.test(path)) visit(path);
  return [...found].filter((path) => Object.hasOwn(files, path));
}

function refuseUnclear(path: string, text: string, uplink: string): void {
  const { problem } = readDhclientConf(text);
  if (problem === null || !text.includes(uplink)) return;
  throw refusal(
    'dhclient-conf-unclear',
    `${path} cannot be understood: ${problem.message}, in line ${problem.line}. It names ${uplink}, so it would have to name the bridge.`,
    [{ message: `${path}, line ${problem.line}: ${problem.message}` }],
    `Correct the file, then run bridge-setup again. dhclient itself tells what it does not take: dhclient -T -cf ${path}`,
  );
}

function refuseDenied(text: string, bridge: string): void {
  const lines = deniedBy(text, bridge);
  if (lines.length === 0) return;
  throw refusal(
    'dhcpcd-denies-bridge',
    `${DHCPCD_CONF} keeps dhcpcd off ${bridge}, so ${bridge} would get no address.`,
    lines.map((line) => ({ path: 'bridge.name', message: `${DHCPCD_CONF}, line ${line}: denyinterfaces` })),
    `Choose another name for the bridge, or take ${bridge} out of that line.`,
  );
}

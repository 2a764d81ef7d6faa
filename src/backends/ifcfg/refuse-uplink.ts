import { refusal } from '../../errors.js';
import { linkNamed } from '../../model/links.js';
import { configOf } from './files.js';
import type { Rule } from './refuse.js';
import { variable } from './shell.js';

/** Types of links that take any Ethernet frame; a missing TYPE is one, too. */
const BRIDGEABLE = ['', 'ethernet', 'bond', 'vlan'];
/** What ifup-eth knows; the rest are ways of NetworkManager, or take the address from the firmware. */
const METHODS = ['', 'none', 'static', 'dhcp', 'bootp'];

const isBridge: Rule = ({ port, spec: { uplink } }) => {
  if (!/^bridge$/i.test(variable(port.file, 'TYPE'))) return undefined;
  return refusal(
    'uplink-is-bridge',
    `${uplink} is a bridge itself (${port.path}).`,
    [{ path: 'bridge.uplink', message: 'is a bridge itself' }],
    `Set bridge.name to "${uplink}", and bridge.uplink to its port.`,
  );
};

const useBridge = (master: string) => `Use that bridge: set bridge.name to "${master}".`;
const takeOut = (_: string, path: string) =>
  `Take it out of there first (${path}), or choose another uplink.`;

/** What to do with the port of something else; a bond can be the uplink. */
const REMEDIES: Readonly<Record<string, (master: string, path: string) => string>> = {
  BRIDGE: useBridge,
  BRIDGE_UUID: useBridge,
  // Neither has been made the port of a bridge by files of this kind.
  TEAM_MASTER: takeOut,
  OVS_BRIDGE: takeOut,
};

const isPort: Rule = ({ port, spec: { uplink, bridge } }) => {
  for (const name of ['BRIDGE', 'MASTER', 'TEAM_MASTER', 'OVS_BRIDGE', 'BRIDGE_UUID', 'MASTER_UUID']) {
    const master = variable(port.file, name);
    if (master === '' || (name === 'BRIDGE' && master === bridge.name)) continue;
    // NetworkManager writes both.
    if (name === 'BRIDGE_UUID' && variable(port.file, 'BRIDGE') === bridge.name) continue;
    return refusal(
      'uplink-is-port',
      `${uplink} is already a port of ${master} (${name} in ${port.path}).`,
      [{ path: 'bridge.uplink', message: `it belongs to ${master}` }],
      REMEDIES[name]?.(master, port.path) ?? `Set bridge.uplink to "${master}", the bond.`,
    );
  }
  return undefined;
};

const type: Rule = ({ port, spec: { uplink } }) => {
  const value = variable(port.file, 'TYPE');
  const team = ['TEAM_CONFIG', 'TEAM_PORT_CONFIG'].find((name) => variable(port.file, name) !== '');
  const wireless = ['ESSID', 'MODE'].find((name) => variable(port.file, name) !== '');
  const what =
    team ?? (/^Team/.test(variable(port.file, 'DEVICETYPE')) ? 'DEVICETYPE' : undefined) ?? wireless;
  if (what === undefined && BRIDGEABLE.includes(value.toLowerCase())) return undefined;
  return refusal(
    'uplink-type-not-supported',
    `${what === undefined ? `TYPE=${value}` : what} in ${port.path}: ${uplink} is no wired NIC, bond or VLAN.`,
    [{ path: 'bridge.uplink', message: 'cannot be the port of a bridge, or was never tried' }],
    'Choose a wired uplink.',
  );
};

const method: Rule = ({ port, scripts, spec: { uplink, bridge } }) => {
  for (const config of [port, configOf(scripts, bridge.name)]) {
    const value = config === null ? '' : variable(config.file, 'BOOTPROTO');
    if (config === null || METHODS.includes(value)) continue;
    return refusal(
      'method-not-supported',
      `BOOTPROTO=${value} in ${config.path} cannot be moved to a bridge of ${uplink}.`,
      [],
      'Small letters count: write dhcp or none there, or choose another uplink.',
    );
  }
  return undefined;
};

/** ifup-eth compares before anything else, and gives up: "has different MAC address than expected, ignoring". */
const hardware: Rule = ({ port, facts, spec: { uplink } }) => {
  const wanted = variable(port.file, 'HWADDR').toLowerCase();
  const mac = linkNamed(facts, uplink)?.mac?.toLowerCase();
  if (
    wanted === '' ||
    mac === undefined ||
    [wanted, variable(port.file, 'MACADDR').toLowerCase()].includes(mac)
  )
    return undefined;
  return refusal(
    'hwaddr-differs',
    `${port.path} is for the MAC address ${wanted}, but ${uplink} has ${mac}: at the next boot ifup would pass it over.`,
    [],
    `Correct HWADDR in ${port.path}.`,
  );
};

/** Options for dhclient(8) may hold anything, the name of the link among it. */
const clientOptions: Rule = ({ port, spec: { uplink } }) => {
  for (const name of ['DHCLIENTARGS', 'DHCPV6C_OPTIONS']) {
    const value = variable(port.file, name);
    if (!/(^|\s)-(lf|pf|cf|sf|r|x)\b/.test(value) && !value.split(/\s+/).includes(uplink)) continue;
    return refusal(
      'dhcp-options-not-supported',
      `${name}="${value}" (${port.path}) names files or links, and would mean something else on a bridge.`,
      [],
      'Remove what is about files and links from it.',
    );
  }
  return undefined;
};

/** The bridge's own file: HWADDR there makes udev rename the NIC to the bridge's name. */
const bridgeHardware: Rule = ({ scripts, spec: { bridge } }) => {
  const config = configOf(scripts, bridge.name);
  if (config === null || variable(config.file, 'HWADDR') === '') return undefined;
  return refusal(
    'bridge-has-hwaddr',
    `HWADDR in ${config.path} makes udev give the NIC the name ${bridge.name} at the next boot.`,
    [],
    'Write MACADDR instead of HWADDR there.',
  );
};

/** What keeps this uplink from being the port of this bridge. */
export const UPLINK_RULES: readonly Rule[] = [
  isBridge,
  isPort,
  type,
  method,
  hardware,
  bridgeHardware,
  clientOptions,
];

import { refusal } from '../../errors.js';
import { longAliasName } from '../alias-name.js';
import { fixedAddresses } from './address.js';
import { aliasesOf, type Config, FOLDER, isConverted, scriptFiles } from './files.js';
import { managerOf } from './network-manager.js';
import type { Rule } from './refuse.js';
import { movedFiles, namesOnBridge } from './routes.js';
import { isFalse } from './settings.js';
import { variable } from './shell.js';

/** Settings of other links that stand on the uplink: sysconfig.txt, nm-settings-ifcfg-rh(5), ifup-ppp. */
const ON_TOP = ['PHYSDEV', 'PARENTDEVICE', 'MACVLAN_PARENT', 'ETH'];

const deviceMissing: Rule = ({ port, spec }) => {
  if (variable(port.file, 'DEVICE') !== '' || variable(port.file, 'HWADDR') !== '') return undefined;
  return refusal(
    'ifcfg-without-device',
    `${port.path} has neither DEVICE nor HWADDR, so the network scripts cannot bring up ${spec.uplink} by it.`,
    [],
    `Write DEVICE=${spec.uplink} into it; or remove it, if something else configures ${spec.uplink}.`,
  );
};

const carries: Rule = ({ scripts, port, spec }) => {
  const { uplink, bridge } = spec;
  const isVlan = ({ device, file }: Config) =>
    (device.startsWith(`${uplink}.`) && /^\d+$/.test(device.slice(uplink.length + 1))) ||
    (!isFalse(variable(file, 'VLAN') || 'no') && variable(file, 'PHYSDEV') === uplink);
  const hit = scripts.configs.find((config) => {
    if (config.path === port.path || config.device === bridge.name) return false;
    return isVlan(config) || ON_TOP.some((name) => variable(config.file, name) === uplink);
  });
  if (hit === undefined) return undefined;
  const remove = `emove its file and the link first: ifdown ${hit.name}; mv ${hit.path} /root/`;
  return refusal(
    'uplink-carries',
    `${hit.device} stands on ${uplink} (${hit.path}), and would be left hanging on a port of the bridge.`,
    [{ path: 'bridge.uplink', message: `${hit.device} stands on it` }],
    // A modem's link or a macvlan can be no port.
    isVlan(hit) ? `Set bridge.uplink to "${hit.device}", or r${remove}` : `R${remove}`,
  );
};

const nameTaken: Rule = ({ scripts, spec }) => {
  const { uplink, bridge } = spec;
  if (isConverted(scripts, bridge.name, uplink)) return undefined;
  const taken = scripts.configs.find(({ device, name }) => device === bridge.name || name === bridge.name);
  if (taken === undefined) return undefined;
  return refusal(
    'bridge-name-taken',
    `${taken.path} configures ${taken.device} already, and ${uplink} is not its port.`,
    [{ path: 'bridge.name', message: 'the name is in use' }],
    'Choose another name for the bridge, or remove that file.',
  );
};

/** Two files cannot become one, and one that is there already may mean something else. */
const fileTaken: Rule = ({ scripts, port, spec }) => {
  const { uplink, bridge } = spec;
  if (isConverted(scripts, bridge.name, uplink)) return undefined;
  const names = namesOnBridge(scripts, uplink, bridge.name);
  const moved = movedFiles(scripts, port, names);
  const targets = [
    ...moved.map(({ to }) => to),
    ...aliasesOf(scripts, uplink).map(({ suffix }) => `${FOLDER}/ifcfg-${bridge.name}${suffix}`),
  ];
  const twice = targets.find((path, index) => targets.indexOf(path) !== index);
  const present = targets.find((path) => Object.hasOwn(scripts.files, path));
  const path = twice ?? present;
  if (path === undefined) return undefined;
  const sources = moved.filter(({ to }) => to === path).map(({ from }) => from);
  return refusal(
    'file-taken',
    twice === undefined
      ? `${path} is there already, and nothing tells what it is for.`
      : `${sources.join(' and ')} would both become ${path}.`,
    [],
    twice === undefined
      ? `Move it out of the way: mv ${path} /root/`
      : 'Put the lines of both into one file.',
  );
};

const aliasName: Rule = ({ scripts, spec }) =>
  longAliasName(
    aliasesOf(scripts, spec.uplink)
      .filter(({ suffix }) => suffix.startsWith(':'))
      .map(({ suffix }) => spec.bridge.name + suffix),
  );

const address: Rule = ({ port }) => {
  const hit = fixedAddresses(port.file).find(({ text }) => text === null);
  if (hit === undefined) return undefined;
  return refusal(
    'address-unreadable',
    `IPADDR${hit.suffix}=${hit.address} with its PREFIX or NETMASK (${port.path}) is no address that ifup can set.`,
    [],
    'Correct it, like IPADDR=192.168.1.10 and PREFIX=24.',
  );
};

/** Passwords of 802.1X and Wi-Fi stand in a file beside it (network-functions, `source_config`). */
const keys: Rule = ({ scripts, port, spec }) => {
  const name = scriptFiles(scripts.files, 'keys-').find((each) => [port.name, spec.uplink].includes(each));
  const setting = ['KEY_MGMT', 'IEEE_8021X_EAP_METHODS', 'IEEE_8021X_IDENTITY', 'SECURITYMODE'].find(
    (each) => variable(port.file, each) !== '',
  );
  if (name === undefined && setting === undefined) return undefined;
  return refusal(
    'uplink-has-supplicant',
    `${name === undefined ? `${setting} in ${port.path}` : `${FOLDER}/keys-${name}`}: ${spec.uplink} authenticates itself to the network, and a bridge would break that.`,
    [],
    'Choose a wired uplink without 802.1X.',
  );
};

/** Its plugin ifcfg-rh leaves all routes out beside such a file (`utils_has_complex_routes`). */
const rulesOfScripts: Rule = ({ scripts, port, spec, facts }) => {
  if (managerOf(facts, spec.uplink) === null) return undefined;
  const names = [port.name, spec.uplink].flatMap((name) => [`rule-${name}`, `rule6-${name}`]);
  const name = names.find((each) => Object.hasOwn(scripts.files, `${FOLDER}/${each}`));
  if (name === undefined) return undefined;
  return refusal(
    'rules-beside-networkmanager',
    `${FOLDER}/${name} is nothing that NetworkManager reads: it leaves these rules, and the routes of ${spec.uplink}, to a script.`,
    [],
    `Leave ${spec.uplink} to the network service (NM_CONTROLLED=no, and boot anew), or write ROUTING_RULE_0=… into ${port.path}.`,
  );
};

/** What stands in the way in these files, or beside them. */
export const FILE_RULES: readonly Rule[] = [
  deviceMissing,
  keys,
  carries,
  nameTaken,
  fileTaken,
  aliasName,
  address,
  rulesOfScripts,
];

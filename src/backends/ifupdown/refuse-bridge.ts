import { refusal } from '../../errors.js';
import { longAliasName } from '../alias-name.js';
import { aliasesOf, bridgePorts, holds, stanzasOf } from './files.js';
import { isHook, leasesAddress } from './hooks.js';
import { bondSlave, carries } from './refuse-carries.js';
import type { Rule } from './refuse-files.js';
import { optionsOf } from './syntax.js';

/** Methods whose stanza works on a bridge as it does on a NIC. */
const MOVABLE: Readonly<Record<string, readonly string[]>> = {
  inet: ['static', 'dhcp', 'manual', 'bootp', 'ipv4ll'],
  inet6: ['auto', 'static', 'dhcp', 'manual'],
};

const uplinkIsBridge: Rule = (interfaces, { uplink }) => {
  const option = stanzasOf(interfaces, uplink)
    .flatMap(optionsOf)
    .find(({ name }) => /^bridge[-_]/.test(name));
  if (option === undefined) return undefined;
  return refusal(
    'uplink-is-bridge',
    `The stanza of ${uplink} has an option of a bridge ("${option.line.text}").`,
    [{ path: 'bridge.uplink', message: 'is a bridge itself' }],
    `Set bridge.name to "${uplink}" and bridge.uplink to its port, or remove that line.`,
  );
};

const ports: Rule = (interfaces, { uplink, bridge }) => {
  for (const iface of interfaces.ifaces) {
    const names = bridgePorts(iface) ?? [];
    if (iface.name !== bridge.name && names.includes(uplink)) {
      return refusal(
        'uplink-is-port',
        `${uplink} is already a port of ${iface.name} (${iface.path}).`,
        [{ path: 'bridge.name', message: `the bridge of ${uplink} is ${iface.name}` }],
        `Use that bridge: set bridge.name to "${iface.name}".`,
      );
    }
    if (names.some((name) => ['all', 'regex'].includes(name))) {
      return refusal(
        'bridge-ports-pattern',
        `${iface.name} takes its ports by a pattern ("${names.join(' ')}", ${iface.path}).`,
        [],
        'Name its ports one by one.',
      );
    }
  }
  return undefined;
};

const nameTaken: Rule = (interfaces, { uplink, bridge }) => {
  const stanzas = stanzasOf(interfaces, bridge.name);
  if (stanzas.length === 0 || holds(stanzas, uplink)) return undefined;
  return refusal(
    'bridge-name-taken',
    `${bridge.name} has a stanza in ${stanzas[0]?.path}, and ${uplink} is not one of its ports.`,
    [{ path: 'bridge.name', message: 'the name is in use' }],
    'Choose another name for the bridge.',
  );
};

const missing: Rule = (interfaces, { uplink, bridge }) => {
  const present = stanzasOf(interfaces, uplink).length > 0;
  if (present || holds(stanzasOf(interfaces, bridge.name), uplink)) return undefined;
  return refusal(
    'uplink-not-in-interfaces',
    `${uplink} has no iface stanza in /etc/network/interfaces or a file it sources.`,
    [{ path: 'bridge.uplink', message: 'ifupdown does not configure it' }],
    'Choose the uplink that ifupdown configures, or give this one a stanza.',
  );
};

const addressOnPort: Rule = (interfaces, { uplink, bridge }) => {
  if (!holds(stanzasOf(interfaces, bridge.name), uplink)) return undefined;
  const names = [uplink, ...aliasesOf(interfaces, uplink)];
  const iface = interfaces.ifaces.find(({ name, method }) => names.includes(name) && method !== 'manual');
  if (iface === undefined) return undefined;
  return refusal(
    'port-has-address',
    `${uplink} is a port of ${bridge.name}, yet "${iface.line.text}" (${iface.path}) gives it an address of its own.`,
    [],
    `Make it "iface ${uplink} inet manual", or move its address to ${bridge.name}.`,
  );
};

const methods: Rule = (interfaces, { uplink }) => {
  const names = [uplink, ...aliasesOf(interfaces, uplink)];
  const iface = interfaces.ifaces.find(
    ({ name, family, method }) => names.includes(name) && !MOVABLE[family ?? '']?.includes(method ?? ''),
  );
  if (iface === undefined) return undefined;
  return refusal(
    'method-not-supported',
    `"${iface.line.text}" (${iface.path}) cannot be moved to a bridge.`,
    [],
    'Choose another uplink, or configure it with static or dhcp.',
  );
};

const supplicant: Rule = (interfaces, { uplink }) => {
  const option = stanzasOf(interfaces, uplink)
    .flatMap(optionsOf)
    .find(({ name }) => /^(wpa|wireless)[-_]/.test(name));
  if (option === undefined) return undefined;
  return refusal(
    'uplink-has-supplicant',
    `"${option.line.text}": ${uplink} authenticates itself to the network, and a bridge would break that.`,
    [],
    'Choose a wired uplink without 802.1X.',
  );
};

/** A client that ifup does not know of: on the port it would lease an address there, at each boot. */
const leaseByHook: Rule = (interfaces, { uplink }) => {
  const stanzas = stanzasOf(interfaces, uplink);
  const found = stanzas.flatMap((stanza) =>
    optionsOf(stanza)
      .filter((option) => isHook(option) && leasesAddress(option, uplink))
      .map((option) => ({ option, stanza })),
  );
  const [first] = found;
  if (first === undefined) return undefined;
  return refusal(
    'hook-starts-dhcp',
    `A command of ${uplink} starts a DHCP client by itself, which would lease an address for the port of the bridge at each boot.`,
    found.map(({ option, stanza: { path } }) => ({
      message: `${path}:${option.line.number}: "${option.line.text}"`,
    })),
    `Write it as ifup knows it, "iface ${uplink} inet dhcp" (inet6 for DHCPv6), and remove that command.`,
  );
};

const aliasName: Rule = (interfaces, { uplink, bridge }) =>
  longAliasName(aliasesOf(interfaces, uplink).map((alias) => bridge.name + alias.slice(uplink.length)));

/** What keeps this uplink from being the port of this bridge. */
export const BRIDGE_RULES: readonly Rule[] = [
  uplinkIsBridge,
  ports,
  carries,
  bondSlave,
  nameTaken,
  missing,
  addressOnPort,
  methods,
  supplicant,
  leaseByHook,
  aliasName,
];

import type { HostFacts, Link } from '../../model/facts.js';
import type { Finding } from '../../model/finding.js';
import { linkNamed } from '../../model/links.js';
import { bridgeDown, bridgeNotThere, error } from '../difference.js';
import { compareIpv4, compareIpv6 } from './compare-addresses.js';
import { comparePorts, compareSettings } from './compare-bridge.js';
import { compareGateways } from './compare-gateways.js';
import { comparison } from './comparison.js';
import { bridgePorts, type Interfaces, isAutomatic, readInterfaces, stanzasOf } from './files.js';

/**
 * A dry parse of the files against the network: where the next boot would make another one of it. Nothing on a host
 * that has no such bridge, neither in the files nor there.
 */
export function differences(facts: HostFacts, bridge: string): Finding[] {
  const interfaces = readInterfaces(facts.files);
  const stanzas = stanzasOf(interfaces, bridge);
  const link = linkNamed(facts, bridge);
  const isMade = stanzas.some((stanza) => bridgePorts(stanza) !== null);
  if (!isMade) return link === null ? [] : notInFiles(facts, interfaces, link);
  const found = [
    ...unreadable(interfaces, bridge),
    ...atBoot(interfaces, bridge),
    ...ownStanzas(interfaces, bridge),
  ];
  if (link === null || link.kind !== 'bridge')
    return [...found, bridgeNotThere(bridge, link, stanzas[0]?.path ?? '')];
  if (!link.up) found.push(bridgeDown(bridge));
  const compared = comparison(facts, interfaces, link);
  const parts = [comparePorts, compareSettings, compareIpv4, compareIpv6, compareGateways];
  return [...found, ...parts.flatMap((part) => part(compared))];
}

/** The bridge of a host whose NIC ifupdown configures, and the bridge not. */
function notInFiles(facts: HostFacts, interfaces: Interfaces, bridge: Link): Finding[] {
  const ports = facts.links.filter(({ master }) => master === bridge.name).map(({ name }) => name);
  const stanza = interfaces.ifaces.find(({ name }) => ports.includes(name));
  if (bridge.kind !== 'bridge' || stanza === undefined) return [];
  return [
    error(
      'bridge-not-in-files',
      `${stanza.name} is the port of ${bridge.name}, but no file makes this bridge: at the next boot "${stanza.line.text}" (${stanza.path}) counts.`,
      'Run bridge-setup again, or put the file back that made the bridge.',
    ),
  ];
}

function unreadable({ problems }: Interfaces, bridge: string): Finding[] {
  return problems.map(({ path, line, message }) =>
    error(
      'interfaces-unreadable',
      `${path}, line ${line}: ${message}. ifup reads no further, so ${bridge} may not come up.`,
      'Correct the line; `ifquery --list` tells whether ifup takes it.',
    ),
  );
}

function atBoot(interfaces: Interfaces, bridge: string): Finding[] {
  // A pattern (`auto /br*`) may well mean it.
  const patterns = interfaces.selected.some(({ name }) => name.startsWith('/'));
  if (patterns || isAutomatic(interfaces, bridge)) return [];
  return [
    error(
      'bridge-not-at-boot',
      `No file brings ${bridge} up at boot.`,
      `Write the line "auto ${bridge}" in front of its stanza.`,
    ),
  ];
}

/** A port has no address of its own, and ifup would give it one. */
function ownStanzas(interfaces: Interfaces, bridge: string): Finding[] {
  const ports = stanzasOf(interfaces, bridge).flatMap((stanza) => bridgePorts(stanza) ?? []);
  return interfaces.ifaces
    .filter(({ name, method }) => ports.includes(name.replace(/:.*$/, '')) && method !== 'manual')
    .map(({ name, line, path }) =>
      error(
        'port-has-stanza',
        `${name} is the port of ${bridge}, yet "${line.text}" (${path}) gives it an address of its own.`,
        `Make it "iface ${name} inet manual".`,
      ),
    );
}

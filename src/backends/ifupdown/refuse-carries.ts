import { refusal } from '../../errors.js';
import type { BridgeSpec } from '../../model/spec.js';
import { bridgePorts, holds, stanzasOf } from './files.js';
import type { Rule } from './refuse-files.js';
import type { Stanza } from './stanza.js';
import { optionsOf, optionValue, words } from './syntax.js';

/** Values of bonding's options that name no link. */
const NO_LINK = ['none', 'all'];

/**
 * Links that the files put on top of the uplink, whether they are up now or not: the next boot would hang them on a port of
 * the bridge, which gets all frames.
 */
export const carries: Rule = ({ ifaces, ...interfaces }, spec) => {
  const { uplink, bridge } = spec;
  if (holds(stanzasOf({ ...interfaces, ifaces }, bridge.name), uplink)) return undefined;
  const found = ifaces.flatMap((stanza) => vlansOf(stanza, spec).map((name) => ({ name, stanza })));
  const [first] = found;
  if (first === undefined) return undefined;
  const names = [...new Set(found.map(({ name }) => name))];
  return refusal(
    'uplink-carries',
    `VLANs stand on ${uplink} in the files, and would be left hanging on a port of the bridge: ${names.join(', ')}.`,
    found.map(({ stanza: { path, line } }) => ({
      path: 'bridge.uplink',
      message: `${path}:${line.number}: "${line.text}"`,
    })),
    `Bridge one of them: set bridge.uplink to "${first.name}". Or remove their stanzas first, and the links ("ifdown ${first.name}").`,
  );
};

/** By its name, by `vlan-raw-device`, or as the port of another bridge, for which bridge-utils makes it. */
function vlansOf(stanza: Stanza, { uplink, bridge }: BridgeSpec): string[] {
  const isOwn = [uplink, bridge.name].includes(stanza.name.replace(/:.*$/, ''));
  if (isOwn) return [];
  const isVlan = (name: string) =>
    name.startsWith(`${uplink}.`) && /^\d+$/.test(name.slice(uplink.length + 1));
  const isRaw = optionValue(stanza, 'vlan-raw-device') === uplink;
  const link = stanza.name.replace(/:.*$/, '');
  return [...(isRaw || isVlan(link) ? [link] : []), ...(bridgePorts(stanza) ?? []).filter(isVlan)];
}

/** A bond that takes the uplink as soon as either comes up. */
export const bondSlave: Rule = ({ ifaces }, { uplink }) => {
  const own = ifaces.find(({ name }) => name === uplink);
  const master = own === undefined ? null : optionValue(own, 'bond-master');
  const bond =
    master !== null && !NO_LINK.includes(master)
      ? { name: master, stanza: own }
      : ifaces
          .filter((stanza) => slavesOf(stanza).includes(uplink))
          .map((stanza) => ({ name: stanza.name, stanza }))[0];
  if (bond?.stanza === undefined) return undefined;
  return refusal(
    'uplink-is-port',
    `${uplink} belongs to the bond ${bond.name} ("${bond.stanza.line.text}", ${bond.stanza.path}).`,
    [{ path: 'bridge.uplink', message: `it belongs to ${bond.name}` }],
    `Use the bond as the uplink instead: set bridge.uplink to "${bond.name}".`,
  );
};

/** ifenslave takes `bond-slaves` and, of old, `slaves`. */
function slavesOf(stanza: Stanza): string[] {
  return optionsOf(stanza)
    .filter(({ name }) => ['bond-slaves', 'slaves'].includes(name.replaceAll('_', '-')))
    .flatMap(({ value }) => words(value));
}

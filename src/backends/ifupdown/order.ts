import { type Interfaces, stanzasOf } from './files.js';
import { isAuto } from './selection.js';
import type { Line } from './syntax.js';

/**
 * The `auto` line in which the bridge has to take the place of the uplink, so that `ifup -a` brings interfaces up in the
 * order of before: others follow that line's word for the uplink, and would come up before an `auto br0` at its stanza.
 * `null` where no other interface is in between.
 * @param own the uplink and its aliases
 */
export function placeInOrder(interfaces: Interfaces, uplink: string, own: readonly string[]): Line | null {
  const { nodes } = interfaces;
  const first = stanzasOf(interfaces, uplink)[0]?.line;
  const start = nodes.findIndex((node) => isAuto(node) && node.names.includes(uplink));
  const end = nodes.findIndex(({ line }) => line === first);
  const place = nodes[start];
  if (place === undefined || end < start) return null;
  const between = nodes.slice(start, end).flatMap((node, index) => {
    if (!isAuto(node)) return [];
    return index === 0 ? node.names.slice(node.names.indexOf(uplink) + 1) : node.names;
  });
  return between.every((name) => name === 'lo' || own.includes(name)) ? null : place.line;
}

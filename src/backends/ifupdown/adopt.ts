import type { HostFacts } from '../../model/facts.js';
import type { BridgeSpec } from '../../model/spec.js';
import { type Addressing, addressed } from './address.js';
import { adjusted } from './bridge.js';
import { bridgePorts, type Interfaces, isAutomatic, stanzasOf } from './files.js';
import type { Rewrite } from './move.js';
import { closed, newOption, stanzaText, styleOf } from './options.js';
import type { Iface, Line } from './syntax.js';
import { indentOf } from './syntax.js';

/** A bridge that has the uplink as its port already: only what differs from what is wanted is written anew. */
export function adoptBridge(interfaces: Interfaces, spec: BridgeSpec, facts: HostFacts): Rewrite {
  const stanzas = stanzasOf(interfaces, spec.bridge.name);
  const addressing = addressed(stanzas, spec.address);
  const creator = stanzas.find((stanza) => bridgePorts(stanza) !== null);
  const parts = new Map<Line, string>();
  const notes = [...addressing.notes];

  stanzas.forEach((stanza, index) => {
    let after: Iface = addressing.changed.get(stanza) ?? stanza;
    if (bridgePorts(stanza) !== null) after = adjusted(after, spec, facts, stanza === creator);
    const added = stanza === creator ? addressing.added : null;
    const isStarted = index > 0 || isAutomatic(interfaces, spec.bridge.name);
    // One that inherits stays as it is written, unless something has to change.
    if (after === stanza && added === null && isStarted) return;
    let text = added === null ? stanzaText(after) : withInet(after, spec, added);
    if (!isStarted) {
      text = `${indentOf(stanza.line)}auto ${spec.bridge.name}${styleOf(stanza).end}${text}`;
      notes.push(`${spec.bridge.name} comes up at boot from now on.`);
    }
    parts.set(stanza.line, text);
  });
  return { parts, inserted: new Map(), notes, risks: [] };
}

/** The stanza that creates the bridge, and behind it an inet stanza that was missing. */
function withInet(creator: Iface, { uplink, bridge }: BridgeSpec, added: NonNullable<Addressing['added']>) {
  const style = styleOf(creator);
  const options = [['bridge_ports', uplink] as const, ...added.options];
  const lines = options.map(([name, value]) => newOption(name, value, style).line.raw);
  // Comments and blank lines at the end of a stanza are about what comes next.
  const end = creator.body.findLastIndex(({ kind }) => kind !== 'trivia') + 1;
  const own = stanzaText({ ...creator, body: creator.body.slice(0, end) });
  const next = creator.body.slice(end).map(({ line }) => line.raw);
  const head = `${indentOf(creator.line)}iface ${bridge.name} inet ${added.method}${style.end}`;
  return [closed(own, style.end), style.end, head, ...lines, ...next].join('');
}

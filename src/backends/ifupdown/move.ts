import type { Finding } from '../../model/finding.js';
import type { BridgeSpec } from '../../model/spec.js';
import { type Addressing, addressed } from './address.js';
import { bridgeOptions } from './bridge.js';
import { divide, type Halves, withHooksOnBridge } from './divide.js';
import { aliasesOf, type Interfaces, isAutomatic, isStart, stanzasOf } from './files.js';
import { hookRisk } from './hook-risks.js';
import { wordsWithout } from './logical.js';
import { closed, newOption, renamed, stanzaText } from './options.js';
import { placeInOrder } from './order.js';
import { reselected } from './selection.js';
import type { Stanza } from './stanza.js';
import type { BodyNode, Iface, Line } from './syntax.js';
import { indentOf } from './syntax.js';

/** Parts of the files that are written anew, by the line that they begin with; all others stay as they are. */
export interface Rewrite {
  readonly parts: ReadonlyMap<Line, string>;
  /** Stanzas that come in front of a part, by the line that it begins with. */
  readonly inserted: ReadonlyMap<Line, string>;
  /** What was moved, kept or dropped, in sentences. */
  readonly notes: readonly string[];
  /** What a person has to check. */
  readonly risks: readonly Finding[];
}

/**
 * The uplink's stanzas become those of the bridge, in the files they stand in. What is about the NIC stays behind
 * in a `manual` stanza; that one is brought up by name only when it holds something, since bridge-utils brings its
 * ports up itself.
 */
export function moveToBridge(interfaces: Interfaces, spec: BridgeSpec): Rewrite {
  const { uplink, bridge } = spec;
  const names = new Map([[uplink, bridge.name]]);
  for (const alias of aliasesOf(interfaces, uplink)) {
    names.set(alias, bridge.name + alias.slice(uplink.length));
  }
  const parts = new Map<Line, string>();
  const inserted = new Map<Line, string>();
  const words = wordsWithout(interfaces, uplink);
  const stanzas = stanzasOf(interfaces, uplink);
  const addressing = addressed(stanzas, spec.address);
  const halves = stanzas.map((stanza) => divide(addressing.changed.get(stanza) ?? stanza, spec, stanza));
  const notes = [
    ...addressing.notes,
    ...stanzas.flatMap((stanza) => originOf(stanza, spec)),
    ...halves.flatMap((half) => half.notes),
  ];
  const line = placeInOrder(interfaces, uplink, [...names.keys()]);
  const started = startedNames(interfaces, halves, names, uplink);
  const place = line === null ? null : { line, uplink, names: started.join(' ') };
  for (const { nodes } of interfaces.files.values()) {
    for (const node of nodes) {
      if (node.kind === 'selection') parts.set(node.line, reselected(node, { names, words, place }));
    }
  }
  stanzas.forEach((stanza, index) => {
    const half = halves[index];
    if (half === undefined) return;
    const first: First = {
      started: place === null ? started : [],
      hotplug: interfaces.selected.some(
        ({ keyword, name }) => keyword === 'allow-hotplug' && name === uplink,
      ),
      added: addressing.added,
    };
    const text = index === 0 ? firstStanza(half, spec, first) : laterStanza(half, spec);
    if (stanza.logical === null) parts.set(stanza.line, text);
    else inserted.set(stanza.line, closed(text, half.style.end) + half.style.end);
  });

  const others: Halves[] = [];
  for (const iface of interfaces.ifaces) {
    if (iface.name === uplink) continue;
    const name = names.get(iface.name);
    const half = withHooksOnBridge(iface, spec);
    others.push(half);
    if (name === undefined) {
      if (half.isChanged) parts.set(iface.line, stanzaText({ ...iface, body: half.own }));
      notes.push(...half.notes.map((note) => `${iface.name}: ${note}`));
      continue;
    }
    // A bare "auto" meant the alias, which comes up behind the bridge.
    const body = half.own.filter((node) => node.kind !== 'selection' || !isStart(node.keyword));
    parts.set(iface.line, stanzaText(renamed({ ...iface, body }, { name })));
    notes.push(
      `${iface.name} becomes ${name}; after "ifdown ${bridge.name} && ifup ${bridge.name}", "ifup ${name}" brings it back.`,
      ...originOf(iface, spec),
      ...half.notes,
    );
  }
  notes.push(...[...words].filter(([, to]) => to !== '').map(([from, to]) => `"${from}" becomes "${to}".`));
  const risks = [...halves, ...others].flatMap(({ doubts }) => doubts.map((each) => hookRisk(each, spec)));
  return { parts, inserted, notes, risks };
}

/**
 * What boot brings up from now on, in this order: the port where it is configured, the bridge, and the aliases that came up
 * before, which need the bridge.
 */
function startedNames(
  interfaces: Interfaces,
  halves: readonly Halves[],
  names: ReadonlyMap<string, string>,
  uplink: string,
): string[] {
  const port = halves.some((half) => half.port.length > 0) ? [uplink] : [];
  const isStarted = (name: string) => name === uplink || isAutomatic(interfaces, name);
  return [...port, ...[...names].flatMap(([name, fresh]) => (isStarted(name) ? [fresh] : []))];
}

/** Where the options of a stanza come from, if from another one. */
function originOf({ inherits, logical, line }: Stanza, { bridge }: BridgeSpec): string[] {
  const notes: string[] = [];
  if (logical !== null) {
    notes.push(`${bridge.name} gets a copy of "${line.text}", which stays for others.`);
  }
  if (inherits !== null) notes.push(`What "${line.text}" inherits from ${inherits} is written out.`);
  return notes;
}

interface First {
  /** What a line of its own brings up at boot: the port, if it is configured, the bridge and its aliases; or none. */
  readonly started: readonly string[];
  readonly hotplug: boolean;
  readonly added: Addressing['added'];
}

/** The port's stanza, then the bridge with all its options: this is the stanza that creates it. */
function firstStanza(half: Halves, spec: BridgeSpec, first: First): string {
  const { stanza, style, own } = half;
  const options = bridgeOptions(spec, first.hotplug, style);
  const line = (text: string) => indentOf(stanza.line) + text + style.end;

  const upper = first.started.filter((name) => name !== spec.uplink);
  const text = first.started.length > upper.length ? [line(`auto ${spec.uplink}`)] : [];
  text.push(portStanza(half, 'inet', spec), style.end);
  // Interfaces come up in the order of these words, and an alias needs its bridge.
  if (upper.length > 0) text.push(line(['auto', ...upper].join(' ')));
  if (first.added === null) return text.join('') + bridgeStanza(stanza, [...options, ...own], spec);

  const extra = first.added.options.map(([name, value]) => newOption(name, value, style));
  text.push(line(`iface ${spec.bridge.name} inet ${first.added.method}`));
  text.push(...[...options, ...extra].map((option) => option.line.raw), style.end);
  return text.join('') + bridgeStanza(stanza, [...options.slice(0, 1), ...own], spec);
}

/**
 * A further stanza of the bridge, of either family. It needs `bridge_ports` too, so that ifdown finds the bridge
 * again after the first stanza has removed it (README.Debian of bridge-utils, since 1.6-6).
 */
function laterStanza(half: Halves, spec: BridgeSpec): string {
  const { stanza, style, port, own } = half;
  const ports = newOption('bridge_ports', spec.uplink, style);
  const before = port.length === 0 ? '' : portStanza(half, stanza.family ?? 'inet', spec) + style.end;
  return before + bridgeStanza(stanza, [ports, ...own], spec);
}

function portStanza({ stanza, style, port }: Halves, family: string, { uplink }: BridgeSpec): string {
  const { end } = style;
  const head = `${indentOf(stanza.line)}iface ${uplink} ${family} manual${end}`;
  return head + port.map(({ line }) => closed(line.raw, end)).join('');
}

function bridgeStanza(stanza: Iface, body: readonly BodyNode[], { bridge }: BridgeSpec): string {
  return stanzaText(renamed({ ...stanza, body }, { name: bridge.name }));
}

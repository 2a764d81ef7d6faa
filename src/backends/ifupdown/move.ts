import type { BridgeSpec } from '../../model/spec.js';
import { type Addressing, addressed } from './address.js';
import { bridgeOptions } from './bridge.js';
import { aliasesOf, type Interfaces, isAutomatic, isStart, stanzasOf } from './files.js';
import { isHook, moveHook } from './hooks.js';
import { wordsWithout } from './logical.js';
import { closed, isNicOption, newOption, renamed, type Style, stanzaText, styleOf } from './options.js';
import { reselected } from './selection.js';
import type { Stanza } from './stanza.js';
import type { BodyNode, Iface, Line, Option } from './syntax.js';
import { indentOf } from './syntax.js';

/** Parts of the files that are written anew, by the line that they begin with; all others stay as they are. */
export interface Rewrite {
  readonly parts: ReadonlyMap<Line, string>;
  /** Stanzas that come in front of a part, by the line that it begins with. */
  readonly inserted: ReadonlyMap<Line, string>;
  /** What was moved, kept or dropped, in sentences. */
  readonly notes: readonly string[];
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
  for (const { nodes } of interfaces.files.values()) {
    for (const node of nodes) {
      if (node.kind === 'selection') parts.set(node.line, reselected(node, { names, words }));
    }
  }

  const stanzas = stanzasOf(interfaces, uplink);
  const addressing = addressed(stanzas, spec.address);
  const halves = stanzas.map((stanza) =>
    divide(addressing.changed.get(stanza) ?? stanza, spec, styleOf(stanza)),
  );
  const notes = [
    ...addressing.notes,
    ...stanzas.flatMap((stanza) => originOf(stanza, spec)),
    ...halves.flatMap((half) => half.notes),
  ];
  stanzas.forEach((stanza, index) => {
    const half = halves[index];
    if (half === undefined) return;
    const first: First = {
      portIsConfigured: halves.some(({ port }) => port.length > 0),
      automatic: [...names].filter(([name]) => name !== uplink && isAutomatic(interfaces, name)),
      hotplug: interfaces.selected.some(
        ({ keyword, name }) => keyword === 'allow-hotplug' && name === uplink,
      ),
      added: addressing.added,
    };
    const text = index === 0 ? firstStanza(half, spec, first) : laterStanza(half, spec);
    if (stanza.logical === null) parts.set(stanza.line, text);
    else inserted.set(stanza.line, closed(text, half.style.end) + half.style.end);
  });

  for (const iface of interfaces.ifaces) {
    const name = names.get(iface.name);
    if (name === undefined || iface.name === uplink) continue;
    const alias = divide(iface, spec, styleOf(iface), 'alias');
    parts.set(iface.line, stanzaText(renamed({ ...iface, body: alias.own }, { name })));
    notes.push(
      `${iface.name} becomes ${name}; after "ifdown ${bridge.name} && ifup ${bridge.name}", "ifup ${name}" brings it back.`,
      ...originOf(iface, spec),
      ...alias.notes,
    );
  }
  notes.push(...[...words].filter(([, to]) => to !== '').map(([from, to]) => `"${from}" becomes "${to}".`));
  return { parts, inserted, notes };
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

/** A stanza of the uplink in two: what is about the NIC, and what goes to the bridge. */
interface Halves {
  readonly stanza: Iface;
  /** How its lines looked before any of them went. */
  readonly style: Style;
  readonly port: readonly Option[];
  readonly own: readonly BodyNode[];
  readonly notes: readonly string[];
}

function divide(stanza: Iface, spec: BridgeSpec, style: Style, of: 'uplink' | 'alias' = 'uplink'): Halves {
  const port: Option[] = [];
  const own: BodyNode[] = [];
  const notes: string[] = [];
  for (const node of stanza.body) {
    // A bare "auto" meant the uplink; the bridge gets a line of its own.
    if (node.kind === 'selection' && isStart(node.keyword)) continue;
    if (node.kind !== 'option') {
      own.push(node);
      continue;
    }
    const move = moveOption(node, spec);
    if (move.to === 'bridge') {
      own.push(move.option);
      if (move.rewritten) notes.push(`"${node.line.text}" becomes "${move.option.line.text}".`);
      else if (of === 'uplink' && isWorthANote(node))
        notes.push(`"${node.line.text}" moves to ${spec.bridge.name}.`);
    } else if (of === 'alias') {
      // An alias has no port to leave it with, and a command still finds the NIC by its name.
      own.push(node);
    } else {
      port.push(node);
      notes.push(`"${node.line.text}" is about the NIC and stays with ${spec.uplink}.`);
    }
  }
  return { stanza, style, port, own, notes };
}

/** What others rely on and nobody sees in an address: name servers, MTU, metric, commands. */
function isWorthANote(option: Option): boolean {
  return isHook(option) || /^(dns-.*|mtu|metric)$/.test(option.name.replaceAll('_', '-'));
}

function moveOption(option: Option, { uplink, bridge }: BridgeSpec): ReturnType<typeof moveHook> {
  if (isHook(option)) return moveHook(option, uplink, bridge.name);
  return isNicOption(option) ? { to: 'port' } : { to: 'bridge', option, rewritten: false };
}

interface First {
  readonly portIsConfigured: boolean;
  /** Aliases that are to come up with the bridge, each with its name on it. */
  readonly automatic: readonly (readonly [string, string])[];
  readonly hotplug: boolean;
  readonly added: Addressing['added'];
}

/** The port's stanza, then the bridge with all its options: this is the stanza that creates it. */
function firstStanza(half: Halves, spec: BridgeSpec, first: First): string {
  const { stanza, style, own } = half;
  const options = bridgeOptions(spec, first.hotplug, style);
  const line = (text: string) => indentOf(stanza.line) + text + style.end;

  const text = first.portIsConfigured ? [line(`auto ${spec.uplink}`)] : [];
  text.push(portStanza(half, 'inet', spec), style.end);
  // Interfaces come up in the order of these words, and an alias needs its bridge.
  text.push(line(['auto', spec.bridge.name, ...first.automatic.map(([, name]) => name)].join(' ')));
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

import type { BodyNode, Iface, Line, Option } from './syntax.js';
import { endOf, indentOf, optionsOf, sameOption, withText, withValue } from './syntax.js';

/** Options about the NIC, not about the addresses it has: ethtool's, bonding's, vlan's, and its MAC address. */
const NIC_OPTION =
  /^(hwaddress|media|wol|driver-message-level|slaves|(ethernet|link|offload|hardware|bond|vlan)-.*)$/;

/** Whether an option sets the hardware, and so stays with the port. */
export function isNicOption({ name }: Option): boolean {
  return NIC_OPTION.test(name.replaceAll('_', '-'));
}

/** How the lines of a stanza look, for lines that are added to it. */
export interface Style {
  readonly indent: string;
  readonly end: string;
}

/** How the options of a stanza are written. */
export function styleOf(stanza: Iface): Style {
  const [first] = optionsOf(stanza);
  const indent = first === undefined ? `${indentOf(stanza.line)}    ` : indentOf(first.line);
  return { indent, end: endOf(stanza.line) || '\n' };
}

/** An option in the style of its neighbours. */
export function newOption(name: string, value: string, { indent, end }: Style): Option {
  const text = `${name} ${value}`;
  return { kind: 'option', name, value, line: { raw: indent + text + end, text, number: 0 } };
}

/** A stanza without the options of these names. */
export function without(stanza: Iface, names: readonly string[]): Iface {
  const drop = (node: BodyNode) =>
    node.kind === 'option' && names.some((name) => sameOption(name, node.name));
  return { ...stanza, body: stanza.body.filter((node) => !drop(node)) };
}

/**
 * A stanza with an option set, at its place when it is there, else behind the last of the options `after`.
 * A second line of the same name goes: ifupdown would join their values.
 */
export function withOption(
  stanza: Iface,
  name: string,
  value: string,
  after: readonly string[] = [],
  style = styleOf(stanza),
): Iface {
  const isSame = (node: BodyNode, other: string) => node.kind === 'option' && sameOption(node.name, other);
  const at = stanza.body.findIndex((node) => isSame(node, name));
  const old = stanza.body[at];
  if (old?.kind === 'option') {
    const body = stanza.body.flatMap((node, index) => {
      if (index === at) return [old.value === value ? old : withValue(old, value)];
      return isSame(node, name) ? [] : [node];
    });
    return { ...stanza, body };
  }
  const place = stanza.body.findLastIndex((node) => after.some((other) => isSame(node, other))) + 1;
  const added = newOption(name, value, style);
  return { ...stanza, body: [...stanza.body.slice(0, place), added, ...stanza.body.slice(place)] };
}

/** A stanza under another name or method. Its options stay as they are; those that it inherits are written out. */
export function renamed(stanza: Iface, { name = stanza.name, method = stanza.method }): Iface {
  if (name === stanza.name && method === stanza.method) return stanza;
  return writtenOut({ ...stanza, name, method });
}

/** A stanza that says itself what it is. */
function writtenOut(stanza: Iface): Iface {
  const { name, family, method } = stanza;
  const line = withText(stanza.line, ['iface', name, family, method].join(' '));
  return { ...stanza, inherits: null, line };
}

/** A stanza as text, every line but the last with a line end, and what it inherits written out. */
export function stanzaText(stanza: Iface): string {
  const { line } = stanza.inherits === null ? stanza : writtenOut(stanza);
  const lines: Line[] = [line, ...stanza.body.map((node) => node.line)];
  const { end } = styleOf(stanza);
  return lines.map((line, index) => (index < lines.length - 1 ? closed(line.raw, end) : line.raw)).join('');
}

/** Text with a line end behind it. */
export function closed(text: string, end: string): string {
  return text === '' || text.endsWith('\n') ? text : text + end;
}

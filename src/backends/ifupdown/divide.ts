import type { BridgeSpec } from '../../model/spec.js';
import { isStart } from './files.js';
import type { DoubtfulHook } from './hook-risks.js';
import { isHook, moveHook } from './hooks.js';
import { isNicOption, type Style, styleOf } from './options.js';
import type { Stanza } from './stanza.js';
import type { BodyNode, Iface, Option } from './syntax.js';

/** A stanza in two: what is about the NIC, and what goes to the bridge. */
export interface Halves {
  readonly stanza: Iface;
  /** How its lines looked before any of them went. */
  readonly style: Style;
  readonly port: readonly Option[];
  readonly own: readonly BodyNode[];
  /** Whether `own` is other than the body of the stanza. */
  readonly isChanged: boolean;
  readonly notes: readonly string[];
  readonly doubts: readonly DoubtfulHook[];
}

/**
 * A stanza of the uplink in two.
 * @param stanza with the address that is wanted
 * @param origin as it is in the file
 */
export function divide(
  stanza: Iface,
  { uplink, bridge, followsFirewall }: BridgeSpec,
  origin: Stanza,
): Halves {
  const port: Option[] = [];
  const own: BodyNode[] = [];
  const notes: string[] = [];
  const doubts: DoubtfulHook[] = [];
  for (const node of stanza.body) {
    // A bare "auto" meant the uplink; the bridge gets a line of its own.
    if (node.kind === 'selection' && isStart(node.keyword)) continue;
    if (node.kind !== 'option') {
      own.push(node);
      continue;
    }
    const move = isHook(node)
      ? moveHook(node, uplink, bridge.name, 'uplink', followsFirewall)
      : moveSetting(node);
    if (move.doubt !== null) doubts.push(doubtful(node, origin, move.doubt));
    if (move.to === 'port') {
      port.push(move.option);
      if (move.doubt === null) notes.push(`"${node.line.text}" is about the NIC and stays with ${uplink}.`);
      continue;
    }
    own.push(move.option);
    if (move.rewritten) notes.push(became(node, move.option));
    else if (isWorthANote(node)) notes.push(`"${node.line.text}" moves to ${bridge.name}.`);
  }
  return { stanza, style: styleOf(origin), port, own, isChanged: true, notes, doubts };
}

/**
 * A stanza of an alias, or of another interface, with its hooks rewritten where they are about addresses and routes of
 * the uplink. All else is left alone: there is no port to leave it with, and a command still finds the NIC by its name.
 */
export function withHooksOnBridge(stanza: Stanza, { uplink, bridge, followsFirewall }: BridgeSpec): Halves {
  const notes: string[] = [];
  const doubts: DoubtfulHook[] = [];
  const own = stanza.body.map((node): BodyNode => {
    if (node.kind !== 'option' || !isHook(node)) return node;
    const move = moveHook(node, uplink, bridge.name, 'other', followsFirewall);
    if (move.doubt !== null) doubts.push(doubtful(node, stanza, move.doubt));
    if (move.to === 'port' || !move.rewritten) return node;
    notes.push(became(node, move.option));
    return move.option;
  });
  return { stanza, style: styleOf(stanza), port: [], own, isChanged: notes.length > 0, notes, doubts };
}

/** Settings of the hardware stay with the port. */
function moveSetting(option: Option) {
  const to = isNicOption(option) ? ('port' as const) : ('bridge' as const);
  return { to, option, rewritten: false, doubt: null };
}

function doubtful(option: Option, { path, name }: Stanza, doubt: DoubtfulHook['doubt']): DoubtfulHook {
  return { option, path, of: name, doubt };
}

const became = (before: Option, after: Option) => `"${before.line.text}" becomes "${after.line.text}".`;

/** What others rely on and nobody sees in an address: name servers, MTU, metric, commands. */
function isWorthANote(option: Option): boolean {
  return isHook(option) || /^(dns-.*|mtu|metric)$/.test(option.name.replaceAll('_', '-'));
}

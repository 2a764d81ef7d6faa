import { refusal } from '../../errors.js';
import type { HostFacts } from '../../model/facts.js';
import type { Finding } from '../../model/finding.js';
import { linkNamed } from '../../model/links.js';
import type { BridgeSpec } from '../../model/spec.js';
import { clientConfig } from '../client-config.js';
import { forwardDelay } from '../forward-delay.js';
import { clientsOfBridge } from '../live-clients.js';
import { adoptBridge } from './adopt.js';
import { clientOfIfupdown } from './dhcp-command.js';
import { holds, type Interfaces, isAutomatic, readInterfaces, stanzasOf } from './files.js';
import { isHook } from './hooks.js';
import { wantedNetwork } from './live.js';
import { forLink } from './logical.js';
import { moveToBridge } from './move.js';
import { stanzaText } from './options.js';
import { refuseTwoGateways, refuseUnsafe } from './refuse.js';
import { type Line, optionsOf, printNode } from './syntax.js';

/** The configuration files once the bridge is in them. */
export interface Conversion {
  readonly before: Interfaces;
  readonly after: Interfaces;
  /** New content of the files that change, by path. */
  readonly changed: Readonly<Record<string, string>>;
  /** What was moved, kept or dropped, in sentences. */
  readonly notes: readonly string[];
  /** What a person has to check. */
  readonly risks: readonly Finding[];
}

/**
 * Put the wanted bridge into /etc/network/interfaces and the files it sources. Converting the result again changes
 * nothing. Throws a refusal for what it cannot do without harm.
 */
export function convert(files: HostFacts['files'], spec: BridgeSpec, facts: HostFacts): Conversion {
  const nic = { name: spec.uplink, mac: linkNamed(facts, spec.uplink)?.mac ?? null };
  const before = forLink(readInterfaces(files), nic);
  refuseUnsafe(before, spec, nic);
  const adopts = isConverted(before, spec);
  if (!adopts) refuseForeignAddress(before, spec, facts);
  const rewrite = adopts ? adoptBridge(before, spec, facts) : moveToBridge(before, spec);
  const parts = new Map([...heirs(before, rewrite.parts), ...rewrite.parts]);

  const changed: Record<string, string> = {};
  const updated = { ...files };
  for (const [path, { nodes }] of before.files) {
    const content = nodes
      .map((node) => (rewrite.inserted.get(node.line) ?? '') + (parts.get(node.line) ?? printNode(node)))
      .join('');
    const file = files[path];
    if (file === undefined || content === file.content) continue;
    changed[path] = content;
    updated[path] = { ...file, content };
  }
  const after = forLink(readInterfaces(updated), nic);
  refuseTwoGateways(after, spec);
  const isChanged = Object.keys(changed).length > 0;
  const client = wantedNetwork(after, spec, facts).dhcp ? clientOfIfupdown(facts, spec) : null;
  const config = clientConfig(files, clientsOfBridge(facts, spec, client), spec);
  return {
    before,
    after,
    changed: { ...changed, ...config.changed },
    notes: [...(isChanged ? [...rewrite.notes, ...reminders(after, spec, facts)] : []), ...config.notes],
    risks: rewrite.risks,
  };
}

/** Stanzas that inherit from one that is written anew: written out, they stay what they are. */
function heirs({ ifaces }: Interfaces, parts: ReadonlyMap<Line, string>): [Line, string][] {
  return ifaces
    .filter(({ source, logical }) => logical === null && source !== null && parts.has(source))
    .map((iface) => [iface.line, stanzaText(iface)]);
}

/** Whether the files have the bridge already, with the uplink as its port. */
export function isConverted(interfaces: Interfaces, { bridge, uplink }: BridgeSpec): boolean {
  return holds(stanzasOf(interfaces, bridge.name), uplink);
}

/** "Keep" can only keep what is written in the files: an address from elsewhere would be lost. */
function refuseForeignAddress(
  interfaces: Interfaces,
  { uplink, address }: BridgeSpec,
  facts: HostFacts,
): void {
  if (address.method !== 'keep') return;
  const stanzas = stanzasOf(interfaces, uplink).filter(({ family }) => family === 'inet');
  const live = facts.links
    .find(({ name }) => name === uplink)
    ?.addresses.find(({ family, scope }) => family === 4 && scope === 'global');
  const explained = stanzas.some(
    (stanza) => stanza.method !== 'manual' || optionsOf(stanza).some((option) => isHook(option)),
  );
  if (live === undefined || explained) return;
  throw refusal(
    'uplink-configured-elsewhere',
    `${uplink} has the address ${live.address}/${live.prefix}, but its stanza does not say where from.`,
    [{ path: 'address.method', message: '"keep" moves what stands in the files' }],
    'Choose "dhcp" or "static" for the address, or write it into the files first.',
  );
}

/** What the conversion leaves alone, and a person may want to look at. */
function reminders(after: Interfaces, spec: BridgeSpec, facts: HostFacts): string[] {
  const { uplink, bridge } = spec;
  const notes: string[] = [];
  if (isAutomatic(after, uplink))
    notes.push(`${uplink} still comes up by its own stanza, without an address.`);
  if (forwardDelay(spec) !== bridge.forwardDelay) {
    notes.push(
      `With STP on, the kernel takes no forward delay below ${forwardDelay(spec)} s, so that is used.`,
    );
  }
  if (facts.managers.some(({ name, active }) => name === 'cloud-init' && active)) {
    notes.push('cloud-init may write these files anew at boot; "network: {config: disabled}" stops it.');
  }
  return notes;
}

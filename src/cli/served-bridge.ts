import { parseConfig } from '../attach/config.js';
import type { HostFacts } from '../model/facts.js';
import { defaultRoute, linkNamed } from '../model/links.js';
import { RUNTIME_CONFIG_FILE } from '../model/paths.js';

/** Bridges that the runtime serves: none where it is not configured, or not so that it would start. */
export function servedBridges({ files }: Pick<HostFacts, 'files'>): readonly string[] {
  const text = files[RUNTIME_CONFIG_FILE]?.content;
  if (text === undefined) return [];
  try {
    return parseConfig(text).bridges;
  } catch {
    // The runtime itself refuses it, with its reason in the journal.
    return [];
  }
}

/**
 * The bridge of this host: the first that the runtime serves and that is there, else the one with the default route,
 * else `br0`, which is to be made.
 */
export function likelyBridge(facts: HostFacts): string {
  const route = defaultRoute(facts)?.link ?? '';
  return [...servedBridges(facts), route].find((name) => leadsToLan(facts, name)) ?? 'br0';
}

function leadsToLan(facts: HostFacts, name: string): boolean {
  const bridge = linkNamed(facts, name);
  const ports = facts.links.filter(({ master }) => master === name);
  // The NIC of a system container is a veth, too: the bridge has its MAC address.
  return (
    bridge?.kind === 'bridge' &&
    ports.some((port) => port.physical || port.kind !== 'veth' || port.mac === bridge.mac)
  );
}

import { parseConfig } from '../attach/config.js';
import { choose } from '../backends/registry.js';
import { SetupError } from '../errors.js';
import type { HostFacts } from '../model/facts.js';
import { lanPorts } from '../model/lan-ports.js';
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
 * Whether the bridge of this host is somebody else's: the runtime's configuration says so or, where there is none yet,
 * no backend can change how it is configured.
 */
export function isExisting(facts: HostFacts, name: string): boolean {
  if (linkNamed(facts, name)?.kind !== 'bridge') return markedAsExisting(facts).includes(name);
  if (facts.files[RUNTIME_CONFIG_FILE] !== undefined) return markedAsExisting(facts).includes(name);
  return !canConvert(facts, name);
}

/** Bridges that the runtime serves, and that bridge-setup has left as they were. */
function markedAsExisting({ files }: Pick<HostFacts, 'files'>): readonly string[] {
  const text = files[RUNTIME_CONFIG_FILE]?.content;
  try {
    return text === undefined ? [] : (parseConfig(text).existing ?? []);
  } catch {
    return [];
  }
}

/** Whether a backend is in charge of the port of a bridge. */
export function canConvert(facts: HostFacts, bridge: string): boolean {
  const port = lanPorts(facts, bridge)[0]?.name;
  try {
    return port !== undefined && choose(facts, port) !== null;
  } catch (error) {
    if (error instanceof SetupError) return false;
    throw error;
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

const leadsToLan = (facts: HostFacts, name: string) =>
  linkNamed(facts, name)?.kind === 'bridge' && lanPorts(facts, name).length > 0;

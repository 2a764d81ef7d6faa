import { refusal } from '../../errors.js';
import type { HostFacts } from '../../model/facts.js';
import type { Finding } from '../../model/finding.js';
import { linkNamed } from '../../model/links.js';
import type { BridgeSpec } from '../../model/spec.js';
import { clientConfig } from '../client-config.js';
import { forwardDelay } from '../forward-delay.js';
import { clientsOfBridge } from '../live-clients.js';
import { fixedAddresses, isLeased } from './address.js';
import { adoptBridge } from './adopt.js';
import { clientOfScripts } from './dhcp-command.js';
import {
  aliasesOf,
  type Config,
  configOf,
  isConverted,
  NETWORK_FILE,
  type NetworkScripts,
  readScripts,
} from './files.js';
import { gatewayProblem } from './live.js';
import { moveToBridge } from './move.js';
import { managerOf } from './network-manager.js';
import { refuseUnsafe } from './refuse.js';

/** The configuration files once the bridge is in them. */
export interface Conversion {
  readonly before: NetworkScripts;
  readonly after: NetworkScripts;
  /** New content of the files that change, by path; `null`: the file goes. */
  readonly changed: Readonly<Record<string, string | null>>;
  /** Of new files: one whose mode they get. */
  readonly like: Readonly<Record<string, string>>;
  /** What was moved, kept or dropped, in sentences. */
  readonly notes: readonly string[];
  /** What a person has to check. */
  readonly risks: readonly Finding[];
}

/**
 * Put the wanted bridge into the files of the network scripts. Converting the result again changes nothing. Throws a
 * refusal for what it cannot do without harm.
 */
export function convert(files: HostFacts['files'], spec: BridgeSpec, facts: HostFacts): Conversion {
  const before = readScripts(files, facts.links);
  const port = refuseUnsafe(before, spec, facts);
  const adopts = isConverted(before, spec.bridge.name, spec.uplink);
  if (!adopts) refuseForeignAddress(before, port, spec, facts);
  const { texts, like, notes, risks } = adopts
    ? adoptBridge(before, port, spec)
    : moveToBridge(before, port, spec, managerOf(facts, spec.uplink) !== null, facts.routes);

  const changed: Record<string, string | null> = {};
  const updated = { ...files };
  for (const [path, content] of texts) {
    if (content === (files[path]?.content ?? null)) continue;
    changed[path] = content;
    if (content === null) delete updated[path];
    else updated[path] = { content, mode: files[path]?.mode ?? 0o644 };
  }
  const after = readScripts(updated, facts.links);
  refuseIgnoredGateway(after, spec);
  const isChanged = Object.keys(changed).length > 0;
  const clients = clientsOfBridge(facts, spec, clientOfScripts(facts, spec, after));
  // NetworkManager reads these files for clients of its own.
  const config = clientConfig(files, managerOf(facts, spec.uplink) === null ? clients : [], spec);
  return {
    before,
    after,
    changed: { ...changed, ...config.changed },
    like,
    notes: [...(isChanged ? [...notes, ...reminders(after, spec)] : []), ...config.notes],
    risks,
  };
}

/** "Keep" can only keep what is written in the files: an address from elsewhere would be lost. */
function refuseForeignAddress(
  scripts: NetworkScripts,
  { path, file }: Config,
  { uplink, address }: BridgeSpec,
  facts: HostFacts,
): void {
  if (address.method !== 'keep' || isLeased(file) || fixedAddresses(file).length > 0) return;
  if (aliasesOf(scripts, uplink).length > 0) return;
  const live = linkNamed(facts, uplink)?.addresses.find(
    ({ family, scope }) => family === 4 && scope === 'global',
  );
  if (live === undefined) return;
  throw refusal(
    'uplink-configured-elsewhere',
    `${uplink} has the address ${live.address}/${live.prefix}, but ${path} does not say where from.`,
    [{ path: 'address.method', message: '"keep" moves what stands in the files' }],
    'Choose "dhcp" or "static" for the address, or write it into the file first.',
  );
}

/** A gateway that was asked for, and that ifup would leave out. */
function refuseIgnoredGateway(after: NetworkScripts, { bridge, address }: BridgeSpec): void {
  const config = configOf(after, bridge.name);
  const problem = config === null ? null : gatewayProblem(after, config, bridge.name);
  if (address.method !== 'static' || problem === null) return;
  throw refusal(
    'gateway-ignored',
    problem,
    [{ path: 'address.gateway', message: 'would have no effect' }],
    `Correct these files, ${NETWORK_FILE} among them, and run bridge-setup again.`,
  );
}

/** What a person may want to look at. */
function reminders(after: NetworkScripts, spec: BridgeSpec): string[] {
  const { bridge } = spec;
  const config = configOf(after, bridge.name);
  const problem = config === null ? null : gatewayProblem(after, config, bridge.name);
  const notes = problem === null ? [] : [problem];
  if (forwardDelay(spec) !== bridge.forwardDelay) {
    notes.push(
      `With STP on, the kernel takes no forward delay below ${forwardDelay(spec)} s, so that is used.`,
    );
  }
  return notes;
}

import { z } from 'zod';
import type { Host } from '../host/host.js';
import { startTimeOf } from '../host/process.js';
import { DAEMON_FILE, RUN_FOLDER } from '../model/paths.js';
import { shortId } from './names.js';
import {
  CLIENT_DIRECTORY,
  ENDPOINT_DIRECTORY,
  endpointFile,
  LEASE_DIRECTORY,
  leaseFile,
  RESOLV_CONF_DIRECTORY,
} from './paths.js';
import { parseRecord } from './record.js';

/** The modes of all that the runtime writes. */
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;

const endpointStateSchema = z.object({
  version: z.literal(1),
  containerId: z.string(),
  containerName: z.string(),
  interfaceName: z.string(),
  hostInterfaceName: z.string(),
  bridge: z.string(),
  mac: z.string(),
  method: z.enum(['none', 'static', 'dhcp']),
  /** With prefix length; `null` while there is none. */
  address: z.string().nullable(),
  gateway: z.string().nullable(),
  /** What it takes of IPv6; absent: written by an earlier version. */
  ipv6: z.enum(['off', 'static', 'slaac']).optional(),
  /** `stopped`: its container does not run, and may start again. */
  state: z.enum(['attached', 'waiting-for-lease', 'failed', 'stopped']),
  /** Why it failed, or what the DHCP client said last while it waits. */
  error: z.string().nullable(),
  /** Since when it is so, ISO 8601. */
  since: z.string(),
});

/** State of an endpoint, as `verify`, `status` and `doctor` read it from the run directory. */
export type EndpointState = z.output<typeof endpointStateSchema>;

const daemonStateSchema = z.object({
  version: z.literal(1),
  pid: z.number(),
  /** Start time of the process, in ticks: with it the PID cannot be mistaken for another process's. */
  startTime: z.string(),
  /** The first full pass is done. */
  ready: z.boolean(),
  since: z.string(),
  bridges: z.array(z.string()),
});

/** State of the daemon; the file is there while it runs. */
export type DaemonState = z.output<typeof daemonStateSchema>;

/** Make the directories of the runtime. They are root's own: who is on which address is nobody else's business. */
export async function prepareRunDirectory(host: Host): Promise<void> {
  const folders = [RUN_FOLDER, ENDPOINT_DIRECTORY, LEASE_DIRECTORY, CLIENT_DIRECTORY, RESOLV_CONF_DIRECTORY];
  for (const folder of folders) await host.files.mkdir(folder, PRIVATE_FOLDER);
  // What an earlier version has made, readable for all.
  await host.run(['chmod', PRIVATE_FOLDER.toString(8), ...folders], { check: false });
}

/** Write the state of an endpoint, unless it says the same already. Returns whether anything was new. */
export async function writeEndpointState(host: Host, state: Omit<EndpointState, 'since'>): Promise<boolean> {
  const { containerId, hostInterfaceName } = state;
  const before = await readEndpointState(host, containerId, hostInterfaceName);
  const since = new Date(host.clock.now()).toISOString();
  // Parsed, so that both have their keys in the order of the schema.
  const next = endpointStateSchema.parse({ ...state, since });
  if (before !== null && JSON.stringify({ ...before, since }) === JSON.stringify(next)) return false;
  await host.files.write(
    endpointFile(containerId, hostInterfaceName),
    `${JSON.stringify(next, null, 2)}\n`,
    PRIVATE_FILE,
  );
  return true;
}

/** The states of all endpoints, or of one container's. A file that cannot be read is left out. */
export async function readEndpointStates(host: Host, containerId?: string): Promise<EndpointState[]> {
  const prefix = containerId === undefined ? '' : `${shortId(containerId)}-`;
  const names = (await host.files.list(ENDPOINT_DIRECTORY)).filter(
    (name) => name.startsWith(prefix) && name.endsWith('.json'),
  );
  const states = await Promise.all(names.map((name) => readState(host, `${ENDPOINT_DIRECTORY}/${name}`)));
  return states.filter((state) => state !== null);
}

/**
 * Forget an endpoint: its state and its lease. The lease goes by the name of the host link alone, and a rule that was
 * refused since another container has that name (`-l NAME`) has none of its own.
 */
export async function forgetEndpoint(host: Host, containerId: string, hostLink: string): Promise<void> {
  await host.files.remove(endpointFile(containerId, hostLink));
  const isOfName = (file: string) => file.slice(shortId(file).length) === `-${hostLink}.json`;
  if ((await host.files.list(ENDPOINT_DIRECTORY)).some(isOfName)) return;
  await host.files.remove(leaseFile(hostLink));
}

/** Write the state of the daemon. */
export async function writeDaemonState(host: Host, state: DaemonState): Promise<void> {
  await host.files.write(DAEMON_FILE, `${JSON.stringify(state, null, 2)}\n`, PRIVATE_FILE);
}

/** State of the daemon that runs; `null` when none does, whatever a killed one has left behind. */
export async function readDaemonState(host: Host): Promise<DaemonState | null> {
  const state = parseRecord(daemonStateSchema, await host.files.read(DAEMON_FILE));
  return state !== null && (await startTimeOf(host, state.pid)) === state.startTime ? state : null;
}

/** The state of one endpoint; `null` when there is none. */
export function readEndpointState(
  host: Host,
  containerId: string,
  hostLink: string,
): Promise<EndpointState | null> {
  return readState(host, endpointFile(containerId, hostLink));
}

async function readState(host: Host, file: string): Promise<EndpointState | null> {
  return parseRecord(endpointStateSchema, await host.files.read(file));
}

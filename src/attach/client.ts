import { z } from 'zod';
import { refusal } from '../errors.js';
import type { Child, Host } from '../host/host.js';
import { startTimeOf } from '../host/process.js';
import type { DhcpClientName } from '../model/facts.js';
import { STATE_FOLDER } from '../model/paths.js';
import { render } from '../templates.js';
import { type PreviousLease, prepareDhcp } from './dhcp-command.js';
import { inNetns } from './ip.js';
import { endOfLease, readLease } from './lease.js';
import { shortId } from './names.js';
import type { ContainerNetns } from './netns.js';
import { CLIENT_DIRECTORY, HOOK_FILE, leaseFile } from './paths.js';
import { parseRecord } from './record.js';

/** One that cannot start ends at once, which is seen; a host that starts everything anew can be slow. */
const START_MS = 20_000;

const recordSchema = z.object({
  pid: z.int().positive(),
  startTime: z.string(),
  run: z.string(),
  client: z.enum(['udhcpc', 'dhclient', 'dhcpcd']).default('udhcpc'),
  containerId: z.string(),
  interfaceName: z.string(),
  hostLink: z.string(),
});

/** A DHCP client that was started: enough to find it again, and to be sure that it is the same process. */
export type ClientRecord = z.output<typeof recordSchema>;

/** What a DHCP client is started for. */
export interface ClientSpec {
  readonly client: DhcpClientName;
  readonly containerId: string;
  /** Told to the DHCP server; `null`: none is. */
  readonly hostname: string | null;
  readonly interfaceName: string;
  readonly hostLink: string;
  readonly mac: string;
  /** That of the bridge; a DHCP server can only ask for less. */
  readonly mtu: number;
  readonly netns: ContainerNetns;
}

/** Install the hook that the DHCP clients call. */
export async function installHook(host: Host): Promise<void> {
  const hook = render('attach/dhcp-hook.sh.ejs', {});
  await host.files.mkdir(STATE_FOLDER, 0o700);
  if ((await host.files.read(HOOK_FILE)) !== hook) await host.files.write(HOOK_FILE, hook, 0o700);
}

/**
 * Start a DHCP client in the container's network namespace. It stays: a client that leaves after its first lease, as
 * pipework's do, loses the address when the lease ends. It asks for the address that it had before, if any. It outlives
 * the tool.
 */
export async function startClient(
  host: Host,
  spec: ClientSpec,
): Promise<{ record: ClientRecord; child: Child }> {
  const { client, containerId, interfaceName, hostLink } = spec;
  const previous = await previousLease(host, hostLink);
  const run = `${host.pid}-${host.clock.now()}`;
  const env = {
    BRIDGE_SETUP_INTERFACE: interfaceName,
    BRIDGE_SETUP_MAC: spec.mac,
    BRIDGE_SETUP_MTU: String(spec.mtu),
    BRIDGE_SETUP_RUN: run,
    BRIDGE_SETUP_RECORD: leaseFile(hostLink),
  };
  const { hostname } = spec;
  const job = { link: interfaceName, hostname, previous, folder: clientFolder(containerId, hostLink), env };
  const argv = await prepareDhcp(host, client, job);
  const child = host.spawn(inNetns(spec.netns.path, argv), { detached: true, env });
  await entered(host, child.pid, spec.netns);
  // nsenter becomes the client by exec, so PID and start time are the client's from the first moment on.
  const startTime = (await startTimeOf(host, child.pid)) ?? 'ended';
  const record: ClientRecord = {
    pid: child.pid,
    startTime,
    run,
    client,
    containerId,
    interfaceName,
    hostLink,
  };
  await host.files.write(recordFile(containerId, hostLink), `${JSON.stringify(record)}\n`, 0o600);
  return { record, child };
}

/** The DHCP clients on record for a container, the living and the dead. */
export async function clientsOf(host: Host, containerId: string): Promise<ClientRecord[]> {
  const prefix = `${shortId(containerId)}-`;
  const names = (await recordNames(host)).filter((name) => name.startsWith(prefix));
  const records = await Promise.all(names.map((name) => readRecord(host, `${CLIENT_DIRECTORY}/${name}`)));
  return records.filter((record) => record !== null);
}

/** All DHCP clients on record, and whether their processes are there. */
export async function readClients(host: Host): Promise<(ClientRecord & { readonly alive: boolean })[]> {
  const names = await recordNames(host);
  const records = await Promise.all(names.map((name) => readRecord(host, `${CLIENT_DIRECTORY}/${name}`)));
  return Promise.all(
    records
      .filter((record) => record !== null)
      .map(async (record) => ({ ...record, alive: await isAlive(host, record) })),
  );
}

/** The short ids of all containers that have a DHCP client on record. */
export async function containersWithClients(host: Host): Promise<string[]> {
  return (await recordNames(host)).map((name) => name.slice(0, 12));
}

/** Whether the process on record is still there, and no other one with its PID. */
export async function isAlive(host: Host, record: ClientRecord): Promise<boolean> {
  return (await startTimeOf(host, record.pid)) === record.startTime;
}

/** End a DHCP client and its record. The address stays on the interface. */
export async function stopClient(host: Host, record: ClientRecord): Promise<void> {
  await endProcess(host, record);
  await host.files.remove(recordFile(record.containerId, record.hostLink));
  await host.files.removeTree(clientFolder(record.containerId, record.hostLink));
}

/** End the process of a DHCP client; its files stay. */
export async function endProcess(host: Host, record: ClientRecord): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGTERM', 2000],
    ['SIGKILL', 1000],
  ] as const) {
    if (!(await isAlive(host, record))) return;
    host.signal(record.pid, signal);
    const deadline = host.clock.now() + patienceMs;
    while ((await isAlive(host, record)) && host.clock.now() < deadline) await host.clock.sleep(20);
  }
}

/** End the DHCP client of one endpoint, if it has one: `releaseClient` gives its lease back, too. */
export async function endClients(
  host: Host,
  containerId: string,
  hostLink: string,
  end: (host: Host, client: ClientRecord) => Promise<void> = stopClient,
): Promise<void> {
  for (const client of await clientsOf(host, containerId)) {
    if (client.hostLink === hostLink) await end(host, client);
  }
}

/**
 * Wait until a process that was just started is in the namespace. Until then it needs the path of the namespace, and
 * that is only good while it is held.
 */
async function entered(host: Host, pid: number, netns: ContainerNetns): Promise<void> {
  const deadline = host.clock.elapsed() + START_MS;
  while ((await host.files.readlink(`/proc/${pid}/ns/net`).catch(() => null)) !== netns.identity) {
    if (host.clock.elapsed() >= deadline || (await startTimeOf(host, pid)) === null) {
      throw refusal('dhcp-client-failed', 'the DHCP client could not be started in the container');
    }
    await host.clock.sleep(2);
  }
}

async function previousLease(host: Host, hostLink: string): Promise<PreviousLease | null> {
  const record = await readLease(host, hostLink);
  if (record === null || record.lease === null) return null;
  const { address, server } = record.lease;
  return { address: address.replace(/\/.*/, ''), server, end: endOfLease(record) };
}

async function recordNames(host: Host): Promise<string[]> {
  return (await host.files.list(CLIENT_DIRECTORY)).filter((name) => name.endsWith('.json'));
}

async function readRecord(host: Host, file: string): Promise<ClientRecord | null> {
  return parseRecord(recordSchema, await host.files.read(file).catch(() => null));
}

function recordFile(containerId: string, hostLink: string): string {
  return `${CLIENT_DIRECTORY}/${shortId(containerId)}-${hostLink}.json`;
}

/** Configuration and state of a client that has such. It goes with the client: the lease record says what to ask for. */
export function clientFolder(containerId: string, hostLink: string): string {
  return `${CLIENT_DIRECTORY}/${shortId(containerId)}-${hostLink}`;
}

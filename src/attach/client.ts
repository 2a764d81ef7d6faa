import { z } from 'zod';
import { refusal } from '../errors.js';
import type { Child, Host } from '../host/host.js';
import { startTimeOf } from '../host/process.js';
import type { DhcpClientName } from '../model/facts.js';
import { STATE_FOLDER } from '../model/paths.js';
import { render } from '../templates.js';
import { dhclientRelease, prepareDhcp } from './dhcp-command.js';
import { inNetns } from './ip.js';
import { leaseOfRun, readLease } from './lease.js';
import { shortId } from './names.js';
import type { ContainerNetns } from './netns.js';
import { CLIENT_DIRECTORY, HOOK_FILE, leaseFile } from './paths.js';
import { parseRecord } from './record.js';

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
  const previous = (await readLease(host, hostLink))?.lease?.address.split('/')[0] ?? null;
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

/** The short ids of all containers that have a DHCP client on record. */
export async function containersWithClients(host: Host): Promise<string[]> {
  return (await recordNames(host)).map((name) => name.slice(0, 12));
}

/** Whether the process on record is still there, and no other one with its PID. */
export async function isAlive(host: Host, record: ClientRecord): Promise<boolean> {
  return (await startTimeOf(host, record.pid)) === record.startTime;
}

/**
 * Give the lease back and end the client (RFC 2131, 4.4.6), while the link still leads to the server. It is only told:
 * a server that does not hear it keeps the address until the lease ends.
 */
export async function releaseClient(host: Host, record: ClientRecord): Promise<void> {
  const lease = leaseOfRun(await readLease(host, record.hostLink), record.run);
  if (lease !== null && (await isAlive(host, record))) {
    // The hook takes the address away right after the message is sent; one that waited for ARP would go with it.
    const netns = `/proc/${record.pid}/ns/net`;
    if (lease.server !== null) {
      await host.run(inNetns(netns, ['ping', '-n', '-c', '1', '-W', '1', lease.server]), { check: false });
    }
    await askForRelease(host, record, netns);
    await released(host, record);
  }
  await stopClient(host, record);
}

async function askForRelease(host: Host, record: ClientRecord, netns: string): Promise<void> {
  // dhcpcd(8), "SIGNALS"; busybox, networking/udhcp/dhcpc.c.
  if (record.client !== 'dhclient') {
    host.signal(record.pid, record.client === 'dhcpcd' ? 'SIGALRM' : 'SIGUSR2');
    return;
  }
  const program = await host.which('dhclient');
  if (program === null) return;
  const { containerId, hostLink, interfaceName: link, run } = record;
  // The hook has nothing to configure any more but to take the address away.
  const env = {
    BRIDGE_SETUP_INTERFACE: link,
    BRIDGE_SETUP_MAC: '',
    BRIDGE_SETUP_MTU: '0',
    BRIDGE_SETUP_RUN: run,
    BRIDGE_SETUP_RECORD: leaseFile(hostLink),
  };
  const job = { link, folder: clientFolder(containerId, hostLink), env };
  await host.run(inNetns(netns, dhclientRelease(program, job)), { check: false, timeoutMs: 5000 });
}

async function released(host: Host, record: ClientRecord): Promise<void> {
  const deadline = host.clock.now() + 1000;
  const isHeld = async () => leaseOfRun(await readLease(host, record.hostLink), record.run) !== null;
  while (host.clock.now() < deadline && (await isAlive(host, record)) && (await isHeld())) {
    await host.clock.sleep(20);
  }
}

/** End a DHCP client and its record. The address stays on the interface. */
export async function stopClient(host: Host, record: ClientRecord): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGTERM', 2000],
    ['SIGKILL', 1000],
  ] as const) {
    if (!(await isAlive(host, record))) break;
    host.signal(record.pid, signal);
    const deadline = host.clock.now() + patienceMs;
    while ((await isAlive(host, record)) && host.clock.now() < deadline) await host.clock.sleep(20);
  }
  await host.files.remove(recordFile(record.containerId, record.hostLink));
  await host.files.removeTree(clientFolder(record.containerId, record.hostLink));
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
  const deadline = host.clock.now() + 2000;
  while ((await host.files.readlink(`/proc/${pid}/ns/net`).catch(() => null)) !== netns.identity) {
    if (host.clock.now() >= deadline || (await startTimeOf(host, pid)) === null) {
      throw refusal('dhcp-client-failed', 'the DHCP client could not be started in the container');
    }
    await host.clock.sleep(2);
  }
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
function clientFolder(containerId: string, hostLink: string): string {
  return `${CLIENT_DIRECTORY}/${shortId(containerId)}-${hostLink}`;
}

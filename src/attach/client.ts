import { z } from 'zod';
import { EXIT, refusal, SetupError } from '../errors.js';
import type { Child, Host, SpawnOptions } from '../host/host.js';
import { startTimeOf } from '../host/process.js';
import { STATE_FOLDER } from '../model/paths.js';
import { render } from '../templates.js';
import { inNetns } from './ip.js';
import { readLease } from './lease.js';
import { shortId } from './names.js';
import type { ContainerNetns } from './netns.js';
import { CLIENT_DIRECTORY, HOOK_FILE, leaseFile } from './paths.js';

const recordSchema = z.object({
  pid: z.int().positive(),
  startTime: z.string(),
  run: z.string(),
  containerId: z.string(),
  interfaceName: z.string(),
  hostLink: z.string(),
});

/** A DHCP client that was started: enough to find it again, and to be sure that it is the same process. */
export type ClientRecord = z.output<typeof recordSchema>;

/** What a DHCP client is started for. */
export interface ClientSpec {
  readonly containerId: string;
  readonly containerName: string;
  readonly interfaceName: string;
  readonly hostLink: string;
  readonly mac: string;
  readonly netns: ContainerNetns;
}

/** Install the hook that the DHCP clients call. */
export async function installHook(host: Host): Promise<void> {
  const hook = render('attach/udhcpc-hook.sh.ejs', {});
  await host.files.mkdir(STATE_FOLDER, 0o700);
  if ((await host.files.read(HOOK_FILE)) !== hook) await host.files.write(HOOK_FILE, hook, 0o700);
}

/**
 * Start a DHCP client in the container's network namespace. It stays: a client that leaves after its first lease, as
 * pipework's do, loses the address when the lease ends. It asks for the address that it had before, if any.
 */
export async function startClient(
  host: Host,
  spec: ClientSpec,
  options: Pick<SpawnOptions, 'detached' | 'onLine'>,
): Promise<{ record: ClientRecord; child: Child }> {
  const program = await clientProgram(host);
  const previous = (await readLease(host, spec.hostLink))?.lease?.address.split('/')[0];
  const run = `${host.pid}-${host.clock.now()}`;
  const child = host.spawn(inNetns(spec.netns.path, clientArgv(program, spec, previous)), {
    ...options,
    env: {
      BRIDGE_SETUP_INTERFACE: spec.interfaceName,
      BRIDGE_SETUP_MAC: spec.mac,
      BRIDGE_SETUP_RUN: run,
      BRIDGE_SETUP_RECORD: leaseFile(spec.hostLink),
    },
  });
  await entered(host, child.pid, spec.netns);
  const { containerId, interfaceName, hostLink } = spec;
  // nsenter becomes the client by exec, so PID and start time are the client's from the first moment on.
  const startTime = (await startTimeOf(host, child.pid)) ?? 'ended';
  const record: ClientRecord = { pid: child.pid, startTime, run, containerId, interfaceName, hostLink };
  await host.files.write(recordFile(containerId, hostLink), `${JSON.stringify(record)}\n`, 0o600);
  return { record, child };
}

/** The arguments of udhcpc (busybox, networking/udhcp/dhcpc.c). No release at its end: the address is kept. */
function clientArgv(program: readonly string[], spec: ClientSpec, previous?: string): string[] {
  return [
    ...program,
    '-f',
    ...['-i', spec.interfaceName],
    ...['-s', HOOK_FILE],
    // A host name has at most 63 characters (RFC 1123, 2.1).
    ...['-x', `hostname:${spec.containerName.slice(0, 63)}`],
    // Five discovers, two seconds apart, then a pause of five: a LAN that comes up late is found soon.
    ...['-t', '5', '-T', '2', '-A', '5'],
    ...(previous === undefined ? [] : ['-r', previous]),
  ];
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

async function clientProgram(host: Host): Promise<string[]> {
  const udhcpc = await host.which('udhcpc');
  if (udhcpc !== null) return [udhcpc];
  const busybox = await host.which('busybox');
  if (busybox !== null) return [busybox, 'udhcpc'];
  throw new SetupError('dhcp-client-missing', 'udhcpc is not installed on this host', {
    exitCode: EXIT.refused,
    hint: 'Install the package "udhcpc" (or "busybox").',
  });
}

async function recordNames(host: Host): Promise<string[]> {
  return (await host.files.list(CLIENT_DIRECTORY)).filter((name) => name.endsWith('.json'));
}

async function readRecord(host: Host, file: string): Promise<ClientRecord | null> {
  try {
    return recordSchema.parse(JSON.parse((await host.files.read(file)) ?? ''));
  } catch {
    return null;
  }
}

function recordFile(containerId: string, hostLink: string): string {
  return `${CLIENT_DIRECTORY}/${shortId(containerId)}-${hostLink}.json`;
}

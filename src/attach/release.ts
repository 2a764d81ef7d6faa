import type { Host } from '../host/host.js';
import { type ClientRecord, clientFolder, endProcess, isAlive, stopClient } from './client.js';
import { dhclientRelease } from './dhcp-command.js';
import { inNetns } from './ip.js';
import { heldLease, type Lease, leaseOfRun, readLease } from './lease.js';
import { leaseFile } from './paths.js';

/** How long a client that was just started may take to have the lease of an earlier one confirmed. */
const CONFIRM_MS = 5000;
/** How long a client may take to give its lease back. */
const RELEASE_MS = 1000;

/**
 * Give the lease back and end the client (RFC 2131, 4.4.6), while the link still leads to the server. It is only told:
 * a server that does not hear it keeps the address until the lease ends. Only a client that holds a lease can give it
 * back, so one that asks for that of an earlier client is given the time to get it.
 */
export async function releaseClient(host: Host, record: ClientRecord): Promise<void> {
  const lease = await confirmedLease(host, record);
  if (lease !== null) await release(host, record, lease);
  await stopClient(host, record);
}

async function confirmedLease(host: Host, record: ClientRecord): Promise<Lease | null> {
  const deadline = host.clock.now() + CONFIRM_MS;
  for (;;) {
    const seen = await readLease(host, record.hostLink);
    const lease = leaseOfRun(seen, record.run);
    if (lease !== null || heldLease(seen, host.clock.now()) === null) return lease;
    if (host.clock.now() >= deadline || !(await isAlive(host, record))) return null;
    await host.clock.sleep(20);
  }
}

async function release(host: Host, record: ClientRecord, lease: Lease): Promise<void> {
  // The namespace of a dead container lives as long as the client, and has to live until the message is on its way.
  const held = await host.files.hold(`/proc/${record.pid}/ns/net`).catch(() => null);
  if (held === null) return;
  try {
    // After it was opened: the PID may be another process's.
    if (!(await isAlive(host, record))) return;
    // The hook takes the address away right after the message is sent; one that waited for ARP would go with it.
    if (lease.server !== null) {
      await host.run(inNetns(held.path, ['ping', '-n', '-c', '1', '-W', '1', lease.server]), {
        check: false,
      });
    }
    await askForRelease(host, record, held.path);
    await released(host, record);
  } finally {
    await held.close();
  }
}

async function askForRelease(host: Host, record: ClientRecord, netns: string): Promise<void> {
  // dhcpcd(8), "SIGNALS"; busybox, networking/udhcp/dhcpc.c.
  if (record.client !== 'dhclient') {
    host.signal(record.pid, record.client === 'dhcpcd' ? 'SIGALRM' : 'SIGUSR2');
    return;
  }
  const program = await host.which('dhclient');
  if (program === null) return;
  await endProcess(host, record);
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
  const deadline = host.clock.now() + RELEASE_MS;
  const isHeld = async () => leaseOfRun(await readLease(host, record.hostLink), record.run) !== null;
  while (host.clock.now() < deadline && (await isAlive(host, record)) && (await isHeld())) {
    await host.clock.sleep(20);
  }
}

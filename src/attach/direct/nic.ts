import { refusal } from '../../errors.js';
import type { Host } from '../../host/host.js';
import { runIpBatch } from '../../host/ip-batch.js';
import { startTimeOf } from '../../host/process.js';
import { endClients } from '../client.js';
import { inNetns, ipBatch, readLinks } from '../ip.js';
import { insideAlias } from '../names.js';
import { nicKeeperFile } from '../paths.js';
import { forgetEndpoint } from '../state.js';
import {
  isContainerAlive,
  type NicRecord,
  readNicRecord,
  readNicRecords,
  removeNicRecord,
  writeNicRecord,
} from './nic-record.js';

/** How this program is called again. */
export interface ProgramCall {
  readonly node: string;
  readonly root: string;
}

const KEEPER_START_MS = 15_000;
const POLL_MS = 250;

/**
 * Move a NIC of the host into a container. Before it goes, a process of this program stands ready that gives it back
 * when the container is gone: the kernel would only do so for NICs of hardware, and under the container's name.
 */
export async function takeNic(
  host: Host,
  record: NicRecord,
  netns: string,
  program: ProgramCall,
): Promise<void> {
  const { key, nic, interfaceName, containerId } = record;
  await writeNicRecord(host, record);
  try {
    await ensureKeeper(host, key, program);
    await ipBatch(host, null, [
      `link set dev ${nic.name} down`,
      `link set dev ${nic.name} alias ${insideAlias(containerId, interfaceName)}`,
      `link set dev ${nic.name} netns ${netns} name ${interfaceName}`,
    ]);
  } catch (error) {
    await giveNicBack(host, record, netns);
    throw error;
  }
}

/** See to it that a process waits to give a NIC back. */
export async function ensureKeeper(host: Host, key: string, program: ProgramCall): Promise<void> {
  if (await hasKeeper(host, key)) return;
  await host.files.remove(nicKeeperFile(key));
  host.spawn([program.node, `${program.root}/bin/bridge-setup.js`, 'keep-nic', key], { detached: true });
  const deadline = host.clock.elapsed() + KEEPER_START_MS;
  while (!(await hasKeeper(host, key))) {
    if (host.clock.elapsed() >= deadline) {
      throw refusal('no-keeper', 'the process that gives the NIC back did not start; nothing was changed');
    }
    await host.clock.sleep(20);
  }
}

/**
 * Wait until the container of a NIC is gone, then give the NIC back. It holds the container's namespace meanwhile: with
 * the last holder of a namespace the kernel removes all virtual links in it. Ends as well when the record is gone.
 */
export async function keepNic(host: Host, key: string, signal: AbortSignal): Promise<void> {
  const record = await readNicRecord(host, key);
  if (record === null) return;
  const held = await host.files.hold(`/proc/${record.containerPid}/ns/net`).catch(() => null);
  try {
    if (held !== null && (await isContainerAlive(host, record))) {
      const start = (await startTimeOf(host, host.pid)) ?? '';
      await host.files.write(nicKeeperFile(key), `${host.pid} ${start}\n`, 0o600);
      while (await isContainerAlive(host, record)) {
        await host.clock.sleep(POLL_MS, signal);
        if ((await readNicRecord(host, key)) === null) return;
      }
    }
    // `attach` or `detach` may have been faster.
    if ((await readNicRecord(host, key)) !== null) await giveNicBack(host, record, held?.path ?? null);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await held?.close();
  }
}

/**
 * Give a NIC back to the host as it was: name, MAC address, MTU, lasting addresses, routes. It is looked for in the
 * container's namespace first and then on the host, where the kernel leaves a NIC of hardware whose namespace is gone.
 */
export async function giveNicBack(host: Host, record: NicRecord, netns: string | null): Promise<void> {
  const { key, nic, containerId, interfaceName } = record;
  await endClients(host, containerId, key);
  const alias = insideAlias(containerId, interfaceName);
  const inside = netns === null ? undefined : await linkWith(host, alias, netns);
  if (inside !== undefined && netns !== null) await moveBack(host, record, inside, netns);
  const back = await linkWith(host, alias, null);
  if (back !== undefined) {
    await host.run(['ip', 'link', 'set', 'dev', back, 'down']);
    // Somebody may have the name by now: then the NIC keeps the one that it has.
    const renamed =
      back === nic.name ||
      (await host.run(['ip', 'link', 'set', 'dev', back, 'name', nic.name], { check: false })).exitCode === 0;
    await restore(host, record, renamed ? nic.name : back);
  }
  await removeNicRecord(host, key);
  await forgetEndpoint(host, containerId, key);
}

/** Give back what was left when a container went and nobody waited for that. */
export async function recoverNics(host: Host): Promise<void> {
  for (const record of await readNicRecords(host)) {
    if ((await isContainerAlive(host, record)) || (await hasKeeper(host, record.key))) continue;
    await giveNicBack(host, record, null);
  }
}

async function hasKeeper(host: Host, key: string): Promise<boolean> {
  const [pid, start] = ((await host.files.read(nicKeeperFile(key))) ?? '').trim().split(' ');
  return start !== undefined && (await startTimeOf(host, Number(pid))) === start;
}

async function linkWith(host: Host, alias: string, netns: string | null): Promise<string | undefined> {
  return (await readLinks(host, netns)).find((link) => link.alias === alias)?.name;
}

/** Under a name that is free on the host for sure: the container's name for it may not be. */
async function moveBack(host: Host, { key }: NicRecord, inside: string, netns: string): Promise<void> {
  await host.run(inNetns(netns, ['ip', 'link', 'set', 'dev', inside, 'down']));
  await host.run(
    inNetns(netns, ['ip', 'link', 'set', 'dev', inside, 'netns', `/proc/${host.pid}/ns/net`, 'name', key]),
  );
}

async function restore(host: Host, { nic }: NicRecord, name: string): Promise<void> {
  const mac = nic.mac === null ? [] : [`link set dev ${name} address ${nic.mac}`];
  await runIpBatch(host, [...mac, `link set dev ${name} mtu ${nic.mtu}`]);
  await host.run(['ip', 'link', 'set', 'dev', name, 'alias', nic.alias ?? '']);
  if (nic.up) await host.run(['ip', 'link', 'set', 'dev', name, 'up']);
  const lines = [
    ...nic.addresses.map((address) => `address replace ${address} dev ${name}`),
    ...(name === nic.name ? nic.routes.map((route) => `route replace ${route}`) : []),
  ];
  // Each by itself: a route may lead where nobody is any more.
  for (const line of lines) await host.run(['ip', ...line.split(' ')], { check: false });
}

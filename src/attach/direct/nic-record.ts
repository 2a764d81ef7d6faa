import { z } from 'zod';
import type { ContainerInfo, Host } from '../../host/host.js';
import { parseIpJson } from '../../host/ip-json.js';
import { startTimeOf } from '../../host/process.js';
import { NIC_DIRECTORY, nicFile, nicKeeperFile } from '../paths.js';
import { parseRecord } from '../record.js';

const routeSchema = z.looseObject({
  dst: z.string(),
  gateway: z.string().optional(),
  metric: z.number().optional(),
  protocol: z.string().default('boot'),
});

const recordSchema = z.object({
  version: z.literal(1),
  /** Name of the record; also that of the endpoint's state and DHCP client. */
  key: z.string(),
  containerId: z.string(),
  /** The container's first process: when it has ended, the NIC comes back. */
  containerPid: z.int().positive(),
  containerStart: z.string(),
  interfaceName: z.string(),
  /** The NIC as it was on the host. */
  nic: z.object({
    name: z.string(),
    mac: z.string().nullable(),
    mtu: z.number(),
    up: z.boolean(),
    alias: z.string().nullable(),
    /** Lasting addresses, as arguments of `ip address add`. */
    addresses: z.array(z.string()),
    /** Routes that somebody has set, as arguments of `ip route replace`. */
    routes: z.array(z.string()),
  }),
});

/** A NIC that was moved into a container, and how it was before. */
export type NicRecord = z.output<typeof recordSchema>;

const addressSchema = z.looseObject({
  addr_info: z
    .array(
      z.looseObject({
        local: z.string().optional(),
        prefixlen: z.number().optional(),
        scope: z.string().default('global'),
        dynamic: z.boolean().default(false),
        broadcast: z.string().optional(),
      }),
    )
    .default([]),
});

/** The lasting addresses and routes of a NIC of the host: the kernel drops them when it is moved. */
export async function readNicConfiguration(
  host: Host,
  name: string,
): Promise<Pick<NicRecord['nic'], 'addresses' | 'routes'>> {
  const shown = await host.run(['ip', '-details', '-json', 'address', 'show', 'dev', name]);
  const addresses = parseIpJson(shown.stdout, addressSchema)
    .flatMap(({ addr_info: all }) => all)
    .flatMap(({ local, prefixlen, scope, dynamic, broadcast }) =>
      local === undefined || prefixlen === undefined || scope !== 'global' || dynamic
        ? []
        : [`${local}/${prefixlen}${broadcast === undefined ? '' : ` brd ${broadcast}`}`],
    );
  const routes: string[] = [];
  for (const family of ['-4', '-6']) {
    const table = await host.run(['ip', family, '-json', 'route', 'show', 'dev', name]);
    for (const { dst, gateway, metric, protocol } of parseIpJson(table.stdout, routeSchema)) {
      if (protocol !== 'boot' && protocol !== 'static') continue;
      const via = gateway === undefined ? '' : ` via ${gateway}`;
      const order = metric === undefined ? '' : ` metric ${metric}`;
      routes.push(`${dst}${via} dev ${name}${order} proto ${protocol}`);
    }
  }
  return { addresses, routes };
}

/** Write the record of a NIC; only root may read it. */
export async function writeNicRecord(host: Host, record: NicRecord): Promise<void> {
  await host.files.mkdir(NIC_DIRECTORY, 0o700);
  await host.files.write(nicFile(record.key), `${JSON.stringify(record)}\n`, 0o600);
}

/** The record of a NIC; `null` when there is none. */
export async function readNicRecord(host: Host, key: string): Promise<NicRecord | null> {
  return parseRecord(recordSchema, await host.files.read(nicFile(key)).catch(() => null));
}

/** The records of all NICs that are in containers. */
export async function readNicRecords(host: Host): Promise<NicRecord[]> {
  const names = (await host.files.list(NIC_DIRECTORY)).filter((name) => name.endsWith('.json'));
  const records = await Promise.all(names.map((name) => readNicRecord(host, name.slice(0, -5))));
  return records.filter((record) => record !== null);
}

/** Forget a NIC that was given back. */
export async function removeNicRecord(host: Host, key: string): Promise<void> {
  await host.files.remove(nicFile(key));
  await host.files.remove(nicKeeperFile(key));
}

/** Whether the container's first process of then is still there. */
export async function isContainerAlive(host: Host, record: NicRecord): Promise<boolean> {
  return (await startTimeOf(host, record.containerPid)) === record.containerStart;
}

/** A record for a NIC that is about to be moved. */
export async function recordOf(
  host: Host,
  container: ContainerInfo,
  endpoint: { readonly key: string; readonly interfaceName: string },
  nic: Omit<NicRecord['nic'], 'addresses' | 'routes'>,
): Promise<NicRecord> {
  return {
    version: 1,
    ...endpoint,
    containerId: container.id,
    containerPid: container.pid,
    containerStart: (await startTimeOf(host, container.pid)) ?? 'ended',
    nic: { ...nic, ...(await readNicConfiguration(host, nic.name)) },
  };
}

import type { Host } from '../../host/host.js';
import { runIpBatch } from '../../host/ip-batch.js';
import type { CopyAddresses, DropAddresses, RestoreAddresses, RetireAddresses } from '../../model/live.js';
import { type LiveAddress, type LiveLink, readLink, requireLink, settled } from './ip.js';

const cidr = ({ address, prefix }: LiveAddress) => `${address}/${prefix}`;
const has = ({ addresses }: LiveLink, wanted: LiveAddress) =>
  addresses.some((present) => cidr(present) === cidr(wanted));

/** See `CopyAddresses`. */
export async function copyAddresses({ from, to }: CopyAddresses, host: Host): Promise<void> {
  const [source, target] = [await readLink(host, from), await requireLink(host, to)];
  if (source === null) return;
  const missing = source.addresses.filter((address) => !has(target, address));
  await runIpBatch(host, [
    ...(target.addressMode === null ? [] : [`link set ${to} addrgenmode none`]),
    ...inKernelOrder(missing).map((address) => addLine(address, from, to)),
    ...(await neighbourLines(host, from, to)),
  ]);
  await settled(host, async () => {
    const now = await requireLink(host, to);
    const absent = source.addresses.find((address) => !has(now, address));
    if (absent !== undefined) return `${to} has no ${cidr(absent)}`;
    return localRoutesMissing(host, to, source.addresses);
  });
  // It has its link-local address by now; from here on the kernel makes others as it did before.
  if (source.addressMode === 'eui64' || source.addressMode === 'random') {
    await runIpBatch(host, [`link set ${to} addrgenmode ${source.addressMode}`]);
  }
}

/**
 * Addresses in the order in which they have to be added to be listed as they were. The kernel puts one of IPv6 before
 * the others of its scope (ipv6_link_dev_addr), and of equally good source addresses it takes the first (RFC 6724).
 */
function inKernelOrder(addresses: readonly LiveAddress[]): LiveAddress[] {
  const of = (wanted: 4 | 6) => addresses.filter(({ family }) => family === wanted);
  return [...of(4), ...of(6).toReversed()];
}

/** A line of ip-address(8) that gives a link an address as another one has it. */
function addLine(address: LiveAddress, from: string, to: string): string {
  const { family, scope, peer, broadcast, label, metric, noPrefixRoute } = address;
  const words = ['address', 'add'];
  words.push(...(peer === null ? [cidr(address)] : [address.address, 'peer', `${peer}/${address.prefix}`]));
  if (broadcast !== null) words.push('broadcast', broadcast);
  words.push('dev', to, 'scope', scope);
  // An alias of interfaces(5), `eth0:0`.
  if (label?.startsWith(`${from}:`)) words.push('label', `${to}${label.slice(from.length)}`);
  if (metric !== null) words.push('metric', String(metric));
  if (address.validSeconds !== null) {
    const preferred = Math.min(address.preferredSeconds ?? address.validSeconds, address.validSeconds);
    words.push('valid_lft', String(address.validSeconds), 'preferred_lft', String(preferred));
  }
  // Routes of IPv6 are moved one by one, and the kernel would add its own beside them.
  if (noPrefixRoute || family === 6) words.push('noprefixroute');
  if (family === 6) words.push('nodad');
  return words.join(' ');
}

/** Without them the first packet of each conversation is lost, or waits for a second. */
async function neighbourLines(host: Host, from: string, to: string): Promise<string[]> {
  const { stdout } = await host.run(['ip', 'neighbour', 'show', 'dev', from]);
  return stdout.split('\n').flatMap((line) => {
    const found = /^(\S+) lladdr (\S+) .*?([A-Z]+)\s*$/.exec(line.trim());
    if (found === null) return [];
    const [, address, mac, state] = found;
    return [
      `neighbour replace ${address} lladdr ${mac} dev ${to} nud ${state === 'PERMANENT' ? 'permanent' : 'reachable'}`,
    ];
  });
}

/** The kernel takes packets for an IPv6 address once its local route is there, which is a moment after the address. */
async function localRoutesMissing(
  host: Host,
  link: string,
  wanted: readonly LiveAddress[],
): Promise<string | null> {
  const v6 = wanted.filter(({ family }) => family === 6);
  if (v6.length === 0) return null;
  const { stdout } = await host.run(['ip', '-6', 'route', 'show', 'table', 'local', 'dev', link]);
  const local = new Set(stdout.split('\n').map((line) => /^local (\S+)/.exec(line)?.[1]));
  const missing = v6.find(({ address }) => !local.has(address));
  return missing === undefined
    ? null
    : `the kernel does not take packets for ${missing.address} on ${link} yet`;
}

/** See `DropAddresses`. */
export async function dropAddresses({ link, heldBy }: DropAddresses, host: Host): Promise<void> {
  const [dropped, holder] = [await readLink(host, link), await requireLink(host, heldBy)];
  if (dropped === null) return;
  const both = dropped.addresses.filter((address) => has(holder, address));
  await runIpBatch(host, [
    ...(dropped.addressMode === null ? [] : [`link set ${link} addrgenmode none`]),
    // The first of a subnet last: without promote_secondaries it takes the others along.
    ...both.toReversed().map((address) => `address del ${cidr(address)} dev ${link}`),
  ]);
  await ordinary(host, heldBy, holder);
  await settled(host, async () => {
    const left = (await requireLink(host, link)).addresses.find((address) => has(holder, address));
    return left === undefined ? null : `${link} still has ${cidr(left)}`;
  });
}

/**
 * Static addresses of IPv6 were copied without the route to their subnet. From now on that route belongs to the
 * address again, so that it comes back after the cable was out.
 */
async function ordinary(host: Host, name: string, { addresses }: LiveLink): Promise<void> {
  const fixed = addresses.filter(
    ({ family, validSeconds, noPrefixRoute }) => family === 6 && validSeconds === null && noPrefixRoute,
  );
  await runIpBatch(
    host,
    fixed.map((address) => `address change ${cidr(address)} dev ${name}`),
  );
}

/** See `RetireAddresses`. */
export async function retireAddresses({ link, addresses }: RetireAddresses, host: Host): Promise<void> {
  for (const address of addresses) {
    const present = (await requireLink(host, link)).addresses.filter(
      ({ family, scope }) => family === 4 && scope === 'global',
    );
    if (present.length < 2 || !present.some((one) => cidr(one) === address)) continue;
    await runIpBatch(host, [`address del ${address} dev ${link}`]);
  }
}

/** See `RestoreAddresses`. */
export async function restoreAddresses({ link, addresses }: RestoreAddresses, host: Host): Promise<void> {
  const present = await readLink(host, link);
  if (present === null) return;
  await runIpBatch(
    host,
    addresses
      .filter((address) => !present.addresses.some((one) => cidr(one) === address))
      .map((address) => `address add ${address} broadcast + dev ${link}`),
  );
}

import type { Host } from '../../host/host.js';
import { runIpBatch } from '../../host/ip-batch.js';
import {
  addAddressLine,
  changeAddressLine,
  type IpAddress,
  isSameAddress,
  isTemporary,
  isTentative,
  localAddress,
} from '../../iproute/address.js';
import { neighbourLines } from '../../iproute/neighbour.js';
import type { CopyAddresses, DropAddresses, RestoreAddresses, RetireAddresses } from '../../model/live.js';
import { keepSecondaries } from './bridge.js';
import { type LiveLink, readAddressMode, readLink, requireLink, settled } from './ip.js';
import { readRoutes, removeUnlessThrough, restoreRoutes } from './routes.js';

/** Longer than duplicate address detection takes (RFC 4862): a second, and up to one before it begins. */
const DAD_SECONDS = 3;

/** How ip-token(8) calls that there is none. */
const NO_TOKEN = '::';

const has = ({ addresses }: LiveLink, wanted: IpAddress) =>
  addresses.some((present) => isSameAddress(present, wanted));

/** Privacy addresses are the kernel's: it makes new ones for the other link. */
const movable = ({ addresses }: LiveLink) => addresses.filter((address) => !isTemporary(address));

/** See `CopyAddresses`. */
export async function copyAddresses({ from, to }: CopyAddresses, host: Host): Promise<void> {
  const source = await checkedForDuplicates(host, from);
  if (source === null) return;
  const target = await requireLink(host, to);
  const missing = movable(source).filter((address) => !has(target, address));
  const mode = await readAddressMode(host, to);
  const bringsRoutes = missing.some(({ family }) => family === 4);
  const before = bringsRoutes ? await readRoutes(host, 4) : [];
  await runIpBatch(host, [
    ...(mode === null || mode === 'none' ? [] : [`link set ${to} addrgenmode none`]),
    ...inKernelOrder(missing).map((address) => addAddressLine(address, from, to, stagedFlags(address))),
    ...(await neighboursOf(host, from, to)),
  ]);
  // An address of IPv4 brings the route to its subnet along, also where that had been removed or changed.
  if (bringsRoutes) await removeUnlessThrough(host, before, from, to);
  await settled(host, async () => {
    const now = await requireLink(host, to);
    const absent = movable(source).find((address) => !has(now, address));
    if (absent !== undefined) return `${to} has no ${localAddress(absent)}`;
    return localRoutesMissing(host, to, movable(source));
  });
}

/** A link once its addresses are known to be nobody else's; it may be that they never are, where nothing is plugged in. */
async function checkedForDuplicates(host: Host, name: string): Promise<LiveLink | null> {
  const deadline = host.clock.elapsed() + DAD_SECONDS * 1000;
  for (;;) {
    const link = await readLink(host, name);
    const waits = link !== null && movable(link).some(({ states }) => states.includes('tentative'));
    const isOver = link?.addresses.every(({ states }) => !states.includes('dadfailed')) === false;
    if (!waits || isOver || host.clock.elapsed() >= deadline) return link;
    await host.clock.sleep(20);
  }
}

/**
 * Meanwhile an address of IPv6 is in use on both links. Routes of IPv6 are moved one by one, and the kernel would add
 * its own beside them. Privacy addresses are made beside it once the bridge has a port: on a link without carrier the
 * kernel drops each new one, and after a few attempts it gives them up for that link for good (`use_tempaddr` is -1).
 */
function stagedFlags(address: IpAddress): string[] {
  if (address.family === 4) return [...address.flags];
  const flags = flagsOfCopies(address);
  return [...(isTentative(address) ? flags : flags.add('nodad'))];
}

const flagsOfCopies = ({ flags }: IpAddress) =>
  new Set<string>([...flags.filter((flag) => flag !== 'mngtmpaddr'), 'noprefixroute']);

/**
 * Addresses in the order in which they have to be added to be listed as they were. The kernel puts one of IPv6 before
 * the others of its scope (ipv6_link_dev_addr), and of equally good source addresses it takes the first (RFC 6724).
 */
function inKernelOrder(addresses: readonly IpAddress[]): IpAddress[] {
  const of = (wanted: 4 | 6) => addresses.filter(({ family }) => family === wanted);
  return [...of(4), ...of(6).toReversed()];
}

async function neighboursOf(host: Host, from: string, to: string): Promise<string[]> {
  const show = async (...words: string[]) =>
    (await host.run(['ip', 'neighbour', 'show', ...words, 'dev', from])).stdout;
  return neighbourLines(await show(), await show('proxy'), to);
}

/** The kernel takes packets for an IPv6 address once its local route is there, which is a moment after the address. */
async function localRoutesMissing(
  host: Host,
  link: string,
  wanted: readonly IpAddress[],
): Promise<string | null> {
  const v6 = wanted.filter((address) => address.family === 6 && !isTentative(address));
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
  await finishAddresses(host, dropped, heldBy, holder);
  await handAddressModeOver(host, link, heldBy);
  const both = movable(dropped).filter((address) => has(holder, address));
  // The first of a subnet last: without promote_secondaries it takes the others along. One may have ended by itself.
  await host.run(['ip', '-force', '-batch', '-'], {
    input: both
      .toReversed()
      .map((address) => `address del ${localAddress(address)} dev ${link}\n`)
      .join(''),
    check: false,
  });
  await settled(host, async () => {
    const now = await requireLink(host, link);
    const left = movable(now).find((address) => has(holder, address));
    if (left !== undefined) return `${link} still has ${localAddress(left)}`;
    return removeOrphans(host, link, now);
  });
}

/** Privacy addresses end with the address that they were made beside; old kernels leave them. */
async function removeOrphans(host: Host, name: string, link: LiveLink): Promise<string | null> {
  if (link.addresses.some(({ flags }) => flags.includes('mngtmpaddr'))) return null;
  const orphans = link.addresses.filter(isTemporary);
  for (const orphan of orphans) {
    await host.run(['ip', 'address', 'del', localAddress(orphan), 'dev', name], { check: false });
  }
  return orphans[0] === undefined ? null : `${name} still has ${localAddress(orphans[0])}`;
}

/**
 * Addresses of IPv6 were copied without the route to their subnet. From now on that route belongs to the address again,
 * where it did, so that it comes back after the cable was out. The routes are where they belong already.
 */
async function finishAddresses(
  host: Host,
  dropped: LiveLink,
  heldBy: string,
  holder: LiveLink,
): Promise<void> {
  const lines = movable(dropped).flatMap((address) => {
    const held = holder.addresses.find((one) => isSameAddress(one, address));
    if (address.family === 4 || held === undefined || !isStaged(held, address)) return [];
    return [changeAddressLine(held, heldBy, { flags: address.flags })];
  });
  if (lines.length === 0) return;
  const before = await readRoutes(host, 6);
  await runIpBatch(host, lines);
  await restoreRoutes(host, before, heldBy);
}

/**
 * Whether an address has the flags of a copy that is not finished. Where a change is rolled back before it came to its
 * end, the copy is the one that goes, and what stays has its own flags still.
 */
function isStaged(held: IpAddress, original: IpAddress): boolean {
  const staged = flagsOfCopies(original);
  const flags = held.flags.filter((flag) => flag !== 'nodad' || staged.has(flag));
  const isSame = held.flags.join(' ') === original.flags.join(' ');
  return !isSame && flags.length === staged.size && flags.every((flag) => staged.has(flag));
}

/** How the kernel makes addresses by itself: on the link that has the others. */
async function handAddressModeOver(host: Host, from: string, to: string): Promise<void> {
  await handTokenOver(host, from, to);
  const mode = await readAddressMode(host, from);
  if (mode === null || mode === 'none') return;
  await runIpBatch(host, [`link set ${to} addrgenmode ${mode}`, `link set ${from} addrgenmode none`]);
}

/**
 * The token of ip-token(8), which is the second half of addresses that routers advertise. The kernel takes one only where
 * a link listens to routers; where the port does not any more, its token means nothing.
 */
async function handTokenOver(host: Host, from: string, to: string): Promise<void> {
  const shown = await host.run(['ip', 'token', 'show', 'dev', from], { check: false });
  const token = /^token (\S+) dev /.exec(shown.stdout)?.[1];
  if (shown.exitCode !== 0 || token === undefined || token === NO_TOKEN) return;
  const set = (value: string, link: string) =>
    host.run(['ip', 'token', 'set', value, 'dev', link], { check: false });
  if ((await set(token, to)).exitCode === 0) await set(NO_TOKEN, from);
}

/** See `RetireAddresses`. */
export async function retireAddresses({ link, addresses }: RetireAddresses, host: Host): Promise<void> {
  // It came first, and would take the one that stays along.
  await keepSecondaries(host, link);
  for (const address of addresses) {
    const present = (await requireLink(host, link)).addresses.filter(
      ({ family, scope }) => family === 4 && scope === 'global',
    );
    const found = present.find((one) => `${one.address}/${one.prefix}` === address);
    if (present.length < 2 || found === undefined) continue;
    await runIpBatch(host, [`address del ${localAddress(found)} dev ${link}`]);
  }
}

/** See `RestoreAddresses`. */
export async function restoreAddresses({ link, addresses }: RestoreAddresses, host: Host): Promise<void> {
  const present = await readLink(host, link);
  if (present === null) return;
  // The address that came in its place goes next, and would take it along.
  await keepSecondaries(host, link);
  await runIpBatch(
    host,
    addresses
      .filter((text) => !present.addresses.some(({ address, prefix }) => `${address}/${prefix}` === text))
      .map((address) => `address add ${address} broadcast + dev ${link}`),
  );
}

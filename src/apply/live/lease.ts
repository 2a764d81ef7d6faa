import type { Host } from '../../host/host.js';
import { runIpBatch } from '../../host/ip-batch.js';
import { localAddress } from '../../iproute/address.js';
import { type IpRoute, linksOf, routeLine, wordAfter } from '../../iproute/route.js';
import type { EndLease, StartDhcpClient } from '../../model/live.js';
import { keepSecondaries } from './bridge.js';
import { readLink } from './ip.js';
import { readRoutes } from './routes.js';

/** Behind whatever a DHCP client chooses. */
const LAST_METRIC = 0xfffffffe;

/**
 * The default routes of before give way to those of a first lease: its client adds one only where there is none with the
 * same metric. Until then what leaves the LAN goes by them.
 */
export async function yieldRoutes({ link, unleased }: StartDhcpClient, host: Host): Promise<void> {
  for (const route of unleased?.routes ?? []) {
    const own = (await defaultRoutes(host, link)).filter((each) => isSameWay(each, route.split(' ')));
    await runIpBatch(host, [
      `route replace ${demoted(route)} dev ${link}`,
      ...own.map((each) => routeLine('del', each)),
    ]);
  }
}

/** Once the client has its lease, or goes on without one: the routes of before go, or are what they were. */
export async function settleRoutes({ link, unleased }: StartDhcpClient, host: Host): Promise<void> {
  const routes = unleased?.routes ?? [];
  if (routes.length === 0) return;
  const isDemoted = (route: IpRoute) => wordAfter(route.words, 'metric') === String(LAST_METRIC);
  const present = await defaultRoutes(host, link);
  const isLeased = present.some((route) => !isDemoted(route));
  await runIpBatch(host, [
    ...(isLeased ? [] : routes.map((route) => `route replace ${route} dev ${link}`)),
    ...present.filter(isDemoted).map((route) => routeLine('del', route)),
  ]);
}

const demoted = (route: string): string => `${route.replace(/ metric \d+/, '')} metric ${LAST_METRIC}`;

/** See `EndLease`. */
export async function endLease(step: EndLease, host: Host): Promise<void> {
  const { client, link, addresses, routes } = step;
  const present = await readLink(host, link);
  if (present === null) return;
  const own = present.addresses.filter(({ family, scope }) => family === 4 && scope === 'global');
  const isOld = ({ address, prefix }: (typeof own)[number]) => addresses.includes(`${address}/${prefix}`);
  if (addresses.length > 0 && !own.some(isOld)) return;
  const others = own.filter((one) => !isOld(one));
  // udhcpc's script sets no lifetime.
  const leased = client === 'udhcpc' ? others.slice(0, 1) : others.filter((one) => one.validSeconds !== null);
  await keepSecondaries(host, link);
  await runIpBatch(
    host,
    routes.map((route) => `route replace ${route} dev ${link}`),
  );
  const surplus = (await defaultRoutes(host, link)).filter(
    (route) => !routes.some((text) => isSameWay(route, text.split(' '))),
  );
  await runIpBatch(host, [
    ...surplus.map((route) => routeLine('del', route)),
    ...leased.map((address) => `address del ${localAddress(address)} dev ${link}`),
  ]);
}

/** Default routes of IPv4 in the main table that lead through a link. */
async function defaultRoutes(host: Host, link: string): Promise<IpRoute[]> {
  return (await readRoutes(host, 4)).filter(
    (route) =>
      route.destination === 'default' &&
      linksOf(route).every((each) => each === link) &&
      [null, 'main'].includes(wordAfter(route.words, 'table')),
  );
}

/** By gateway and metric: the rest was given with the route. */
const isSameWay = ({ words }: IpRoute, wanted: readonly string[]): boolean =>
  ['via', 'metric'].every((key) => wordAfter(words, key) === wordAfter(wanted, key));

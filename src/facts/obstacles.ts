import { z } from 'zod';
import type { Host } from '../host/host.js';
import { parseIpJson } from '../host/ip-json.js';
import { addressEntry } from '../iproute/address.js';
import { parseIpNexthops } from '../iproute/nexthop.js';
import { obstaclesOf } from '../iproute/obstacles.js';
import { parseIpRoutes } from '../iproute/route.js';
import type { Obstacle } from '../model/facts.js';

const linkEntry = z.looseObject({ ifname: z.string(), addr_info: z.array(addressEntry).default([]) });

/** What of the network of each link could not be moved to a bridge as it is. */
export async function collectObstacles(host: Host): Promise<Obstacle[]> {
  const shown = async (...words: string[]) => {
    const { exitCode, stdout } = await host.run(['ip', ...words], { check: false });
    return exitCode === 0 ? stdout : '';
  };
  const routes = (family: 4 | 6) =>
    shown(`-${family}`, '-details', '-oneline', 'route', 'show', 'table', 'all');
  const [links, routes4, routes6, nexthops] = await Promise.all([
    shown('-json', '-details', 'address', 'show'),
    routes(4),
    routes(6),
    shown('nexthop', 'show'),
  ]);
  const addresses = Object.fromEntries(
    parseIpJson(links, linkEntry).map(({ ifname, addr_info }) => [ifname, addr_info]),
  );
  const network = {
    addresses,
    routes: [...parseIpRoutes(routes4, 4), ...parseIpRoutes(routes6, 6)],
    nexthops: parseIpNexthops(nexthops),
  };
  return Object.keys(addresses).flatMap((link) => obstaclesOf(network, link));
}

import { z } from 'zod';
import type { Host } from '../host/host.js';
import { parseIpJson } from '../host/ip-json.js';
import { addressEntry } from '../iproute/address.js';
import { parseIpNexthops } from '../iproute/nexthop.js';
import { obstaclesOf } from '../iproute/obstacles.js';
import { type IpRoute, linksOf, parseIpRoutes, routeLine, wordAfter } from '../iproute/route.js';
import { parseIpRules } from '../iproute/rule.js';
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
  const routesOf = { 4: parseIpRoutes(routes4, 4), 6: parseIpRoutes(routes6, 6) };
  const network = {
    addresses,
    routes: [...routesOf[4], ...routesOf[6]],
    nexthops: parseIpNexthops(nexthops),
  };
  return [
    ...Object.keys(addresses).flatMap((link) => obstaclesOf(network, link)),
    ...(await hiddenGateways(host, 4, routesOf[4])),
    ...(await hiddenGateways(host, 6, routesOf[6])),
  ];
}

/** Actions of ip-rule(8) that end the search for a route. */
const ENDS = /^(unreachable|prohibit|blackhole)$/;

/** What is found among local addresses (ip-route(8), TYPE). */
const NO_GATEWAY = /^(local|broadcast|anycast|multicast) /;

/**
 * Routes whose gateway a rule hides from the host itself. They stay as long as nobody touches them, but the kernel asks
 * the rules when it is given one (fib_check_nh), and takes it no more.
 */
async function hiddenGateways(host: Host, family: 4 | 6, routes: readonly IpRoute[]): Promise<Obstacle[]> {
  const { stdout } = await host.run(['ip', `-${family}`, 'rule', 'show'], { check: false });
  if (!parseIpRules(stdout).some(({ words }) => words.some((word) => ENDS.test(word)))) return [];
  const found: Obstacle[] = [];
  for (const route of routes) {
    for (const words of [route.words, ...route.hops]) {
      const gateway = words.includes('onlink') ? null : wordAfter(words, 'via');
      if (gateway === null || words.includes('inet6')) continue;
      // Without the link: with it, the kernel takes whatever it does not know for on-link.
      const asked = ['ip', `-${family}`, 'route', 'get', gateway];
      const answer = await host.run(asked, { check: false });
      // The table of local addresses comes before all rules, and there another link may have that address for broadcasts.
      if (answer.exitCode === 0 && !NO_GATEWAY.test(answer.stdout)) continue;
      const text = routeLine('replace', route).replace('route replace ', '');
      const reason =
        'has a gateway that a rule (`ip rule`) hides from this host, and the kernel takes no such route';
      // One of several next hops: the kernel is given the others with it.
      for (const link of new Set(linksOf(route))) found.push({ link, kind: 'route', text, reason });
    }
  }
  return found;
}

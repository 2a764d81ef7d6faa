import type { Host } from '../../host/host.js';
import { runIpBatch } from '../../host/ip-batch.js';
import type { MoveRoutes } from '../../model/live.js';
import { readLink, settled } from './ip.js';

/** Words that `ip route show` prints and `ip route replace` does not take: what the kernel says of a route. */
const STATE_WORDS = new Set([
  'linkdown',
  'dead',
  'offload',
  'trap',
  'notify',
  'rt_offload',
  'rt_trap',
  'pervasive',
]);

/** A route as `ip route show` prints it, and its words for `ip route replace` without the link. */
export interface LiveRoute {
  readonly family: 4 | 6;
  readonly words: readonly string[];
  readonly viaGateway: boolean;
}

/** Parse `ip -FAMILY route show table all dev LINK`. The kernel's own table `local` follows the addresses by itself. */
export function parseRoutes(text: string, family: 4 | 6): LiveRoute[] {
  return text.split('\n').flatMap((line) => {
    const words = line
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '' && !STATE_WORDS.has(word))
      // Printed with its unit, and read without.
      .map((word, index, all) => (all[index - 1] === 'expires' ? word.replace(/sec$/, '') : word));
    const own =
      words[0] === undefined || words.includes('local') || /^(broadcast|anycast|multicast)$/.test(words[0]);
    if (own) return [];
    return [{ family, words, viaGateway: words.includes('via') }];
  });
}

async function routesOf(host: Host, link: string): Promise<LiveRoute[]> {
  const found: LiveRoute[] = [];
  for (const family of [4, 6] as const) {
    const shown = await host.run(['ip', `-${family}`, 'route', 'show', 'table', 'all', 'dev', link], {
      check: false,
    });
    if (shown.exitCode === 0) found.push(...parseRoutes(shown.stdout, family));
  }
  // On-link first: a gateway is only taken when it can be reached.
  return found.toSorted((a, b) => Number(a.viaGateway) - Number(b.viaGateway));
}

/** What makes two routes the same one through different links. */
const key = ({ family, words }: LiveRoute) => `${family} ${words.filter(isSelector).join(' ')}`;

/** What the kernel adds and takes away with the link itself. */
const isOwn = ({ family, words }: LiveRoute) =>
  family === 6 && (words[0] === 'fe80::/64' || words[0] === 'ff00::/8') && words.includes('kernel');

/** See `MoveRoutes`. */
export async function moveRoutes({ from, to }: MoveRoutes, host: Host): Promise<void> {
  if ((await readLink(host, from)) === null) return;
  const there = new Set((await routesOf(host, to)).map(key));
  // Where an address brought its route along, the new link's one stands behind the old one already.
  const routes = (await routesOf(host, from)).filter((route) => !there.has(key(route)));
  for (const family of [4, 6] as const) {
    const lines = routes
      .filter((route) => route.family === family)
      .map(({ words }) => `route replace ${words.join(' ')} dev ${to}`);
    // The lines of a batch take no -6: `default` would be IPv4's.
    await runIpBatch(host, lines, ['ip', `-${family}`]);
  }
  await moveRules(host, from, to);
  // IPv4 replaces by destination and metric. IPv6 may keep the old one beside it.
  const left = (await routesOf(host, from)).filter((route) => !isOwn(route));
  for (const { family, words } of left) {
    const argv = ['ip', `-${family}`, 'route', 'del', ...words.filter(isSelector), 'dev', from];
    await host.run(argv, { check: false });
  }
  await settled(host, async () => {
    const [route] = (await routesOf(host, from)).filter((one) => !isOwn(one));
    return route === undefined ? null : `the route "${route.words.join(' ')}" still leads through ${from}`;
  });
}

/** Lifetimes only describe a route, and have changed by the time it is deleted. */
function isSelector(word: string, index: number, all: readonly string[]): boolean {
  return word !== 'expires' && all[index - 1] !== 'expires';
}

/** Rules of ip-rule(8) that name the link get a twin for the other one, then go. */
async function moveRules(host: Host, from: string, to: string): Promise<void> {
  const isLink = (word: string, index: number, all: readonly string[]) =>
    word === from && /^[io]if$/.test(all[index - 1] ?? '');
  for (const family of ['-4', '-6']) {
    const shown = await host.run(['ip', family, 'rule', 'show'], { check: false });
    const rules = shown.stdout
      .split('\n')
      .map((line) => /^(\d+):\s+(.*)$/.exec(line.trim()))
      .filter((found) => found !== null)
      .map(([, priority = '', selector = '']) => ['priority', priority, ...selector.split(/\s+/)])
      .filter((words) => words.some(isLink));
    for (const words of rules) {
      const twin = words.map((word, ...at) => (isLink(word, ...at) ? to : word));
      await host.run(['ip', family, 'rule', 'add', ...twin]);
      await host.run(['ip', family, 'rule', 'del', ...words]);
    }
  }
}

import { CommandError, isUnanswered } from '../../host/command.js';
import type { CommandResult, Host } from '../../host/host.js';
import { runIpBatch } from '../../host/ip-batch.js';
import { isMovable, nexthopLine, parseIpNexthops } from '../../iproute/nexthop.js';
import {
  type IpRoute,
  linksOf,
  nexthopObject,
  parseIpRoutes,
  routeIdentity,
  routeKey,
  routeLine,
  through,
  wordAfter,
} from '../../iproute/route.js';
import { planRouteMoves, type RouteMoves } from '../../iproute/route-moves.js';
import { parseIpRules, planRuleMoves } from '../../iproute/rule.js';
import type { MoveRoutes } from '../../model/live.js';
import { readLink } from './ip.js';

const FAMILIES = [4, 6] as const;
/** A client or a router may change routes meanwhile: then they are read again. */
const ATTEMPTS = 4;
const RETRY_MS = 30;

/** What `ip` says, also that it knows nothing of that. Without an answer all routes would be taken for none. */
async function answered(host: Host, argv: readonly string[]): Promise<CommandResult> {
  const result = await host.run(argv, { check: false });
  if (isUnanswered(result)) throw new CommandError(result);
  return result;
}

/** All routes of a family, of all tables, in the kernel's order. A host without IPv6 has none of that. */
export async function readRoutes(host: Host, family: 4 | 6): Promise<IpRoute[]> {
  const argv = ['ip', `-${family}`, '-details', '-oneline', 'route', 'show', 'table', 'all'];
  const shown = await answered(host, argv);
  return shown.exitCode === 0 ? parseIpRoutes(shown.stdout, family) : [];
}

const readAll = async (host: Host): Promise<IpRoute[]> =>
  (await Promise.all(FAMILIES.map((family) => readRoutes(host, family)))).flat();

/** See `MoveRoutes`. */
export async function moveRoutes({ from, to }: MoveRoutes, host: Host): Promise<void> {
  if ((await readLink(host, from)) === null) return;
  let routes = await readAll(host);
  const foreign = foreignRoutes(routes, from, to);
  for (let attempt = 1; ; attempt++) {
    const failure = await runMoves(host, planRouteMoves(routes, from, to), from, to).catch(
      (error: unknown) => error,
    );
    routes = await readAll(host);
    const [left] = planRouteMoves(routes, from, to);
    if (left === undefined) break;
    if (attempt === ATTEMPTS) {
      throw failure ?? new Error(`routes still lead through ${from}: ip ${left.lines.join('; ip ')}`);
    }
    await host.clock.sleep(RETRY_MS);
  }
  await restoreForeign(host, foreign, foreignRoutes(routes, from, to));
  for (const family of FAMILIES) {
    const shown = await answered(host, ['ip', `-${family}`, 'rule', 'show']);
    await runIpBatch(host, planRuleMoves(parseIpRules(shown.stdout), from, to), ['ip', `-${family}`]);
  }
}

/** A gateway is only taken when it can be reached, so routes without one come first, then nexthop objects. */
async function runMoves(host: Host, moves: readonly RouteMoves[], from: string, to: string): Promise<void> {
  const run = async (viaGateway: RouteMoves['viaGateway']) => {
    for (const family of FAMILIES) {
      const lines = moves.flatMap((each) =>
        each.family === family && each.viaGateway === viaGateway ? each.lines : [],
      );
      // The lines of a batch take no -6: `default` would be IPv4's.
      await runIpBatch(host, lines, ['ip', `-${family}`]);
    }
  };
  await run('none');
  await moveNexthops(host, from, to);
  await run('some');
  await run('all');
}

/** Routes that go by a nexthop object follow it. An old `ip`, or an old kernel, has none. */
async function moveNexthops(host: Host, from: string, to: string): Promise<void> {
  const shown = await answered(host, ['ip', 'nexthop', 'show']);
  if (shown.exitCode !== 0) return;
  const own = parseIpNexthops(shown.stdout).filter((each) => each.link === from && isMovable(each));
  await runIpBatch(
    host,
    own.map((nexthop) => nexthopLine(nexthop, to)),
  );
}

function foreignRoutes(routes: readonly IpRoute[], from: string, to: string): IpRoute[] {
  return routes.filter((route) => {
    const links = linksOf(route);
    const isGiven = !route.words.includes('local') && nexthopObject(route) === null;
    return isGiven && links.length > 0 && links.every((link) => link !== from && link !== to);
  });
}

/** Routes of other links are nobody's to lose: what `ip route replace` may have hit is added again. */
async function restoreForeign(
  host: Host,
  before: readonly IpRoute[],
  after: readonly IpRoute[],
): Promise<void> {
  const now = new Set(after.map(routeIdentity));
  for (const route of before.filter((each) => !now.has(routeIdentity(each)))) {
    await host.run(['ip', `-${route.family}`, ...routeLine('append', route).split(' ')], { check: false });
  }
}

/**
 * Remove routes that addresses have brought along to a link, and that have no counterpart through another one.
 * @param before the routes of that family, before the addresses came
 */
export async function removeUnlessThrough(
  host: Host,
  before: readonly IpRoute[],
  from: string,
  to: string,
): Promise<void> {
  const known = new Set(before.flatMap((route) => [route, through(route, from, to)]).map(routeIdentity));
  const surplus = (await readRoutes(host, 4)).filter(
    (route) =>
      linksOf(route).includes(to) && !route.words.includes('local') && !known.has(routeIdentity(route)),
  );
  await runIpBatch(
    host,
    surplus.map((route) => routeLine('del', route)),
    ['ip', '-4'],
  );
}

/** Whether two readings of a route say that it ends at the same time; those are a moment apart, and whole seconds. */
function endTogether(a: IpRoute, b: IpRoute): boolean {
  const [x, y] = [a, b].map(({ words }) => wordAfter(words, 'expires'));
  if (x == null || y == null) return x === y;
  return Math.abs(Number(x) - Number(y)) <= 1;
}

/** Let the routes through a link be again what they were: after addresses of it were changed. */
export async function restoreRoutes(host: Host, before: readonly IpRoute[], link: string): Promise<void> {
  const own = (routes: readonly IpRoute[]) =>
    routes.filter((route) => linksOf(route).includes(link) && !route.words.includes('local'));
  const all = await readRoutes(host, 6);
  const now = own(all);
  const wanted = new Set(own(before).map(routeIdentity));
  const present = new Map(now.map((route) => [routeIdentity(route), route]));
  const lines = now
    .filter((route) => !wanted.has(routeIdentity(route)))
    .map((route) => routeLine('del', route));
  const refreshed: string[] = [];
  for (const route of own(before)) {
    const found = present.get(routeIdentity(route));
    if (found === undefined) lines.push(routeLine('append', route));
    else if (endTogether(found, route)) continue;
    // The kernel takes another end over, and answers that it has the route (fib6_add_rt2node).
    else if (found.words.includes('expires')) refreshed.push(routeLine('append', route));
    else lines.push(...linesToExpire(route, all));
  }
  await runIpBatch(host, lines, ['ip', '-6']);
  if (refreshed.length === 0) return;
  const input = refreshed.map((line) => `${line}\n`).join('');
  await host.run(['ip', '-6', '-force', '-batch', '-'], { input, check: false });
}

/** Only the first of several for the same destination can be replaced. */
function linesToExpire(route: IpRoute, all: readonly IpRoute[]): string[] {
  const [first] = all.filter((each) => routeKey(each) === routeKey(route));
  return first !== undefined && routeIdentity(first) === routeIdentity(route)
    ? [routeLine('replace', route)]
    : [routeLine('del', route), routeLine('append', route)];
}

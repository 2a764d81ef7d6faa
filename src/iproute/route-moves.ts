import {
  hasGateway,
  type IpRoute,
  linksOf,
  nexthopObject,
  routeIdentity,
  routeKey,
  routeLine,
  through,
  wordAfter,
} from './route.js';

/** How the routes with one key are moved to another link. */
export interface RouteMoves {
  readonly family: 4 | 6;
  /** The first of them. */
  readonly first: IpRoute;
  /** Whether a gateway has to be reached: by all of them, by some, or by none; the others may be how it is reached. */
  readonly viaGateway: 'all' | 'some' | 'none';
  /** Lines of ip-route(8), in their order. */
  readonly lines: readonly string[];
  /** Alternatives keep their order, and stay alternatives. */
  readonly faithful: boolean;
}

/**
 * How the routes through one link come to lead through another one, each of them where it was among the routes of
 * other links, which are not touched. Routes that go by a nexthop object follow that.
 */
export function planRouteMoves(routes: readonly IpRoute[], from: string, to: string): RouteMoves[] {
  const groups = new Map<string, IpRoute[]>();
  for (const route of routes) {
    const key = routeKey(route);
    groups.set(key, [...(groups.get(key) ?? []), route]);
  }
  return [...groups.values()].flatMap((group) => {
    const own = group.filter((route) => leadsThrough(route, from) && nexthopObject(route) === null);
    const isForeign = (route: IpRoute) => linksOf(route).some((link) => link !== from && link !== to);
    const [first] = own;
    if (first === undefined || followsAddress(first, group.some(isForeign))) return [];
    return [{ family: first.family, first, viaGateway: viaGateway(own), ...movesOf(group, own, from, to) }];
  });
}

function viaGateway(routes: readonly IpRoute[]): RouteMoves['viaGateway'] {
  if (!routes.some(hasGateway)) return 'none';
  return routes.every(hasGateway) ? 'all' : 'some';
}

const leadsThrough = (route: IpRoute, link: string) => linksOf(route).includes(link);

/** Link-local and multicast packets go by the link that they name: there the order of links means nothing. */
const isOrdered = ({ destination }: IpRoute) => !/^(fe[89ab]|ff)[0-9a-f:]/i.test(destination);

/**
 * Routes to the host's own addresses come and go with those. Only where another link has the same broadcast address, the
 * kernel would put the new one behind that, and broadcasts would leave by the other link.
 */
function followsAddress({ family, type, words }: IpRoute, sharedWithOthers: boolean): boolean {
  const isOwn = wordAfter(words, 'table') === 'local' && wordAfter(words, 'proto') === 'kernel';
  return isOwn && (family === 6 || type === 'local' || !sharedWithOthers);
}

/**
 * The kernel knows two places for a route: that of the first alternative (`replace`), and behind all (`append`). With
 * these the order stays, unless a route of another link stands behind one that is not the first.
 */
function movesOf(group: readonly IpRoute[], own: readonly IpRoute[], from: string, to: string) {
  const lines: string[] = [];
  const members = [...group];
  const isPending = (route: IpRoute) => own.includes(route) && members.includes(route);
  let faithful = true;
  for (const route of own) {
    const moved = through(route, from, to);
    const twin = members.findIndex(
      (member) => !leadsThrough(member, from) && routeIdentity(member) === routeIdentity(moved),
    );
    if (twin !== -1) {
      // The address brought it along.
      const between = members.slice(members.indexOf(route) + 1, twin).filter((member) => !isPending(member));
      if (between.length === 0 || !isOrdered(route)) {
        lines.push(routeLine('del', route));
        members.splice(members.indexOf(route), 1);
        continue;
      }
      lines.push(...members.splice(twin, 1).map((member) => routeLine('del', member)));
    }
    const at = members.indexOf(route);
    if (isReplaceable(members, at, moved)) {
      lines.push(routeLine('replace', moved));
      members[at] = moved;
    } else {
      faithful &&= !isOrdered(route) || members.slice(at + 1).every(isPending);
      faithful &&= !merges(members, route, moved);
      lines.push(routeLine('append', moved), routeLine('del', route));
      members.splice(at, 1);
      members.push(moved);
    }
  }
  return { lines, faithful };
}

/** Whether `ip route replace` would hit that alternative (fib_table_insert; fib6_add_rt2node). */
function isReplaceable(members: readonly IpRoute[], at: number, moved: IpRoute): boolean {
  if (moved.family === 4) return at === 0;
  // IPv6 replaces the first of those that could share one multipath route, or the first of those that could not.
  if (!hasGateway(moved)) return members.findIndex((member) => !hasGateway(member)) === at;
  const others = members.filter((member, index) => index !== at && hasGateway(member));
  return moved.hops.length > 0 ? others.length === 0 : at === 0 && others.every(isAdvertised);
}

/** By a router, as the kernel notes it: no part of a multipath route. */
const isAdvertised = ({ words, hops }: IpRoute) =>
  wordAfter(words, 'proto') === 'ra' && words.includes('expires') && hops.length === 0;

/** IPv6 makes one multipath route of those with the same key. */
const merges = (members: readonly IpRoute[], route: IpRoute, moved: IpRoute) =>
  moved.family === 6 &&
  hasGateway(moved) &&
  members.some((member) => member !== route && hasGateway(member) && !isAdvertised(member));

import type { Obstacle } from '../model/facts.js';
import { type IpAddress, isTemporary, localAddress } from './address.js';
import { type IpNexthop, isMovable } from './nexthop.js';
import { type IpRoute, linksOf, routeLine, wordAfter } from './route.js';
import { planRouteMoves } from './route-moves.js';

/** What ip(8) tells of a host. */
export interface ReadNetwork {
  readonly addresses: Readonly<Record<string, readonly IpAddress[]>>;
  /** Of both families, in the kernel's order. */
  readonly routes: readonly IpRoute[];
  readonly nexthops: readonly IpNexthop[];
}

/** No link has this name (dev_valid_name): for a bridge that is yet to come. */
const TO_COME = 'a bridge';

/** What of a link's network could not be moved to a bridge, and back, so that it is the same afterwards. */
export function obstaclesOf({ addresses, routes, nexthops }: ReadNetwork, link: string): Obstacle[] {
  const own = addresses[link] ?? [];
  const fixed = own.filter(({ states }) => states.includes('stable-privacy'));
  const sources = new Set(own.filter(isTemporary).map(({ address }) => address));
  const unfaithful = planRouteMoves(routes, link, TO_COME).filter(({ faithful }) => !faithful);
  const through = routes.filter((route) => linksOf(route).includes(link));
  const route = (each: IpRoute, reason: string): Obstacle => ({
    link,
    kind: 'route',
    text: routeLine('replace', each).replace('route replace ', ''),
    reason,
  });
  return [
    ...fixed.map(
      (each): Obstacle => ({
        link,
        kind: 'address',
        text: localAddress(each),
        reason:
          'was made by the kernel from the secret of this link (addr_gen_mode 2 or 3), and the kernel makes another one for a bridge',
      }),
    ),
    ...through.flatMap((each) => {
      const source = wordAfter(each.words, 'src');
      const words = [each.words, ...each.hops].flat();
      if (words.includes('encap'))
        return [route(each, 'has an encapsulation, which ip(8) does not take as it prints it')];
      if (each.dead)
        return [route(each, 'has a next hop whose link is down, and the kernel takes no such route')];
      return source !== null && sources.has(source)
        ? [route(each, 'has a privacy address as its source, which ends with this link')]
        : [];
    }),
    ...unfaithful.map(({ first }) =>
      route(
        first,
        'is one of several for the same destination with the same metric, and its place among those of other links would change',
      ),
    ),
    ...nexthops
      .filter((each) => each.link === link && !isMovable(each))
      .map(
        ({ id, words }): Obstacle => ({
          link,
          kind: 'nexthop',
          text: `id ${id} ${words.join(' ')}`,
          reason: 'has no gateway, or an encapsulation, and ip(8) does not say all of it',
        }),
      ),
  ];
}

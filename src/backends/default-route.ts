import type { Route } from '../model/facts.js';

/** A default route of IPv4, but for its link. */
export type DefaultRoute = Pick<Route, 'gateway' | 'metric'> & { readonly onlink?: boolean };

/** Its words, as ip(8) takes them: `default via 192.168.1.1 dev br0 metric 10 onlink`. */
export function defaultRouteWords({ gateway, metric, onlink }: DefaultRoute, link?: string): string[] {
  return [
    'default',
    ...(gateway === null ? [] : ['via', gateway]),
    ...(link === undefined ? [] : ['dev', link]),
    ...(metric === 0 ? [] : ['metric', String(metric)]),
    ...(onlink ? ['onlink'] : []),
  ];
}

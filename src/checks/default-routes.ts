import type { Route } from '../model/facts.js';
import type { Finding } from '../model/finding.js';
import type { Check } from './check.js';

/** Routers that announce themselves may be several: the kernel tells them apart by itself. */
const isChosen = ({ destination, family, protocol }: Route) =>
  destination === 'default' && !(family === 6 && protocol === 'ra');

const via = ({ link, gateway }: Route) => (gateway === null ? link : `${link} (via ${gateway})`);

function clash(mine: Route, other: Route): Finding {
  return {
    check: 'default-routes-clash',
    severity: 'error',
    message: `Two default routes of IPv${mine.family} have the same metric (${mine.metric}): ${via(mine)} and ${via(other)}. Which of them counts depends on which came first, and moving ${mine.link} to a bridge would change that.`,
    remedy: `Give the route of ${other.link} another metric, or remove its gateway.`,
  };
}

/** The way out does not depend on which of two default routes came first. */
export const defaultRoutes: Check = {
  id: 'default-routes-clash',
  title: 'One default route counts',
  group: 'addresses',
  looksAt: 'The default routes of IPv4 and IPv6, and their metrics.',
  cause:
    'Of two routes with the same metric the kernel takes the one that came first, so the way out changes with the order in which links come up.',
  run: ({ facts, answers, uplink }) => {
    // Those of the uplink and of its bridge lead to the same LAN.
    const ours = ({ link }: Route) => link === uplink || link === answers.bridge.name;
    const chosen = facts.routes.filter(isChosen);
    return ([4, 6] as const).flatMap((family) => {
      const routes = chosen.filter((route) => route.family === family);
      const pairs = routes.filter(ours).flatMap((mine) => {
        const other = routes.find((route) => !ours(route) && route.metric === mine.metric);
        return other === undefined ? [] : [clash(mine, other)];
      });
      return pairs.slice(0, 1);
    });
  },
};

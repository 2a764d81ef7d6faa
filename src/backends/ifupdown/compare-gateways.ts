import type { Route } from '../../model/facts.js';
import type { Finding } from '../../model/finding.js';
import { eitherWay, error, normal, warning } from '../difference.js';
import { type Comparison, isMentioned } from './comparison.js';
import type { Stanza } from './stanza.js';
import { optionValue } from './syntax.js';

const FAMILIES = [
  { family: 4, name: 'inet', giving: ['dhcp', 'bootp', 'ppp'] },
  { family: 6, name: 'inet6', giving: ['auto', 'dhcp'] },
] as const;

/** The default routes are those that the files make, or that a server or a router has given. */
export function compareGateways(compared: Comparison): Finding[] {
  return FAMILIES.flatMap(({ family, name, giving }) => {
    const stanzas = compared.withAliases.filter((stanza) => stanza.family === name);
    const given = stanzas.some(({ method }) => giving.some((each) => each === method));
    const routes = compared.facts.routes.filter(
      (route) => route.family === family && route.destination === 'default',
    );
    const wanted = stanzas.flatMap(gatewayOf);
    return [
      ...wanted.flatMap((one) => gatewayMissing(compared, one, routes)),
      ...(given ? [] : gatewaySurplus(compared, wanted, routes)),
      ...throughPort(compared, routes),
    ];
  });
}

interface Gateway {
  readonly address: string;
  readonly path: string;
}

/** "none" and the like are no addresses. */
function gatewayOf(stanza: Stanza): Gateway[] {
  const address = normal(optionValue(stanza, 'gateway') ?? '');
  return address === null ? [] : [{ address, path: stanza.path }];
}

const word = ({ family }: Route) => (family === 6 ? 'ip -6' : 'ip');
const via = ({ gateway, link }: Route) => `${gateway === null ? '' : `via ${gateway} `}dev ${link}`;

function gatewayMissing({ link }: Comparison, wanted: Gateway, routes: readonly Route[]): Finding[] {
  if (routes.some((route) => route.link === link.name && route.gateway === wanted.address)) return [];
  const ip = wanted.address.includes(':') ? 'ip -6' : 'ip';
  const now =
    routes.length === 0
      ? 'there is no default route'
      : `the default route is "${routes.map(via).join('", "')}"`;
  return [
    error(
      'gateway-not-there',
      `${wanted.path} sends what leaves the LAN to ${wanted.address} through ${link.name}, but ${now}.`,
      eitherWay(`${ip} route replace default via ${wanted.address} dev ${link.name}`),
    ),
  ];
}

function gatewaySurplus(
  { link, withAliases }: Comparison,
  wanted: readonly Gateway[],
  routes: readonly Route[],
): Finding[] {
  return routes
    .filter(
      ({ link: through, gateway, protocol }) =>
        through === link.name &&
        protocol !== 'ra' &&
        !wanted.some(({ address }) => address === gateway) &&
        !(gateway !== null && isMentioned(withAliases, gateway)),
    )
    .map((route) =>
      warning(
        'gateway-not-in-files',
        `There is a default route "${via(route)}", which no file makes: after a reboot it is gone.`,
        eitherWay(`${word(route)} route del default ${via(route)}`, 'write the gateway into the file'),
      ),
    );
}

/** Behind a port nobody answers: its frames are the bridge's. */
function throughPort({ facts, link }: Comparison, routes: readonly Route[]): Finding[] {
  const isPort = (name: string) =>
    facts.links.some((port) => port.name === name && port.master === link.name);
  return routes
    .filter((route) => isPort(route.link))
    .map((route) =>
      error(
        'route-through-port',
        `The default route "${via(route)}" leads through a port of ${link.name}.`,
        `Remove it: \`${word(route)} route del default ${via(route)}\`.`,
      ),
    );
}

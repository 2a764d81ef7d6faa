import type { Address, Link } from '../model/facts.js';
import type { NetworkState } from '../model/journal.js';
import type { LiveRouteText, NetworkDetails } from '../model/network-details.js';
import type { Leftover } from './undo.js';

/** The live network with all that is compared. */
export interface WholeNetwork extends NetworkState {
  readonly details: NetworkDetails;
}

/** What a network is compared with. */
export interface Comparison {
  readonly before: WholeNetwork;
  /** Right before a rollback weeks later; `null`: nothing else can have changed meanwhile. */
  readonly now: WholeNetwork | null;
  /** What the runs that are rolled back did, where that was recorded: none of it is somebody else's. */
  readonly runs: readonly { readonly before: WholeNetwork; readonly after: WholeNetwork }[];
  /** The link that the change was about. */
  readonly uplink: string;
}

/**
 * What a network has after a rollback and had not before, or had and has no more. Left out is what changes by itself:
 * links that came and went, those of containers and Docker's bridges, leases, what routers advertise; and weeks later
 * whatever somebody else has changed since.
 */
export function unequal(comparison: Comparison, after: WholeNetwork): Leftover[] {
  const { before, now, uplink } = comparison;
  const names = comparable(before.links, after.links);
  // By whichever of the three: the lease of the uplink is that of the bridge meanwhile.
  const leased = new Set([before, after, ...(now === null ? [] : [now])].flatMap(leasedLinks));
  if ([...leased].some((name) => !names.has(name))) leased.add(uplink);
  const differences = differ(
    itemsOf(before, names, leased),
    now === null ? null : itemsOf(now, null, leased),
    itemsOf(after, names, leased),
    effectsOf(comparison, leased),
  );
  return [
    ...differences,
    ...linkDifferences(comparison, after, names),
    ...settingDifferences(before.details, after.details),
    ...zoneDifferences(before.details, after.details, uplink),
  ];
}

/** Something that a network has. */
interface Item {
  readonly text: string;
  /** What makes two of them the same. */
  readonly key: string;
  /** The same on whatever link. */
  readonly object: string;
  /** It comes, or comes back, when a server or a router gives it. */
  readonly isGiven: boolean;
  /** Nor does one more of it say anything. */
  readonly mayAppear?: boolean;
  readonly remedy: string;
}

/** What runs added to the network, and what it lost by them, on whatever link. */
interface Effects {
  readonly added: ReadonlySet<string>;
  readonly lost: ReadonlySet<string>;
}

function effectsOf({ runs }: Comparison, leased: ReadonlySet<string>): Effects {
  const objects = (network: WholeNetwork) => itemsOf(network, null, leased).map(({ object }) => object);
  const without = (all: readonly string[], others: readonly string[]) => {
    const known = new Set(others);
    return all.filter((object) => !known.has(object));
  };
  const read = runs.map(({ before, after }) => ({ before: objects(before), after: objects(after) }));
  return {
    added: new Set(read.flatMap(({ before, after }) => without(after, before))),
    lost: new Set(read.flatMap(({ before, after }) => without(before, after))),
  };
}

function differ(
  before: readonly Item[],
  now: readonly Item[] | null,
  after: readonly Item[],
  { added, lost }: Effects,
): Leftover[] {
  const had = new Set(before.map(({ key }) => key));
  const has = new Set(after.map(({ key }) => key));
  const meanwhile = now === null ? null : new Set(now.map(({ object }) => object));
  const missing = before.filter(
    ({ key, object, isGiven }) =>
      !isGiven && !has.has(key) && (lost.has(object) || (meanwhile?.has(object) ?? true)),
  );
  const surplus = after.filter(
    ({ key, object, isGiven, mayAppear }) =>
      !mayAppear && !had.has(key) && (!meanwhile?.has(object) || (!isGiven && added.has(object))),
  );
  return [
    ...missing.map(({ text, remedy }) => ({ what: `Before: ${text}. Not so now.`, remedy })),
    ...surplus.map(({ text, remedy }) => ({ what: `Not so before: ${text}.`, remedy })),
  ];
}

/** @param names of links that count; `null`: all */
function itemsOf(
  { links, details }: WholeNetwork,
  names: ReadonlySet<string> | null,
  leased: ReadonlySet<string>,
): Item[] {
  const counts = (name: string) => names === null || names.has(name);
  return [
    ...links
      .filter(({ name }) => counts(name))
      .flatMap(({ name, addresses }) =>
        addresses.filter(isOfHost).map(({ address, prefix, dynamic }) => ({
          text: `${name} has ${address}/${prefix}`,
          key: `${name} ${address}/${prefix}`,
          object: `${address}/${prefix}`,
          isGiven: dynamic,
          mayAppear: dynamic,
          remedy: 'ip address',
        })),
      ),
    ...details.routes
      .filter(({ link }) => counts(link))
      .map((route) => routeItem(route, leased.has(route.link), details.settings)),
    ...details.rules
      .filter((text) => linksIn(text).every(counts))
      .map((text) => ({
        text: `the rule "${text}"`,
        key: text,
        object: text,
        isGiven: false,
        remedy: 'ip rule',
      })),
  ];
}

const leasedLinks = ({ links }: WholeNetwork): string[] =>
  links
    .filter(({ addresses }) => addresses.some(({ family, dynamic }) => family === 4 && dynamic))
    .map(({ name }) => name);

const isOfHost = ({ family, scope }: Address): boolean =>
  scope !== 'host' && (family === 4 || scope === 'global');

const linksIn = (rule: string): string[] =>
  [...rule.matchAll(/ [io]if (\S+)/g)].flatMap(([, name]) => name ?? []);

const ADVERTISED = / proto ra( |$)/;

/** ifup-eth of RHEL gives this route 1000 and the index of the link, and a boot with the bridge that of the bridge. */
const BY_INDEX = /^(169\.254\.0\.0\/16 .*) metric 1\d{3}(?= |$)/;

/**
 * Of a route that a server or a router gives, another gateway or source says nothing. A router may begin to advertise
 * one at any time; where the kernel is not to listen (`accept_ra`), it is one too many.
 */
function routeItem(
  { family, link, text, expires }: LiveRouteText,
  isLeased: boolean,
  settings: NetworkDetails['settings'],
): Item {
  const isGiven = expires || ADVERTISED.test(text) || (family === 4 && isLeased);
  const same = isGiven
    ? text.replaceAll(/ (via|src|pref|hoplimit|mtu|advmss|scope|proto) \S+/g, '').replace(' onlink', '')
    : text;
  const own = same.replace(BY_INDEX, '$1');
  return {
    text: `the route "${family === 6 ? '-6 ' : ''}${text}"`,
    key: `${family} ${own}`,
    object: `${family} ${own.replace(` dev ${link}`, '')}`,
    isGiven,
    mayAppear: ADVERTISED.test(text) && settings[`ipv6/conf/${link}/accept_ra`] !== '0',
    remedy: `ip -${family} route`,
  };
}

/** Links that were there before and are now, and are no container's. */
function comparable(before: readonly Link[], after: readonly Link[]): Set<string> {
  const isOther = ({ name, kind, master, loopback }: Link) =>
    loopback || name === 'docker0' || /^br-[0-9a-f]{12}$/.test(name) || (kind === 'veth' && master !== null);
  const present = new Set(after.map(({ name }) => name));
  return new Set(before.filter((link) => !isOther(link) && present.has(link.name)).map(({ name }) => name));
}

function linkDifferences(
  { before, now, uplink }: Pick<Comparison, 'before' | 'now' | 'uplink'>,
  after: WholeNetwork,
  names: ReadonlySet<string>,
): Leftover[] {
  const describe = (link: Link | undefined) =>
    link === undefined
      ? ''
      : `${link.name} is ${link.up ? 'up' : 'down'}, with MTU ${link.mtu}, ${link.master === null ? 'no port' : `a port of ${link.master}`}`;
  const of = ({ links }: WholeNetwork, name: string) => describe(links.find((link) => link.name === name));
  return [...names].flatMap((name) => {
    const [was, is] = [of(before, name), of(after, name)];
    // Somebody else has changed it since.
    const isTheirs = name !== uplink && now !== null && of(now, name) === is;
    return was === is || isTheirs
      ? []
      : [{ what: `Before: ${was}. Now: ${is}.`, remedy: `ip link show dev ${name}` }];
  });
}

function settingDifferences(before: NetworkDetails, after: NetworkDetails): Leftover[] {
  return Object.entries(before.settings).flatMap(([path, value]) => {
    const is = after.settings[path];
    return is === undefined || is === value
      ? []
      : [
          {
            what: `Before: net/${path} was ${value}. Now: ${is}.`,
            remedy: `sysctl -w net/${path}=${value}`,
          },
        ];
  });
}

function zoneDifferences(before: NetworkDetails, after: NetworkDetails, uplink: string): Leftover[] {
  if (before.zones === undefined || after.zones === undefined) return [];
  const [was, is] = [before.zones[uplink], after.zones[uplink]];
  if (was === is || was === undefined) return [];
  return [
    {
      what: `Before: ${uplink} was in the zone ${was} of firewalld. Now: ${is ?? 'in none'}.`,
      remedy: `firewall-cmd --zone=${was} --change-interface=${uplink}`,
    },
  ];
}

/** What the kernel says of a route at the moment: ip(8) prints it, and does not take it. */
const STATES = new Set([
  ...['linkdown', 'dead', 'offload', 'trap', 'notify', 'pervasive', 'unresolved'],
  ...['rt_offload', 'rt_trap', 'offload_failed', 'rt_offload_failed'],
]);
/** Types of routes, which stand before the destination (ip-route(8)). */
const TYPE = /^(unicast|local|broadcast|multicast|anycast|throw|unreachable|prohibit|blackhole|nat)$/;

/** A route as `ip -details -oneline route show table all` prints it. */
export interface IpRoute {
  readonly family: 4 | 6;
  readonly type: string;
  /** `default`, an address or a prefix. */
  readonly destination: string;
  /** Its attributes, as ip(8) prints and takes them. */
  readonly words: readonly string[];
  /** The attributes of each next hop where there are several (`nexthop via … dev … weight …`). */
  readonly hops: readonly (readonly string[])[];
  /** A hop is down: the kernel would not take the route again. */
  readonly dead: boolean;
}

/** The word behind a key; `null` when there is none. */
export function wordAfter(words: readonly string[], key: string): string | null {
  const at = words.indexOf(key);
  return at === -1 ? null : (words[at + 1] ?? null);
}

/** Parse the lines of `ip -FAMILY -details -oneline route show table all`. */
export function parseIpRoutes(text: string, family: 4 | 6): IpRoute[] {
  return text.split('\n').flatMap((line) => {
    // What belongs to the route above it is indented: `nh_info`.
    if (line.trim() === '' || /^\s/.test(line)) return [];
    const [own = [], ...hops] = line.split('\\').map((part) => part.trim().split(/\s+/));
    const type = TYPE.test(own[0] ?? '') ? (own[0] ?? '') : 'unicast';
    const [destination = '', ...words] = TYPE.test(own[0] ?? '') ? own.slice(1) : own;
    const route: IpRoute = {
      family,
      type,
      destination,
      words: takeable(words),
      hops: hops.filter(([first]) => first === 'nexthop').map((hop) => takeable(hop.slice(1))),
      dead: hops.some((hop) => hop.includes('dead')),
    };
    return [route];
  });
}

function takeable(words: readonly string[]): string[] {
  return words
    .filter((word, index) => !STATES.has(word) && word !== 'error' && words[index - 1] !== 'error')
    .map((word, index, all) => (all[index - 1] === 'expires' ? word.replace(/sec$/, '') : word));
}

/** Links that a route leads through. */
export function linksOf({ words, hops }: IpRoute): string[] {
  return [words, ...hops].flatMap((part) => wordAfter(part, 'dev') ?? []);
}

/** Whether a gateway has to be reached for it. */
export const hasGateway = ({ words, hops }: IpRoute): boolean =>
  [words, ...hops].some((part) => part.includes('via'));

/** The nexthop object (ip-nexthop(8)) that it goes by; `null`: it has hops of its own. */
export const nexthopObject = ({ words }: IpRoute): string | null => wordAfter(words, 'nhid');

/** Routes with the same key are alternatives: the kernel takes the first that it can use. */
export function routeKey({ family, destination, words }: IpRoute): string {
  const part = (key: string, absent: string) => wordAfter(words, key) ?? absent;
  const metric = part('metric', family === 4 ? '0' : '1024');
  return [family, part('table', 'main'), destination, part('from', ''), part('tos', '0'), metric].join(' ');
}

/** What makes it the same route; how long it lives only describes it. */
export const routeIdentity = (route: IpRoute): string => deleteWords(route).join(' ');

/** The same route through another link. */
export function through(route: IpRoute, from: string, to: string): IpRoute {
  const moved = (words: readonly string[]) =>
    words.map((word, index) => (word === from && words[index - 1] === 'dev' ? to : word));
  return { ...route, words: moved(route.words), hops: route.hops.map(moved) };
}

/** A line of ip-route(8) for a batch of the route's family. */
export function routeLine(verb: 'append' | 'replace' | 'del', route: IpRoute): string {
  const words = verb === 'del' ? deleteWords(route) : allWords(route);
  return ['route', verb, ...words].join(' ');
}

const allWords = ({ type, destination, words, hops }: IpRoute): string[] => [
  type,
  destination,
  ...words,
  ...hops.flatMap((hop) => ['nexthop', ...hop]),
];

/** Its lifetime has changed by the time it is deleted. */
const deleteWords = (route: IpRoute): string[] =>
  allWords(route).filter((word, index, all) => word !== 'expires' && all[index - 1] !== 'expires');

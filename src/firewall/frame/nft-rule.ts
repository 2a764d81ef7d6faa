import { isEthertype } from './ebtables.js';
import {
  type Action,
  anyOf,
  type Interface,
  isIcmpType,
  isInterface,
  isProtocol,
  isState,
  negated,
  type Protocol,
  type Rule,
  type Seen,
  type Test,
  type Truth,
  unknown,
} from './model.js';

/** Elements of the named sets and maps of a table; `null`: their keys are not names of links. */
export type Sets = ReadonlyMap<string, readonly string[] | null>;

/** Words of a rule: what is in quotes, or in braces, is one. */
const tokensOf = (rule: string): string[] => rule.match(/"(?:[^"\\]|\\.)*"|\{[^{}]*\}|[^\s{}]+/g) ?? [];

const VERDICTS = ['accept', 'drop', 'return', 'continue', 'reject', 'jump', 'goto', 'queue'];
/** Statements that end a rule otherwise. */
const OTHER_ENDS = ['masquerade', 'snat', 'dnat', 'redirect', 'tproxy', 'synproxy', 'dup', 'fwd', 'xt'];

/** One rule, as `nft list ruleset` prints it. What is not understood is a condition of which nothing is known. */
export function readRule(text: string, sets: Sets): Rule {
  const words = tokensOf(text);
  const tests: Test[] = [];
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? '';
    if (VERDICTS.includes(word) || OTHER_ENDS.includes(word)) {
      return { text, tests, action: verdictOf(words.slice(at)) };
    }
    const skipped = lengthOfNote(words, at);
    if (skipped > 0) {
      at += skipped;
      continue;
    }
    const match = readMatch(words, at, sets);
    if (match === null) {
      tests.push(unknown);
      at = nextVerdict(words, at + 1);
      continue;
    }
    if (match.map !== undefined) return { text, tests, action: match.map };
    tests.push(match.test);
    at = match.next;
  }
  return { text, tests, action: { kind: 'none' } };
}

/** Where the rule ends, behind something that is not understood. A verdict map of what is not understood comes first. */
function nextVerdict(words: readonly string[], from: number): number {
  const found = words.findIndex((word, index) => index >= from && VERDICTS.includes(word));
  return found === -1 ? words.length : found;
}

function verdictOf([word = '', name = '']: readonly string[]): Action {
  if (word === 'accept') return { kind: 'accept' };
  if (word === 'drop' || word === 'reject') return { kind: 'drop' };
  if (word === 'return') return { kind: 'return' };
  if (word === 'continue') return { kind: 'none' };
  if (word === 'jump' || word === 'goto') return { kind: word, chain: name };
  return { kind: ['masquerade', 'snat', 'dnat', 'redirect'].includes(word) ? 'accept' : 'unknown' };
}

/** Words that neither ask nor decide: counters, what is logged, comments. 0: there are none. */
function lengthOfNote(words: readonly string[], at: number): number {
  const [word, next = ''] = [words[at] ?? '', words[at + 1]];
  if (word === 'counter') {
    if (next === 'packets') return 5;
    return next === 'name' ? 3 : 1;
  }
  if (word === 'comment') return 2;
  if (word === 'notrack') return 1;
  if (word === 'flow') return 3;
  if (word === 'log') {
    let length = 1;
    while (
      ['prefix', 'group', 'snaplen', 'queue-threshold', 'level', 'flags'].includes(words[at + length] ?? '')
    )
      length += words[at + length] === 'flags' && words[at + length + 1] === 'tcp' ? 3 : 2;
    return length;
  }
  if ((word === 'meta' || word === 'ct') && words[at + 2] === 'set') return 4;
  return ['add', 'update', 'delete'].includes(word) && next.startsWith('@') ? 3 : 0;
}

/** What a condition asks for: how long its name is, and whether one value of it fits. */
interface Key {
  readonly length: number;
  readonly fits: (seen: Seen, value: string) => Truth;
  /** What has to be so for the question to make sense; where it is not, the rule does not match, negated or not. */
  readonly holds?: (seen: Seen) => boolean;
  readonly byName?: true;
}

interface Match {
  readonly test: Test;
  readonly next: number;
  readonly map?: Action;
}

function readMatch(words: readonly string[], at: number, sets: Sets): Match | null {
  const key = keyAt(words, at);
  if (key === null) return null;
  const { fits, holds = () => true } = key;
  let next = at + key.length;
  const operator = words[next] ?? '';
  const not = operator === '!=';
  if (['!=', '==', 'in'].includes(operator)) next += 1;
  else if (
    ['&', '|', '^', '<', '>', '<=', '>=', '.', '<<', '>>', 'missing', 'exists', 'map'].includes(operator)
  )
    return null;
  const guarded =
    (test: Test): Test =>
    (seen) =>
      holds(seen) ? test(seen) : false;
  const isMap = words[next] === 'vmap';
  if (isMap) next += 1;
  const operand = words[next] ?? '';
  const values = operandValues(operand, key, sets);
  if (isMap) {
    const entries = (values ?? []).map((entry) => {
      const [value = '', verdict = ''] = entry.split(/ : (?=\w)/);
      const test = guarded((seen) => fitsValue(fits, seen, value));
      return { test, action: verdictOf(verdict.trim().split(' ')) };
    });
    // A map whose elements are not known may do anything.
    const any = { test: guarded(unknown), action: { kind: 'unknown' } as const };
    return {
      test: unknown,
      next: next + 1,
      map: { kind: 'map', entries: values === null ? [any] : entries },
    };
  }
  const test: Test = (seen) =>
    values === null ? null : anyOf(values.map((value) => fitsValue(fits, seen, value)));
  return { test: guarded(negated(test, not)), next: next + 1 };
}

const fitsValue = (fits: Key['fits'], seen: Seen, value: string): Truth =>
  value.trim() === '*' ? true : fits(seen, value.trim().replaceAll('"', ''));

/** `{ a, b }`, `a,b`, `@set` or `a`; `null`: not known. */
function operandValues(operand: string, key: Key, sets: Sets): readonly string[] | null {
  if (operand.startsWith('@')) return key.byName ? (sets.get(operand.slice(1)) ?? null) : null;
  const list = operand.startsWith('{') ? operand.slice(1, -1) : operand;
  return (list.match(/(?:"[^"]*"|[^,"])+/g) ?? []).map((each) => each.trim()).filter((each) => each !== '');
}

const link = (pick: (seen: Seen) => Interface): Pick<Key, 'fits' | 'holds' | 'byName'> => ({
  fits: (seen, value) => isInterface(pick(seen), value, seen.containerPorts),
  holds: (seen) => pick(seen) !== 'none',
  byName: true,
});

/** Keys of one word, also behind `meta`. */
const META: Readonly<Record<string, Omit<Key, 'length'>>> = {
  iifname: link(({ iif }) => iif),
  oifname: link(({ oif }) => oif),
  iif: link(({ iif }) => iif),
  oif: link(({ oif }) => oif),
  ibrname: { ...link(({ bridge }) => ({ name: bridge })) },
  obrname: { ...link(({ bridge }) => ({ name: bridge })) },
  l4proto: { fits: isProtocol, holds: isIp },
  nfproto: { fits: ({ family }, value) => value === (family === 4 ? 'ipv4' : 'ipv6') },
  protocol: { fits: isEthertype },
};

function isIp({ protocol }: Seen): boolean {
  return protocol !== 'arp';
}
const isFamily =
  (family: 4 | 6) =>
  (seen: Seen): boolean =>
    isIp(seen) && seen.family === family;
const carries =
  (protocol: Protocol) =>
  (seen: Seen): boolean =>
    seen.protocol === protocol;
const nothing = () => null;

function keyAt(words: readonly string[], at: number): Key | null {
  const [first = '', second = ''] = words.slice(at, at + 2);
  if (first === 'meta') return Object.hasOwn(META, second) ? withLength(META[second], 2) : null;
  if (/^[io]if(name)?$|^[io]brname$/.test(first)) return withLength(META[first], 1);
  switch (`${first} ${second}`) {
    case 'ct state':
      return { length: 2, fits: (seen, value) => isState(seen, [value]), holds: isIp };
    case 'ether type':
      return { length: 2, fits: isEthertype };
    case 'ip protocol':
      return { length: 2, fits: isProtocol, holds: isFamily(4) };
    case 'ip6 nexthdr':
      return { length: 2, fits: isProtocol, holds: isFamily(6) };
    case 'icmp type':
      return { length: 2, fits: isIcmpType, holds: (seen) => isFamily(4)(seen) && carries('icmp')(seen) };
    case 'icmpv6 type':
      return { length: 2, fits: isIcmpType, holds: (seen) => isFamily(6)(seen) && carries('icmp')(seen) };
    case 'ct status':
      // Nobody translates the addresses of what stays on the bridge.
      return { length: 2, fits: (_seen, value) => (/^[sd]nat$/.test(value) ? false : null), holds: isIp };
    case 'ip saddr':
    case 'ip daddr':
      return { length: 2, fits: nothing, holds: isFamily(4) };
    case 'ip6 saddr':
    case 'ip6 daddr':
      return { length: 2, fits: nothing, holds: isFamily(6) };
    case 'tcp dport':
    case 'tcp sport':
      return { length: 2, fits: nothing, holds: carries('tcp') };
    case 'udp dport':
    case 'udp sport':
      return { length: 2, fits: nothing, holds: carries('udp') };
    case 'th dport':
    case 'th sport':
    case 'ether saddr':
    case 'ether daddr':
    case 'ct direction':
      return { length: 2, fits: nothing };
    case 'fib daddr':
      // What passes the bridge is neither for this host nor from it.
      return words[at + 2] === 'type'
        ? { length: 3, fits: (_seen, value) => (value === 'local' ? false : null) }
        : null;
    default:
      return null;
  }
}

const withLength = (key: Omit<Key, 'length'> | undefined, length: number): Key | null =>
  key === undefined ? null : { ...key, length };

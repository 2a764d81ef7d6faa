import type { IptablesProgram } from '../../model/firewall.js';

/** Yes, no, or not to be told from what is known of a frame. */
export type Truth = boolean | null;

/** What a frame carries, as far as firewalls commonly tell it apart. */
export type Protocol = 'icmp' | 'tcp' | 'udp' | 'arp';

/** An interface as a hook shows it: a name, some port of a container, or none there. */
export type Interface = { readonly name: string } | 'container' | 'none';

/** A frame between two ports of a bridge, as one hook of the kernel shows it. */
export interface Seen {
  readonly family: 4 | 6;
  readonly protocol: Protocol;
  /** The first packet of a connection, or an answer to it. */
  readonly state: 'new' | 'established';
  readonly bridge: string;
  readonly iif: Interface;
  readonly oif: Interface;
  /** The ports, which br_netfilter remembers (iptables-extensions(8), physdev). */
  readonly physIn: Interface;
  readonly physOut: Interface;
  /** Names of ports that containers have now, or would have. */
  readonly containerPorts: readonly string[];
  /** A rule somewhere takes packets off connection tracking, so that their state is not known. */
  readonly untracked: boolean;
}

/** One condition of a rule. */
export type Test = (seen: Seen) => Truth;

/** What a rule does with a frame that it matches. */
export type Action =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'none' | 'unknown' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'map'; readonly entries: readonly { readonly test: Test; readonly action: Action }[] };

/** A rule, and its text as its program prints it. */
export interface Rule {
  readonly text: string;
  readonly tests: readonly Test[];
  readonly action: Action;
}

/** Where the kernel calls a chain. */
export interface Base {
  readonly hook: string;
  readonly policy: 'accept' | 'drop';
  /** Of hooks that belong to links. */
  readonly devices: readonly string[];
}

/** A chain, with its rules in order. */
export interface Chain {
  readonly name: string;
  /** `null`: it is only called by others. */
  readonly base: Base | null;
  readonly rules: readonly Rule[];
  /** What becomes of a frame at the end of a chain that is called; ebtables has that. */
  readonly end: 'return' | 'drop' | 'accept';
}

/** Program that shows and changes a table. */
export type FilterProgram = IptablesProgram | 'nft' | 'ebtables' | 'ebtables-legacy';

/** A table of one program. */
export interface Table {
  readonly program: FilterProgram;
  /** Of which packets it sees. */
  readonly family: 'ip' | 'ip6' | 'inet' | 'bridge' | 'netdev';
  readonly name: string;
  readonly chains: ReadonlyMap<string, Chain>;
}

/** A rule of a firewall, or the policy of a chain, by name. */
export interface Place {
  readonly program: FilterProgram;
  /** Family and name for nft, e.g. `inet filter`; the name alone otherwise. */
  readonly table: string;
  readonly chain: string;
  /** As its program prints it; `null`: the policy of the chain. */
  readonly rule: string | null;
  /** The chain from which the kernel led there. */
  readonly base: string;
}

/** All conditions of a rule, together. */
export function allOf(tests: readonly Test[]): Test {
  return (seen) => {
    let sure = true;
    for (const test of tests) {
      const truth = test(seen);
      if (truth === false) return false;
      if (truth === null) sure = false;
    }
    return sure ? true : null;
  };
}

/** One of several, none of which excludes another. */
export function anyOf(truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true;
  return truths.includes(null) ? null : false;
}

/** The opposite where a condition is negated. */
export const negated =
  (test: Test, not: boolean): Test =>
  (seen) => {
    const truth = test(seen);
    return truth === null || !not ? truth : !truth;
  };

/** Nothing is known of what the condition asks for. */
export const unknown: Test = () => null;

/** Whether an interface is the one of a rule: by its name, or by a wildcard (`eth+`, `eth*`). */
export function isInterface(found: Interface, pattern: string, containerPorts: readonly string[]): Truth {
  const matches = (name: string) =>
    /[+*]$/.test(pattern) ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  if (found === 'none') return false;
  if (found !== 'container') return matches(found.name);
  const matching = containerPorts.filter(matches).length;
  if (matching === 0) return false;
  return matching === containerPorts.length ? true : null;
}

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  ...{ icmp: 'icmp', '1': 'icmp', 'ipv6-icmp': 'icmp', icmpv6: 'icmp', icmp6: 'icmp', '58': 'icmp' },
  ...{ tcp: 'tcp', '6': 'tcp', udp: 'udp', '17': 'udp' },
};
const IPV6_ICMP = ['ipv6-icmp', 'icmpv6', 'icmp6', '58'];

/** Whether a frame carries what a rule calls by this name or number. */
export function isProtocol({ protocol, family }: Seen, name: string): Truth {
  if (name === 'all' || name === '0') return true;
  if (PROTOCOLS[name] !== protocol) return false;
  return protocol !== 'icmp' || IPV6_ICMP.includes(name) === (family === 6);
}

/** Names of an echo request and its answer, by their numbers. */
const ECHO: Readonly<Record<string, string>> = {
  ...{ 'echo-request': 'request', 'echo-reply': 'reply', '8': 'request', '0': 'reply' },
  ...{ '128': 'request', '129': 'reply' },
};

/** Whether a ping is of this type of ICMP. */
export function isIcmpType(seen: Seen, name: string): Truth {
  if (seen.protocol !== 'icmp') return false;
  if (name === 'any' || name === '255') return true;
  return ECHO[name.split('/')[0] ?? ''] === (seen.state === 'new' ? 'request' : 'reply');
}

/** Whether a connection is in one of these states. */
export function isState({ state, untracked }: Seen, names: readonly string[]): Truth {
  return untracked ? null : names.some((name) => name.trim().toLowerCase() === state);
}

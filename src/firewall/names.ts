import type { HostFacts } from '../model/facts.js';

/** Whether a name of a rule stands for a link: exactly, or by a wildcard (`eth+` of iptables, `eth*` of nftables). */
export function matchesLink(name: string, link: string): boolean {
  return /[+*]$/.test(name) ? link.startsWith(name.slice(0, -1)) : name === link;
}

/** Whether a name stands for the uplink and not for the bridge: what it says no longer holds once the bridge is there. */
export const namesUplink = (name: string, { uplink, bridge }: Move): boolean =>
  matchesLink(name, uplink) && !matchesLink(name, bridge);

/** What moves: packets come in and go out by the bridge, no longer by the uplink. */
export interface Move {
  readonly uplink: string;
  readonly bridge: string;
  /**
   * Frames that pass between the ports of the bridge are seen by iptables and nftables, too (br_netfilter is loaded):
   * a rule for what the host routes must leave them alone.
   */
  readonly seesBridged: boolean;
}

/** The move of a host, by its facts. */
export const moveOf = ({ netfilter }: HostFacts, uplink: string, bridge: string): Move => ({
  uplink,
  bridge,
  seesBridged: netfilter.bridgeNfCallIptables !== null,
});

/** What becomes of a rule. */
export type Twin =
  /** The same for the bridge, to be put next to it. */
  | { readonly how: 'beside'; readonly rule: string }
  /** A rule for both links, to be put in its place. */
  | { readonly how: 'instead'; readonly rule: string }
  /** Written by hand only, and why. */
  | { readonly how: 'by-hand'; readonly reason: string };

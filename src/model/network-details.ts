/**
 * What of the live network is compared before and after beside links and addresses, in the words of the programs that
 * print it.
 */
export interface NetworkDetails {
  /** Routes of all tables but `local`. */
  readonly routes: readonly LiveRouteText[];
  /** Rules of both families, as `ip rule show` prints them. */
  readonly rules: readonly string[];
  /** Settings of the uplink below /proc/sys/net, by their path there, e.g. `ipv6/conf/eth0/accept_ra`. */
  readonly settings: Readonly<Record<string, string>>;
  /** Text of /etc/resolv.conf; absent where it is none, or a link to the file of a program. */
  readonly resolvConf?: string;
  /** Zones of firewalld by link; absent where firewalld does not run. */
  readonly zones?: Readonly<Record<string, string>>;
}

/** A route as `ip route show` prints it, without what only describes its state. */
export interface LiveRouteText {
  readonly family: 4 | 6;
  /** Name of its link; empty where it has none, or several. */
  readonly link: string;
  readonly text: string;
  /** It has a lifetime: a router advertises it. */
  readonly expires: boolean;
}

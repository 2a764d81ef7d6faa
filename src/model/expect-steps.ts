import type { OtherDefaultRoute } from './facts.js';
import type { Probe } from './probe.js';

/**
 * Wait until the network is as planned; fail the plan when it is not in time. Changes nothing.
 * Probes that passed before the first step have to pass again.
 */
export interface ExpectNetwork {
  readonly kind: 'expect-network';
  readonly bridge: string;
  readonly port: string;
  readonly mac: string;
  /** IPv4 address with prefix length; `null`: any. */
  readonly address: string | null;
  /** false: no address of IPv4 is waited for, where the host has none. */
  readonly ipv4?: false;
  /** Lasting addresses of IPv6, with prefix length, that the bridge is to have. */
  readonly ipv6?: readonly string[];
  /** `null`: no default route is expected. */
  readonly gateway: string | null;
  /** A DHCP server gives it for the first time: then it may be another one. */
  readonly anyGateway?: true;
  /** Of the default route; absent: any, where a DHCP client sets it. */
  readonly metric?: number;
  /** Default routes of IPv4 through other links, which stay as they are. */
  readonly others?: readonly OtherDefaultRoute[];
  readonly probes: readonly Probe[];
  readonly timeoutSeconds: number;
}

/**
 * See that a bridge of somebody else's is there, up, with its port. From here on it has ports of containers, which a
 * rollback takes off it again.
 */
export interface ExpectBridge {
  readonly kind: 'expect-bridge';
  readonly bridge: string;
  readonly port: string;
}

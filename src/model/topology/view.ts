import type { DhcpClientName, Link } from '../facts.js';

/** One picture of what is: the LAN, the bridges on it, and who is on them. Plain data, also the document of `status --json`. */
export interface Topology {
  readonly version: 1;
  /** When it was read, ISO 8601. */
  readonly at: string;
  readonly lan: Lan;
  readonly bridges: readonly BridgeView[];
  /** Where no bridge is set up: the link with the default route. */
  readonly uplink: LinkView | null;
  /** Interfaces of containers that are on a NIC of their own, a macvlan or a dummy: no port of a bridge. */
  readonly direct: readonly PortView[];
  /** Running containers with a rule that gave them no interface. */
  readonly unattached: readonly UnattachedView[];
  readonly docker: {
    readonly reachable: boolean;
    /** This user may not open its socket, so nothing is known of it. */
    readonly denied: boolean;
    readonly version: string | null;
    readonly error: string | null;
  };
  readonly runtime: RuntimeView;
  /** What is wrong and belongs to no bridge or port, in sentences. */
  readonly troubles: readonly string[];
  /** false: the records of the runtime are root's own, and could not be read. */
  readonly complete: boolean;
  /** Whether nothing is marked, here or at any bridge or port; `null`: nothing is, but not all could be read. */
  readonly healthy: boolean | null;
}

/** A container with a rule that gave it no interface. */
export interface UnattachedView {
  readonly container: string;
  /** Variable or label of the rule; empty: one that is followed, though not yet. */
  readonly rule: string;
  /** `null`: the rule cannot be understood that far. */
  readonly interfaceName: string | null;
  /** Why, as one sentence. */
  readonly trouble: string;
}

/** The network beyond the uplink, as far as the host knows it. */
export interface Lan {
  /** In CIDR notation; `null` where the host has no IPv4 address there. */
  readonly network: string | null;
  readonly gateway: string | null;
  readonly nameservers: readonly string[];
}

/** A link of the host. */
export interface LinkView {
  readonly name: string;
  readonly mac: string | null;
  readonly mtu: number;
  readonly up: boolean;
  readonly carrier: boolean;
  readonly addresses: readonly HostAddress[];
}

/** An address of the host. */
export interface HostAddress {
  /** With prefix length. */
  readonly address: string;
  /** `unknown`: this user cannot see which DHCP clients run. */
  readonly from: 'static' | 'dhcp' | 'router-advertisement' | 'unknown';
  /** The DHCP client that looks after it; `null` when none is seen. */
  readonly client: DhcpClientName | null;
}

/** A bridge, whether it is there or only asked for. */
export interface BridgeView extends Omit<LinkView, 'addresses'> {
  readonly exists: boolean;
  /** Containers can join it: the attach runtime is configured for it, or serves it. */
  readonly served: boolean;
  /** Somebody else configures it, and bridge-setup changes nothing of it. */
  readonly existing: boolean;
  readonly stp: boolean;
  readonly addresses: readonly HostAddress[];
  readonly uplinks: readonly LinkView[];
  readonly ports: readonly PortView[];
  readonly troubles: readonly string[];
}

/** An interface of a container, or another port of a bridge. */
export interface PortView {
  /** The host's side, or the name of its record where there is none. */
  readonly port: string;
  /** The bridge; for a direct interface the NIC, or `dummy`. */
  readonly on: string;
  /** `null`: a port that bridge-setup did not make, or whose record could not be read. */
  readonly container: ContainerView | null;
  /** Inside the container. */
  readonly interfaceName: string | null;
  readonly mac: string | null;
  /** With prefix length. */
  readonly address: string | null;
  readonly gateway: string | null;
  /** What a container takes of IPv6; `null`: not on record. */
  readonly ipv6: 'off' | 'static' | 'slaac' | null;
  readonly from: 'static' | 'dhcp' | 'none' | 'unknown';
  readonly client: DhcpClientName | null;
  readonly lease: LeaseView | null;
  /** `foreign`: not made by bridge-setup; `not-seen`: the records, which would tell, are root's own. */
  readonly state: 'attached' | 'waiting-for-lease' | 'failed' | 'stopped' | 'foreign' | 'not-seen';
  /** Since when the state is so, ISO 8601. */
  readonly since: string | null;
  /** What is wrong, as one sentence; `null`: nothing. */
  readonly trouble: string | null;
}

/** The container of a port. */
export interface ContainerView {
  readonly id: string;
  readonly name: string;
  /** `null` where Docker does not answer. */
  readonly image: string | null;
  readonly running: boolean | null;
}

/** A lease of a container. Times are ISO 8601; `null`: never, a lease without end. */
export interface LeaseView {
  readonly server: string | null;
  /** When the container got its address; renewals do not change it. */
  readonly since: string;
  /** When the server has given or renewed it last. */
  readonly renewed: string;
  readonly ageSeconds: number;
  readonly seconds: number;
  /** When the client begins to ask for more time: after half of it, where the server says nothing else (RFC 2131, 4.4.5). */
  readonly renewsAt: string | null;
  readonly expiresAt: string | null;
}

/** The attach runtime. */
export interface RuntimeView {
  /** `null`: only root can tell. */
  readonly running: boolean | null;
  /** Its first pass over all containers is done. */
  readonly ready: boolean;
  readonly since: string | null;
  /** State of the service as its init tells; `null`: not installed as one. */
  readonly service: string | null;
}

/** A link as part of the picture. */
export function linkView({ name, mac, mtu, up, carrier }: Link, addresses: readonly HostAddress[]): LinkView {
  return { name, mac, mtu, up, carrier, addresses };
}

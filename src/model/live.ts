import type { DhcpClientName } from './facts.js';

/**
 * Stages of the live change (docs/architecture.md, "The live change"). Each reads the network as it is when it runs,
 * leaves the host reachable, is verified before the next one, and changes nothing where it is done already.
 */
export type LiveAction =
  | CreateBridge
  | RemoveBridge
  | CopyAddresses
  | DropAddresses
  | AddPort
  | RemovePort
  | MoveRoutes
  | SourceCheck
  | RetireAddresses
  | RestoreAddresses
  | ConfigureNameServers
  | EndLease
  | StopDhcpClient
  | StartDhcpClient
  | MarkInterfaces;

/** Whether a step is a stage of the live change, or of its way back. */
export const isLiveKind = (kind: string): boolean => kind in LIVE_KINDS;

const LIVE_KINDS: Readonly<Record<LiveAction['kind'], true>> = {
  'create-bridge': true,
  'remove-bridge': true,
  'copy-addresses': true,
  'drop-addresses': true,
  'add-port': true,
  'remove-port': true,
  'move-routes': true,
  'source-check': true,
  'retire-addresses': true,
  'restore-addresses': true,
  'configure-name-servers': true,
  'end-lease': true,
  'stop-dhcp-client': true,
  'start-dhcp-client': true,
  'mark-interfaces': true,
};

/**
 * An empty bridge, up, with the port's MTU and settings. Its reverse path filter is loose meanwhile, since
 * for a moment packets come in on the bridge while routes still lead through the port.
 */
export interface CreateBridge {
  readonly kind: 'create-bridge';
  readonly bridge: string;
  readonly port: string;
  readonly mac: string;
  readonly stp: boolean;
  /** Seconds. */
  readonly forwardDelay: number;
}

/** The inverse of `CreateBridge`. */
export interface RemoveBridge {
  readonly kind: 'remove-bridge';
  readonly bridge: string;
}

/** Give one link all addresses and neighbours of another, which keeps its own. */
export interface CopyAddresses {
  readonly kind: 'copy-addresses';
  readonly from: string;
  readonly to: string;
}

/** Take those addresses off a link that another one has too. */
export interface DropAddresses {
  readonly kind: 'drop-addresses';
  readonly link: string;
  readonly heldBy: string;
}

/** Make a link the port of a bridge, and wait until it forwards. */
export interface AddPort {
  readonly kind: 'add-port';
  readonly bridge: string;
  readonly port: string;
  readonly timeoutSeconds: number;
}

/** The inverse of `AddPort`. */
export interface RemovePort {
  readonly kind: 'remove-port';
  readonly bridge: string;
  readonly port: string;
}

/** Let routes of all tables, and rules, lead through another link; metric, protocol and lifetime stay. */
export interface MoveRoutes {
  readonly kind: 'move-routes';
  readonly from: string;
  readonly to: string;
}

/** The bridge's reverse path filter: as that of its port, or loose while the network moves. */
export interface SourceCheck {
  readonly kind: 'source-check';
  readonly bridge: string;
  readonly port: string;
  readonly mode: 'as-port' | 'loose';
}

/** Take addresses off a link that it is not to have any more; the last one stays. */
export interface RetireAddresses {
  readonly kind: 'retire-addresses';
  readonly link: string;
  /** With prefix length. */
  readonly addresses: readonly string[];
}

/** The inverse of `RetireAddresses`. */
export interface RestoreAddresses {
  readonly kind: 'restore-addresses';
  readonly link: string;
  readonly addresses: readonly string[];
}

/**
 * Write the name servers of the files into resolv.conf, as the scripts do when they bring a static address up. A rollback
 * restores resolv.conf itself.
 */
export interface ConfigureNameServers {
  readonly kind: 'configure-name-servers';
  readonly dns: ConfiguredDns;
}

/** Name servers and search domain that the files of a link have beside its lease; RHEL's `DNS1` and `DOMAIN`. */
export interface ConfiguredDns {
  readonly servers: readonly string[];
  /** Empty: none. */
  readonly domain: string;
}

/** End a DHCP client at once, so that it neither releases its lease nor removes the address. */
export interface StopDhcpClient {
  readonly kind: 'stop-dhcp-client';
  readonly client: DhcpClientName;
  readonly link: string;
  /** How the client is started, and what is added to its environment. */
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Written into resolv.conf after it has started, as the manager of the files does. */
  readonly dns?: ConfiguredDns;
  /** The link that takes the lease over, and how a client is started there. */
  readonly heir: string;
  readonly heirArgv: readonly string[];
}

/**
 * Start a DHCP client on a link with the lease record of another one, so that the server knows the host again and
 * gives it the same address. Where no server answers in time it goes on trying, and the address stays.
 */
export interface StartDhcpClient {
  readonly kind: 'start-dhcp-client';
  readonly client: DhcpClientName;
  readonly link: string;
  readonly argv: readonly string[];
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written into resolv.conf after it has started, as the manager of the files does. */
  readonly dns?: ConfiguredDns;
  readonly leaseOf: string;
  readonly leaseArgv: readonly string[];
  /** Where the network had no lease before: what it had instead. */
  readonly unleased?: Unleased;
}

/** The network of a link that has no lease. */
export interface Unleased {
  /** Addresses of IPv4 with prefix length. */
  readonly addresses: readonly string[];
  /** Default routes of IPv4 as ip(8) takes them, without the link: `default via 192.168.1.1 onlink`. */
  readonly routes: readonly string[];
}

/**
 * Remove the address that a client has leased, with its default routes: the part of the inverse of `StartDhcpClient` that
 * is left where there was no lease before. A rollback restores resolv.conf itself. Nobody renews it, and the address would take its
 * subnet's route along when it ends. It stays where the host has nothing else to be reached by.
 */
export interface EndLease extends Unleased {
  readonly kind: 'end-lease';
  readonly client: DhcpClientName;
  readonly link: string;
}

/**
 * ifupdown's own record of what is up (/run/network/ifstate): ifdown goes by it. Names of interfaces, `eth0=home` where
 * one is up by the stanza of another name.
 */
export interface MarkInterfaces {
  readonly kind: 'mark-interfaces';
  readonly up: readonly string[];
  readonly down: readonly string[];
  /** Up before and after: the port, where it has a stanza of its own. */
  readonly kept: readonly string[];
}

import type { ContainerRule } from '../container-rule.js';
import type { DhcpClientName, HostFacts } from '../facts.js';

/** What the picture is made of, beside the facts: the records of the attach runtime, and Docker's containers. */
export interface TopologyInput {
  readonly facts: HostFacts;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Bridges that the runtime serves. */
  readonly bridges: readonly string[];
  /** Those that somebody else configures. */
  readonly existing: readonly string[];
  /** `null`: no daemon runs. */
  readonly daemon: { readonly ready: boolean; readonly since: string } | null;
  readonly endpoints: readonly RecordedEndpoint[];
  /** By port. */
  readonly leases: Readonly<Record<string, RecordedLease>>;
  /** By port; `alive`: its process is there. */
  readonly clients: Readonly<Record<string, { readonly client: DhcpClientName; readonly alive: boolean }>>;
  /** By id; `null`: Docker does not answer. */
  readonly containers: Readonly<Record<string, RunningContainer>> | null;
  /** What the rules of running containers come to; `null`: Docker does not answer. */
  readonly rules: readonly ContainerRule[] | null;
  /** A change that has no end yet, by its phase; `null`: none. */
  readonly pending: string | null;
  /** Whether the records could be read: they are root's own. */
  readonly recordsReadable: boolean;
}

/** State of an endpoint, as the runtime writes it down. */
export interface RecordedEndpoint {
  readonly containerId: string;
  readonly containerName: string;
  readonly interfaceName: string;
  readonly hostInterfaceName: string;
  readonly bridge: string;
  readonly mac: string;
  readonly method: 'none' | 'static' | 'dhcp';
  readonly address: string | null;
  readonly gateway: string | null;
  /** Absent: not on record. */
  readonly ipv6?: 'off' | 'static' | 'slaac' | undefined;
  readonly state: 'attached' | 'waiting-for-lease' | 'failed' | 'stopped';
  readonly error: string | null;
  readonly since: string;
}

/** What a DHCP client of a container has written down last. */
export interface RecordedLease {
  /** Unix time of its last event, seconds. */
  readonly time: number;
  readonly lease: { readonly server: string | null; readonly seconds: number } | null;
}

/** A container that Docker knows. */
export interface RunningContainer {
  readonly name: string;
  readonly image: string;
  readonly running: boolean;
}

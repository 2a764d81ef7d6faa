import type { Host } from '../host/host.js';
import type { DhcpClients } from '../model/facts.js';
import type { NetworkState } from '../model/journal.js';
import type { NetworkDetails } from '../model/network-details.js';
import type { Step } from '../model/plan.js';
import type { Probe } from '../model/probe.js';

/** What a step needs to be carried out. */
export interface ApplyContext {
  readonly host: Host;
  /** Read the live network again. */
  readonly readNetwork: () => Promise<NetworkState>;
  /** Read what is compared of it beside that. */
  readonly readDetails: (uplink: string) => Promise<NetworkDetails>;
  /** The host's DHCP clients that run now. */
  readonly dhcpClients: () => Promise<DhcpClients['running']>;
  /** Probes that passed before the first step, and so have to pass after: nothing is demanded of who never answered. */
  readonly passed: readonly Probe[];
  /** Docker's firewall, as the attach runtime handles it. */
  readonly firewall: Firewall;
  /** Take all containers off a bridge. */
  readonly removeEndpoints: (bridge: string) => Promise<void>;
  readonly progress: Progress;
}

/** Docker's firewall, where frames between the ports of a bridge pass. */
export interface Firewall {
  /** Let frames pass between the ports of a bridge. Throws when that fails. */
  accept(bridge: string): Promise<void>;
  /** Take that back; not an error when there is nothing to take back. */
  remove(bridge: string): Promise<void>;
}

/** The same without what is known only when the first step begins. */
export type ApplyDoor = Omit<ApplyContext, 'passed'>;

/** What a person sees while steps run. */
export interface Progress {
  step(step: Step, state: 'started' | 'done' | 'failed', durationMs: number): void;
  /** A line that a command of the running step printed. */
  line(text: string): void;
  /** A sentence of the running step that a person should read, whether it asked for details or not. */
  note(text: string): void;
}

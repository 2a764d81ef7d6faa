import type { HostFacts } from '../model/facts.js';
import type { Finding } from '../model/finding.js';
import type { Step } from '../model/plan.js';
import type { BridgeSpec } from '../model/spec.js';

/** One style of network configuration. Pure: facts in, steps out. */
export interface Backend {
  readonly id: string;
  /** As a person would call it: "Debian's /etc/network/interfaces". */
  readonly title: string;
  /** Whether this style is in charge of the uplink, and why (not). */
  detect(facts: HostFacts, uplink: string): Detection;
  /** Steps that make the bridge; none when the host is as wanted. Throws `SetupError` for what it must refuse. */
  plan(facts: HostFacts, spec: BridgeSpec): BackendPlan;
  /** Where the configuration would make another network of this bridge than there is now; none where it has no word. */
  differences(facts: HostFacts, bridge: string): Finding[];
}

/** Whether a backend is in charge. */
export interface Detection {
  readonly applies: boolean;
  readonly reason: string;
}

/** What a backend would do. */
export interface BackendPlan {
  /** Programs that its configuration needs at run time, e.g. `brctl`. */
  readonly programs: readonly string[];
  /** File changes and activation, in the order in which they have to happen. */
  readonly steps: readonly Step[];
  /** What a person should know, in sentences: what was moved, kept or dropped. */
  readonly notes: readonly string[];
  /** What a person has to check, since only they know what it is for. */
  readonly risks: readonly Finding[];
}

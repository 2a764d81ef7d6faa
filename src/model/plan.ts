import type { ExpectBridge, ExpectNetwork } from './expect-steps.js';
import type { Finding } from './finding.js';
import type {
  FirewallZone,
  InsertRule,
  NftRuleStep,
  RemoveNftRule,
  RemoveRule,
  RestoreFirewallZone,
} from './firewall-steps.js';
import type { LiveAction } from './live.js';
import type { AwaitProfiles, NetworkManagerState } from './network-manager.js';

/**
 * What will be done, in order, as plain data. A dry run prints it, apply receives it; nothing is decided later.
 * A plan without steps says that the host is already as wanted.
 */
export interface Plan {
  readonly version: 1;
  /** One sentence: what the plan does. */
  readonly summary: string;
  readonly backend: { readonly id: string; readonly reason: string };
  readonly bridge: string;
  readonly uplink: string;
  /** The bridge is somebody else's: no step changes it, or a file of its configuration. */
  readonly existing?: true;
  readonly steps: readonly Step[];
  readonly files: readonly FileDiff[];
  readonly risks: readonly Finding[];
  /** Things a person should know, in sentences. */
  readonly notes: readonly string[];
  /** What the plan goes by, and where each value comes from; absent where nobody asked for a report. */
  readonly values?: readonly PlannedValue[];
}

/** A value that a plan goes by: of the answers, or of the host where they leave it to the host. */
export interface PlannedValue {
  /** JSON path, as in the answers. */
  readonly path: string;
  readonly value: unknown;
  readonly origin: 'given' | 'detected' | 'default';
  /** Where a value was detected, in words. */
  readonly from?: string;
}

/** One effect on the host. `id` is unique within the plan; `title` is what a person reads while it runs. */
export type Step = {
  readonly id: string;
  readonly title: string;
  /** Executed once the change is confirmed; such steps are the last ones. Where nobody has to confirm it, at the end. */
  readonly after?: 'confirmation';
} & Action;

export type Action =
  | InstallPackages
  | ProbeSecondMac
  | RemoveProbeLink
  | InstallProgram
  | RemoveProgram
  | RestoreProgram
  | WriteFile
  | RemoveFile
  | RunCommand
  | RunWhenUndone
  | LiveAction
  | AcceptRule
  | RemoveAcceptRule
  | InsertRule
  | RemoveRule
  | NftRuleStep
  | RemoveNftRule
  | FirewallZone
  | RestoreFirewallZone
  | RemoveEndpoints
  | ExpectNetwork
  | ExpectBridge
  | AwaitDocker
  | AwaitRuntime
  | NetworkManagerState
  | AwaitProfiles;

/** Packages are never removed by a rollback: something else may use them by then. */
export interface InstallPackages {
  readonly kind: 'install-packages';
  readonly manager: 'apt' | 'dnf' | 'yum';
  readonly packages: readonly string[];
}

/**
 * Prove that the LAN lets frames with a second MAC address through, as those of containers will have: the gateway is
 * asked by ARP from a macvlan link of its own (ip-link(8)). Fails when it answers the uplink's own MAC address only;
 * an answer to neither proves nothing.
 */
export interface ProbeSecondMac {
  readonly kind: 'probe-second-mac';
  readonly uplink: string;
  /** Name of the link that is there while the probe lasts. */
  readonly link: string;
  /** IPv4 address. */
  readonly gateway: string;
  /** What would let such frames through, as one sentence. */
  readonly remedy: string;
  /** Seconds that each of the two answers may take. */
  readonly timeoutSeconds: number;
}

/** The inverse of `ProbeSecondMac`, which removes its link itself unless it is killed meanwhile. */
export interface RemoveProbeLink {
  readonly kind: 'remove-probe-link';
  readonly link: string;
}

/**
 * Put bridge-setup itself at a place that stays: `npx` runs it from a cache that may be emptied.
 * `replaces` is the digest of what is installed there now, and is kept beside it; `null` when nothing is.
 */
export interface InstallProgram {
  readonly kind: 'install-program';
  readonly program: Program;
  readonly to: string;
  /** Paths of commands, and the file of the package that each one is a link to. */
  readonly commands: Readonly<Record<string, string>>;
  readonly replaces: string | null;
}

/** The inverse of `InstallProgram`. */
export interface RemoveProgram {
  readonly kind: 'remove-program';
  readonly to: string;
  readonly commands: readonly string[];
}

/** The inverse of an `InstallProgram` that replaced another build, which was kept. */
export interface RestoreProgram {
  readonly kind: 'restore-program';
  readonly to: string;
}

/** This program as it runs now. */
export interface Program {
  /** Folder of the package. */
  readonly root: string;
  readonly version: string;
  /** Of its files: two builds of one version differ. */
  readonly digest: string;
  /** The Node.js that runs it. */
  readonly node: string;
  /** Where it runs as a container, the host may have no Node.js that could start it. */
  readonly container?: ContainerProgram;
}

/** What the Node.js of a container needs, by paths in there. */
export interface ContainerProgram {
  /** The image that it was started of, as it was named then; `null`: not known. */
  readonly image: string | null;
  /** A process that sees those paths, by its number on the host. */
  readonly pid: number;
  /** The dynamic linker, ld.so(8). */
  readonly loader: string;
  readonly libraries: readonly string[];
}

/** Write a whole file, atomically. `before` is what the plan saw; apply stops when it finds anything else. */
export interface WriteFile {
  readonly kind: 'write-file';
  readonly path: string;
  readonly content: string;
  readonly mode: number;
  readonly before: string | null;
  /** A file whose owner, times, access lists and security label it gets: what it was before, kept in a checkpoint. */
  readonly attributesOf?: string;
}

/** Remove a file. `before` is what the plan saw; apply stops when it finds anything else. */
export interface RemoveFile {
  readonly kind: 'remove-file';
  readonly path: string;
  readonly before: string;
}

/** A command of the host, as an argv array. `undo` is the command that takes it back. */
export interface RunCommand {
  readonly kind: 'run';
  readonly argv: readonly string[];
  readonly undo: readonly string[] | null;
  readonly timeoutSeconds: number;
}

/**
 * A command that only the way back has. It stands before the steps that have to be taken back before it runs: a program
 * reads files again once they are what they were.
 */
export interface RunWhenUndone {
  readonly kind: 'run-when-undone';
  readonly argv: readonly string[];
  readonly timeoutSeconds: number;
}

/** Let frames pass between the ports of a bridge, in spite of Docker's FORWARD policy. The runtime keeps the rule. */
export interface AcceptRule {
  readonly kind: 'accept-rule';
  readonly bridge: string;
}

/** The inverse of `AcceptRule`. */
export interface RemoveAcceptRule {
  readonly kind: 'remove-accept-rule';
  readonly bridge: string;
}

/** Take containers off a bridge that is about to go: the host's sides of their links would stay behind. */
export interface RemoveEndpoints {
  readonly kind: 'remove-endpoints';
  readonly bridge: string;
}

/** Wait until Docker's API answers. */
export interface AwaitDocker {
  readonly kind: 'await-docker';
  readonly timeoutSeconds: number;
}

/** Wait until the attach runtime has made its first pass: a service, or a container. */
export interface AwaitRuntime {
  readonly kind: 'await-runtime';
  /** Name of the service's unit, or of the container. */
  readonly unit: string;
  readonly as?: 'container';
  readonly timeoutSeconds: number;
}

/** The change of one file, for people. */
export interface FileDiff {
  readonly path: string;
  readonly change: 'create' | 'modify' | 'remove';
  /** Unified diff. */
  readonly diff: string;
}

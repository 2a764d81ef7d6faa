import type { ContainerRule } from './container-rule.js';
import type { Finding } from './finding.js';
import type { FrameDrop, IptablesProgram } from './firewall.js';
import type { TopologyInput } from './topology/input.js';

/** What doctor reads of a host beside its facts. Plain data; unknown is `null`. */
export interface DoctorFacts {
  /** The bridge that containers are on, or would be. */
  readonly bridge: string;
  /** Whether this host has such a bridge, or is meant to have it. */
  readonly setUp: boolean;
  /** The bridge is somebody else's: bridge-setup changes nothing of it. */
  readonly existing: boolean;
  /** The port that leads to the LAN, once there is one. */
  readonly port: string | null;
  /** Where the configuration files would make another network than there is now. */
  readonly differences: readonly Finding[];
  /** Records of the runtime, leases, clients and containers. */
  readonly topology: TopologyInput;
  readonly kernel: KernelFacts;
  readonly firewall: FirewallFacts;
  readonly engine: EngineFacts;
  /** State of services by their name; empty where no systemd runs. */
  readonly units: Readonly<Record<string, UnitFacts>>;
  readonly program: ProgramFacts;
  /** The host's own lease; `null`: none is known. */
  readonly lease: HostLease | null;
  /** Rules of running containers. */
  readonly rules: readonly ContainerRule[];
  /** What the runtime refuses in its configuration; `null`: nothing, or there is none. */
  readonly configProblem: string | null;
  /** Name servers that were asked and did not answer; none was asked with `--no-probe`. */
  readonly silentNameServers: readonly string[];
  /** What the LAN answered; `null`: it was not asked. */
  readonly lan: LanProbes | null;
  /** What containers get from the LAN; `null`: it was not asked. Those that do not run, or came too late, are not in it. */
  readonly reach: readonly ContainerReach[] | null;
  /** Offers of DHCP servers; `null`: none was asked for. */
  readonly dhcpOffers: readonly DhcpOffer[] | null;
  /** Why a set-up would be refused, beyond what checks find themselves; empty on a host that is set up. */
  readonly refusals: readonly Finding[];
  /** What could not be looked at, each with the reason. */
  readonly unread: readonly string[];
}

/** What the kernel was told about the bridge and its port. */
export interface KernelFacts {
  readonly bridge: {
    /** NET_ADDR_SET: somebody has set its MAC address, so it stays when ports come and go. */
    readonly macPinned: boolean;
    readonly snooping: boolean;
    readonly querier: boolean;
    /** The port behind which a querier was seen; `null`: none was, or it cannot be told. */
    readonly otherQuerier: string | null;
  } | null;
  /** Reverse path filter that is in force on the bridge (the greater of `all` and its own): 0, 1 strict, 2 loose. */
  readonly sourceCheck: number | null;
  readonly ipv6: { readonly forwarding: boolean; readonly acceptRa: number } | null;
  /** Modules that are needed, and neither there nor to be loaded. */
  readonly missingModules: readonly string[];
  readonly release: string;
}

/** Where frames between the ports of the bridge pass, and where they do not. */
export interface FirewallFacts {
  /** What drops them for certain. */
  readonly drops: readonly DropFacts[];
  /** Rules that may drop them: it depends on what is not known of a frame. */
  readonly suspects: readonly string[];
  /** An iptables has Docker's chain DOCKER-USER. */
  readonly hasDockerUser: boolean;
  readonly ufw: boolean;
  readonly defaultZone: string | null;
}

/** A rule or policy that drops frames, and what lets them pass. */
export interface DropFacts extends FrameDrop {
  readonly family: 4 | 6;
  /** What of them it drops: `icmp`, `tcp`, … */
  readonly protocols: readonly string[];
  /** Who can let them pass. */
  readonly kind: 'iptables' | 'ufw' | 'firewalld' | 'by-hand';
  /** Of iptables: the rule to be added, and how often the chain has it further down. */
  readonly insert: {
    readonly program: IptablesProgram;
    readonly chain: string;
    readonly rule: readonly string[];
    readonly copies: number;
  } | null;
}

/** Docker's engine, beyond whether it answers. */
export interface EngineFacts {
  readonly rootless: boolean;
  /** When dockerd was started, ms since the epoch. */
  readonly startedAt: number | null;
}

/** A unit of systemd. */
export interface UnitFacts {
  /** `not-found` where there is none. */
  readonly load: string;
  readonly active: string;
  /** `enabled`, `disabled`, `static`, …; empty where there is none. */
  readonly file: string;
  readonly restarts: number;
}

/** The program, and the Node.js that runs it. */
export interface ProgramFacts {
  /** Of this very process. */
  readonly node: string;
  /** What it needs at least, e.g. `20.19.0`. */
  readonly neededNode: string;
  /** Of the service: path and version; the version is `null` when it does not run. */
  readonly serviceNode: { readonly path: string; readonly version: string | null } | null;
  /** Digest of what runs now; `null` where it is the installed one. */
  readonly digest: string | null;
  /** When the installed program was put there, ms since the epoch. */
  readonly installedAt: number | null;
}

/** The lease of the host's own address. */
export interface HostLease {
  readonly link: string;
  readonly address: string;
  /** Seconds that are left; `null`: without end, or not known. */
  readonly left: number | null;
  /** How long it was given for; `null`: not known. */
  readonly seconds: number | null;
}

/** What a DHCP server offered, and nobody took. */
export interface DhcpOffer {
  /** Its server identifier. */
  readonly server: string;
  readonly address: string;
  /** `null`: it gave none. */
  readonly mask: string | null;
  readonly router: string | null;
}

/** What the LAN answered. */
export interface LanProbes {
  /** Another host that has the address of ours; `null`: nobody else answered. */
  readonly duplicate: { readonly address: string; readonly mac: string } | null;
  /** Whose frames the gateway answers; `null`: there is none to ask. */
  readonly secondMac: 'second' | 'own' | 'none' | null;
}

/** What was answered in the network namespace of one container, asked from its own interface. */
export interface ContainerReach {
  readonly container: string;
  readonly interfaceName: string;
  /** With prefix length. */
  readonly address: string;
  /** The gateway that was asked; `null`: there is none. */
  readonly gateway: string | null;
  /** Whether it answered ARP; `null`: it was not asked. */
  readonly arp: boolean | null;
  /** Whether it answered a ping; `null`: it was not asked. */
  readonly ping: boolean | null;
  /** MAC address of another station with the container's address; `null`: no other one answered. */
  readonly duplicate: string | null;
  /** What the host gets from the same gateway; `null`: it was not asked, since the container was answered. */
  readonly host: { readonly arp: boolean; readonly ping: boolean } | null;
}

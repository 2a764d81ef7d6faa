import type { DockerFacts } from './docker-facts.js';
import type { FirewallRules, FrameDrop } from './firewall.js';

/** What was read from a host, once, as plain JSON. Nothing in here is a guess: unknown is `null`. */
export interface HostFacts {
  readonly version: 1;
  readonly distro: Distro;
  readonly init: 'systemd' | 'other';
  readonly machine: Machine;
  /** Whether the tool ran as root when the facts were read. */
  readonly root: boolean;
  readonly links: readonly Link[];
  readonly routes: readonly Route[];
  /** What of the links' networks cannot be moved to a bridge; not in facts that an earlier version recorded. */
  readonly obstacles?: readonly Obstacle[];
  readonly dns: Dns;
  /** What manages the host's links, in no order. */
  readonly managers: readonly NetworkManager[];
  readonly dhcpClients: DhcpClients;
  /** Links that a wpa_supplicant authenticates; not in facts that an earlier version recorded. */
  readonly supplicants?: readonly string[];
  /** Room where backups and configuration are written; not in facts that an earlier version recorded. */
  readonly disk?: readonly DiskSpace[];
  readonly docker: DockerFacts;
  readonly netfilter: NetfilterFacts;
  /** Not in facts that an earlier version recorded, and not seen without root. */
  readonly firewall?: FirewallRules;
  readonly session: Session;
  /** Programs looked for on the PATH of a root login: name to path, `null` when absent. */
  readonly programs: Readonly<Record<string, string | null>>;
  readonly runtime: RuntimeFacts;
  /** Configuration files of the host by absolute path: those of its network and those of bridge-setup. */
  readonly files: Readonly<Record<string, ConfigFile>>;
  /** Configuration files that this user may not read; absent: none. */
  readonly unreadable?: readonly string[];
  /** Files that belong there and could not be read by anybody; absent where there are none. */
  readonly unreadFiles?: readonly UnreadFile[];
  /** Lines of scripts beside the configuration that name a NIC; absent where there are none. */
  readonly mentions?: readonly ScriptMention[];
}

/** The distribution, from os-release(5). */
export interface Distro {
  readonly id: string;
  readonly versionId: string;
  readonly prettyName: string;
  readonly family: 'debian' | 'rhel' | 'other';
}

/** What the host runs on: a hypervisor or a cloud may drop frames with a MAC address that it does not know. */
export interface Machine {
  readonly virtual: boolean;
  /** As the firmware says, e.g. `VMware, Inc.`; empty when it says nothing. */
  readonly manufacturer: string;
  readonly model: string;
  /** A cloud whose firmware gives the name of the hypervisor only. */
  readonly cloud?: 'Azure';
  /** Where `/` is when it is not on this machine; not in facts that an earlier version recorded. */
  readonly networkRoot?: NetworkRoot | null;
}

/** A root file system on another machine: it is lost with the network. */
export interface NetworkRoot {
  readonly kind: 'nfs' | 'cifs' | 'iscsi' | 'nbd';
  /** What it is, e.g. `192.168.1.5:/srv/root` or `/dev/sda1`. */
  readonly detail: string;
}

/** What the file system of a folder has left. */
export interface DiskSpace {
  readonly path: string;
  /** `null` when the file system does not count. */
  readonly freeBytes: number | null;
  /** How many more files fit; `null` when the file system does not count. */
  readonly freeInodes: number | null;
  readonly readOnly: boolean;
}

/** A network link, as `ip` shows it. */
export interface Link {
  readonly name: string;
  readonly index: number;
  readonly mac: string | null;
  readonly mtu: number;
  readonly up: boolean;
  readonly carrier: boolean;
  /** The kind the kernel gives: `bridge`, `veth`, `vlan`, `bond`, …; `null` for a plain device. */
  readonly kind: string | null;
  /** Its link layer where that is not Ethernet: `infiniband`, `ppp`, `none`, …; absent for Ethernet and loopback. */
  readonly type?: string;
  readonly loopback: boolean;
  readonly wireless: boolean;
  /** Backed by a device on a bus, as a NIC is; false for veth and other virtual links. */
  readonly physical: boolean;
  /** Name of the bridge, bond or team that this link is a port of. */
  readonly master: string | null;
  /** Name of the link below: the NIC of a VLAN or macvlan. */
  readonly lower: string | null;
  readonly addresses: readonly Address[];
  readonly bridge: BridgeSettings | null;
}

/** Settings of a bridge. */
export interface BridgeSettings {
  readonly stp: boolean;
  /** Seconds. */
  readonly forwardDelay: number;
  /** Somebody has set its MAC address, so it stays when ports come and go; absent where that was not read. */
  readonly macSet?: boolean;
}

/** An address of a link. */
export interface Address {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
  readonly scope: string;
  /** Given by DHCP or router advertisement: it has a lifetime. */
  readonly dynamic: boolean;
}

/** A route of the main table. */
export interface Route {
  readonly family: 4 | 6;
  /** `default`, or a prefix. */
  readonly destination: string;
  readonly gateway: string | null;
  readonly link: string;
  readonly metric: number;
  readonly protocol: string;
  /** The gateway is taken for one on the link, whatever the addresses are: ifupdown sets it so. */
  readonly onlink?: true;
}

/** A default route of a link that is neither the bridge nor its port. */
export type OtherDefaultRoute = Pick<Route, 'link' | 'gateway' | 'metric'>;

/** Part of a link's network that the kernel would not take for another link as it is. */
export interface Obstacle {
  readonly link: string;
  readonly kind: 'address' | 'route' | 'nexthop';
  /** As ip(8) says it. */
  readonly text: string;
  /** Why, as the end of a sentence that begins with it. */
  readonly reason: string;
}

/** Name servers and search domains, from resolv.conf(5). */
export interface Dns {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
}

/** A program that configures links, whether it is in charge now, and the links it claims. */
export interface NetworkManager {
  readonly name:
    | 'ifupdown'
    | 'ifcfg'
    | 'NetworkManager'
    | 'systemd-networkd'
    | 'netplan'
    | 'dhcpcd'
    | 'cloud-init';
  readonly active: boolean;
  readonly links: readonly string[];
  /** NetworkManager only: by link, the file of the profile that it goes by; empty where the profile has none. */
  readonly profiles?: Readonly<Record<string, string>>;
}

export type DhcpClientName = 'udhcpc' | 'dhclient' | 'dhcpcd';

/** DHCP clients of the host itself, not those in containers. */
export interface DhcpClients {
  readonly installed: readonly DhcpClientName[];
  /** `false`: this user cannot see in which network the processes of others run, so `running` may lack some. */
  readonly complete?: false;
  readonly running: readonly {
    readonly name: DhcpClientName;
    readonly pid: number;
    readonly link: string | null;
    /** Its command line; not in facts that an earlier version recorded. */
    readonly argv?: readonly string[];
  }[];
}

/** What decides whether bridged frames get through. */
export interface NetfilterFacts {
  /** Policy of the iptables FORWARD chain; Docker sets DROP. */
  readonly forwardPolicy: 'ACCEPT' | 'DROP' | null;
  /** net.bridge.bridge-nf-call-iptables: bridged frames pass FORWARD. `null` without the module. */
  readonly bridgeNfCallIptables: boolean | null;
  readonly dockerUserChain: boolean;
  /** Bridges with an accept rule in DOCKER-USER. */
  readonly acceptedBridges: readonly string[];
  /** By bridge: what drops frames between its ports for certain. Not in facts that an earlier version recorded. */
  readonly dropped?: Readonly<Record<string, readonly FrameDrop[]>>;
  /** Zones of firewalld by link; links that are not in it have the default zone. Absent where firewalld does not run. */
  readonly zones?: Readonly<Record<string, string>>;
  /** The same by firewalld's configuration, which the next boot goes by. */
  readonly lastingZones?: Readonly<Record<string, string>>;
}

/** The person who runs this. */
export interface Session {
  readonly ssh: boolean;
  /** Address of the person at the other end. */
  readonly client: string | null;
  /** The link that their packets come through. */
  readonly link: string | null;
}

/** The attach runtime, as installed. */
export interface RuntimeFacts {
  /** State of the service as its init tells, e.g. `active`; `null` when it is not installed. */
  readonly service: string | null;
  readonly enabled: boolean;
  /** The program that the service runs: digest of its files; `null` when it is not installed. */
  readonly programDigest: string | null;
  /** It as a container; absent: there is none, and where the facts are of an older version. */
  readonly container?: RuntimeContainer;
}

/** The container that has the name of the runtime's. */
export interface RuntimeContainer {
  readonly running: boolean;
  /** As it was named when the container was made. */
  readonly image: string;
  /** The image by that name is still the one that it was made of. */
  readonly current: boolean;
  /** false: it is somebody else's container. */
  readonly own: boolean;
}

/** A line of a script, or of sysctl's files, that names a link. */
export interface ScriptMention {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly link: string;
}

/** A configuration file that is not part of the facts. */
export interface UnreadFile {
  readonly path: string;
  readonly reason: 'too-large' | 'unreadable' | 'binary';
  /** Its size in bytes, or what the system says. */
  readonly detail: string;
}

/** A configuration file. */
export interface ConfigFile {
  readonly content: string;
  /** Permission bits, e.g. 0o644. */
  readonly mode: number;
}

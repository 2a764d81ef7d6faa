import { z } from 'zod';
import type { Host } from '../host/host.js';
import { runIpBatch } from '../host/ip-batch.js';
import { parseIpJson, readEntries } from '../host/ip-json.js';
import { parseIp } from './address.js';

/** A link as `ip -details -json address show` tells it. */
export interface NetLink {
  readonly name: string;
  readonly index: number;
  /** Index of the other end of a veth, in the namespace of that end. */
  readonly peerIndex: number | null;
  readonly up: boolean;
  readonly mtu: number;
  readonly mac: string | null;
  /** Name of the bridge that it is a port of. */
  readonly master: string | null;
  readonly kind: string | null;
  readonly alias: string | null;
  readonly addresses: readonly NetAddress[];
  /** What Open vSwitch makes of it; absent: nothing, or it was not asked. */
  readonly ovs?: OvsRole;
}

/** What a link is for Open vSwitch. */
export type OvsRole =
  | { readonly role: 'bridge' }
  /** A VLAN of its parent under a name of its own. */
  | { readonly role: 'fake-bridge'; readonly parent: string; readonly vlan: number }
  /** `vlan`: of an access port. */
  | { readonly role: 'port'; readonly vlan: number | null };

/** An address of a link. */
export interface NetAddress {
  readonly family: 4 | 6;
  /** With prefix length. */
  readonly address: string;
  readonly scope: string;
  /** It has a lifetime: from DHCP or router advertisement. */
  readonly dynamic: boolean;
}

const linkSchema = z.looseObject({
  ifname: z.string(),
  ifindex: z.number(),
  link_index: z.number().optional(),
  flags: z.array(z.string()).default([]),
  mtu: z.number(),
  address: z.string().optional(),
  master: z.string().optional(),
  ifalias: z.string().optional(),
  linkinfo: z.looseObject({ info_kind: z.string().optional() }).optional(),
  addr_info: z
    .array(
      z.looseObject({
        family: z.string().optional(),
        local: z.string().optional(),
        prefixlen: z.number().optional(),
        scope: z.string().default('global'),
        dynamic: z.boolean().default(false),
      }),
    )
    .default([]),
});

/** Parse the output of `ip -details -json address show` or `… link show`. */
export function parseLinks(json: string): NetLink[] {
  return parseIpJson(json, linkSchema).map(linkOf);
}

/** The links of a list that `ip` has shown. */
export function linksOf(list: readonly unknown[]): NetLink[] {
  return readEntries(list, linkSchema).map(linkOf);
}

/** The links of the host, without their addresses; or those of another network namespace, with them. */
export async function readLinks(host: Host, netns: string | null): Promise<NetLink[]> {
  const argv =
    netns === null
      ? ['ip', '-details', '-json', 'link', 'show']
      : inNetns(netns, ['ip', '-details', '-json', 'address', 'show']);
  return parseLinks((await host.run(argv)).stdout);
}

/** Run lines of `ip`: of the time that an attach takes, most goes into starting processes. */
export function ipBatch(host: Host, netns: string | null, lines: readonly string[]): Promise<void> {
  return runIpBatch(host, lines, netns === null ? ['ip'] : inNetns(netns, ['ip']));
}

/**
 * The command that runs another one in a network namespace. Not `ip netns exec`, which remounts /sys and wants a name
 * in /run/netns.
 */
export function inNetns(netns: string, argv: readonly string[]): string[] {
  return ['nsenter', `--net=${netns}`, ...argv];
}

type LinkData = z.output<typeof linkSchema>;

function linkOf(data: LinkData): NetLink {
  return {
    name: data.ifname,
    index: data.ifindex,
    peerIndex: data.link_index ?? null,
    up: data.flags.includes('UP'),
    mtu: data.mtu,
    mac: data.address ?? null,
    master: data.master ?? null,
    kind: data.linkinfo?.info_kind ?? null,
    alias: data.ifalias ?? null,
    addresses: data.addr_info.flatMap(addressOf),
  };
}

function addressOf(data: LinkData['addr_info'][number]): NetAddress[] {
  const { family, local, prefixlen, scope, dynamic } = data;
  if (local === undefined || prefixlen === undefined) return [];
  if (family === 'inet6') return [{ family: 6, address: canonical(local, prefixlen), scope, dynamic }];
  return [{ family: 4, address: `${local}/${prefixlen}`, scope, dynamic }];
}

/** The form that a parsed rule has, too; of an IPv4 address ip knows but one. */
function canonical(address: string, prefix: number): string {
  return `${parseIp(address)?.toString() ?? address}/${prefix}`;
}

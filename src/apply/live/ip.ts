import { z } from 'zod';
import type { Host } from '../../host/host.js';
import { parseIpJson } from '../../host/ip-json.js';
import { addressEntry, type IpAddress } from '../../iproute/address.js';
import { until } from '../until.js';

/** A link, as far as the live change looks at it. */
export interface LiveLink {
  readonly mtu: number;
  readonly mac: string;
  readonly up: boolean;
  /** RFC 2863 operational state. */
  readonly state: string;
  readonly kind: string | null;
  readonly master: string | null;
  readonly addresses: readonly IpAddress[];
}

const entrySchema = z.looseObject({
  mtu: z.number(),
  address: z.string().default(''),
  flags: z.array(z.string()).default([]),
  operstate: z.string().default('UNKNOWN'),
  master: z.string().optional(),
  linkinfo: z.looseObject({ info_kind: z.string().optional() }).optional(),
  addr_info: z.array(addressEntry).default([]),
});

/** A link of this host with its addresses, in the kernel's order; `null` when there is none of that name. */
export async function readLink(host: Host, name: string): Promise<LiveLink | null> {
  const shown = await host.run(['ip', '-json', '-details', 'address', 'show', 'dev', name], { check: false });
  if (shown.exitCode !== 0) {
    if (/does not exist|Cannot find device/.test(shown.stderr)) return null;
    throw new Error(`\`ip address show dev ${name}\` failed: ${shown.stderr.trim()}`);
  }
  const entries = (JSON.parse(shown.stdout) as object[]).filter((entry) => Object.keys(entry).length > 0);
  const data = entrySchema.parse(entries[0]);
  return {
    mtu: data.mtu,
    mac: data.address,
    up: data.flags.includes('UP'),
    state: data.operstate,
    kind: data.linkinfo?.info_kind ?? null,
    master: data.master ?? null,
    addresses: data.addr_info,
  };
}

/**
 * How the kernel makes the IPv6 addresses of a link by itself (ip-link(8), addrgenmode); `null` without IPv6, or where
 * the kernel does not say.
 */
export async function readAddressMode(host: Host, name: string): Promise<string | null> {
  const shown = await host.run(['ip', '-json', '-details', 'link', 'show', 'dev', name], { check: false });
  const mode = z.looseObject({ inet6_addr_gen_mode: z.string().optional() });
  return parseIpJson(shown.stdout, mode)[0]?.inet6_addr_gen_mode ?? null;
}

/** The same, where the link has to be there. */
export async function requireLink(host: Host, name: string): Promise<LiveLink> {
  const link = await readLink(host, name);
  if (link === null) throw new Error(`${name} does not exist`);
  return link;
}

/** Wait for the kernel. Throws with the last objection when it takes longer than that. */
export function settled(host: Host, objection: () => Promise<string | null>, seconds = 5): Promise<void> {
  return until(host, seconds, objection, 5);
}

import { z } from 'zod';
import type { Host } from '../../host/host.js';
import { until } from '../until.js';

/** An address with all that makes it what it is (ip-address(8)). Lifetimes in seconds; `null`: for ever. */
export interface LiveAddress {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
  readonly scope: string;
  /** The other end of a point-to-point link. */
  readonly peer: string | null;
  readonly broadcast: string | null;
  readonly label: string | null;
  readonly metric: number | null;
  readonly noPrefixRoute: boolean;
  readonly validSeconds: number | null;
  readonly preferredSeconds: number | null;
}

/** A link, as far as the live change looks at it. */
export interface LiveLink {
  readonly mtu: number;
  readonly mac: string;
  readonly up: boolean;
  /** RFC 2863 operational state. */
  readonly state: string;
  readonly kind: string | null;
  readonly master: string | null;
  /** How the kernel makes its own IPv6 addresses (ip-link(8), addrgenmode). */
  readonly addressMode: string | null;
  readonly addresses: readonly LiveAddress[];
}

/** The kernel's word for "for ever" (INFINITY_LIFE_TIME, linux/if_addr.h). */
const FOR_EVER = 0xffffffff;

const lifetime = z
  .number()
  .default(FOR_EVER)
  .transform((seconds) => (seconds === FOR_EVER ? null : seconds));

const entrySchema = z.looseObject({
  mtu: z.number(),
  address: z.string().default(''),
  flags: z.array(z.string()).default([]),
  operstate: z.string().default('UNKNOWN'),
  master: z.string().optional(),
  inet6_addr_gen_mode: z.string().optional(),
  linkinfo: z.looseObject({ info_kind: z.string().optional() }).optional(),
  addr_info: z
    .array(
      z.looseObject({
        family: z.string(),
        local: z.string(),
        prefixlen: z.number(),
        scope: z.string(),
        address: z.string().optional(),
        broadcast: z.string().optional(),
        label: z.string().optional(),
        metric: z.number().optional(),
        noprefixroute: z.boolean().default(false),
        valid_life_time: lifetime,
        preferred_life_time: lifetime,
      }),
    )
    .default([]),
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
    addressMode: data.inet6_addr_gen_mode ?? null,
    addresses: data.addr_info.map((info) => ({
      family: info.family === 'inet6' ? 6 : 4,
      address: info.local,
      prefix: info.prefixlen,
      scope: info.scope,
      peer: info.address ?? null,
      broadcast: info.broadcast ?? null,
      label: info.label ?? null,
      metric: info.metric ?? null,
      noPrefixRoute: info.noprefixroute,
      validSeconds: info.valid_life_time,
      preferredSeconds: info.preferred_life_time,
    })),
  };
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

import { z } from 'zod';
import type { Host } from '../../host/host.js';
import { parseIpJson } from '../../host/ip-json.js';
import type { HostLease } from '../../model/doctor-facts.js';

/** The kernel's word for "for ever" (INFINITY_LIFE_TIME, linux/if_addr.h). */
const FOR_EVER = 0xffff_ffff;
/** dhclient's records: Debian's name for a link, and RHEL's. */
const leaseFiles = (link: string) => [
  `/var/lib/dhcp/dhclient.${link}.leases`,
  `/var/lib/dhclient/dhclient-${link}.leases`,
  `/var/lib/dhclient/dhclient--${link}.lease`,
];

const entry = z.looseObject({
  addr_info: z
    .array(
      z.looseObject({
        family: z.string().optional(),
        local: z.string().optional(),
        prefixlen: z.number().optional(),
        dynamic: z.boolean().optional(),
        valid_life_time: z.number().optional(),
      }),
    )
    .default([]),
});

/** How long the lease that stands last in a file of dhclient was given for; `null`: it does not say. */
export function leaseSeconds(text: string): number | null {
  const found = [...text.matchAll(/^\s*option dhcp-lease-time (\d+);/gm)].at(-1)?.[1];
  return found === undefined ? null : Number(found);
}

/** The lease of a link's IPv4 address: what the kernel has of its end, and how long it was given for. */
export async function collectHostLease(host: Host, link: string): Promise<HostLease | null> {
  const shown = await host.run(['ip', '-json', '-4', 'address', 'show', 'dev', link], { check: false });
  if (shown.exitCode !== 0) return null;
  const leased = parseIpJson(shown.stdout, entry)
    .flatMap(({ addr_info }) => addr_info)
    .find(({ dynamic }) => dynamic === true);
  if (leased?.local === undefined) return null;
  const left = leased.valid_life_time;
  let seconds: number | null = null;
  for (const file of leaseFiles(link)) {
    seconds ??= leaseSeconds((await host.files.read(file).catch(() => null)) ?? '');
  }
  return {
    link,
    address: `${leased.local}/${leased.prefixlen ?? 32}`,
    left: left === undefined || left >= FOR_EVER ? null : left,
    seconds,
  };
}

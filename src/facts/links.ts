import { z } from 'zod';
import { refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import type { Address, Link, Route } from '../model/facts.js';

/** One entry of `ip -json -details address show`; the fields that are read (iproute2, ip/ipaddress.c). */
const ipAddressEntry = z.looseObject({
  ifname: z.string(),
  ifindex: z.number(),
  flags: z.array(z.string()).default([]),
  mtu: z.number(),
  operstate: z.string().default('UNKNOWN'),
  link: z.string().optional(),
  address: z.string().optional(),
  link_type: z.string().optional(),
  master: z.string().optional(),
  linkinfo: z
    .looseObject({
      info_kind: z.string().optional(),
      info_data: z
        .looseObject({ stp_state: z.number().optional(), forward_delay: z.number().optional() })
        .optional(),
    })
    .optional(),
  addr_info: z
    .array(
      z.looseObject({
        family: z.string(),
        local: z.string(),
        prefixlen: z.number(),
        scope: z.string(),
        dynamic: z.boolean().optional(),
      }),
    )
    .default([]),
});

const ipRouteEntry = z.looseObject({
  dst: z.string(),
  gateway: z.string().optional(),
  dev: z.string().optional(),
  flags: z.array(z.string()).default([]),
  nexthops: z
    .array(
      z.looseObject({
        gateway: z.string().optional(),
        dev: z.string().optional(),
        flags: z.array(z.string()).default([]),
      }),
    )
    .optional(),
  metric: z.number().default(0),
  protocol: z.string().default('boot'),
});

/** NET_ADDR_SET (linux/netdevice.h). */
const SET = '3';

/** The output of `ip -json`, without the empty objects that older versions print for filtered entries. */
function parseJson<T>(schema: z.ZodType<T>, text: string): T[] {
  const entries: unknown = JSON.parse(text.trim() === '' ? '[]' : text);
  if (!Array.isArray(entries)) throw new TypeError('`ip -json` did not print a list');
  return entries
    .filter((entry) => Object.keys(entry as object).length > 0)
    .map((entry) => schema.parse(entry));
}

/** Links from `ip -json -details address show`. What only /sys knows is passed in. */
export function parseLinks(
  text: string,
  sysfs: {
    wireless: (name: string) => boolean;
    physical: (name: string) => boolean;
    /** NET_ADDR_SET; `undefined` where that is not known. */
    macSet?: (name: string) => boolean | undefined;
  },
): Link[] {
  return parseJson(ipAddressEntry, text).map((entry) => {
    const kind = entry.linkinfo?.info_kind ?? null;
    const data = entry.linkinfo?.info_data;
    const type = entry.link_type;
    const macSet = kind === 'bridge' ? sysfs.macSet?.(entry.ifname) : undefined;
    return {
      name: entry.ifname,
      index: entry.ifindex,
      mac: entry.address ?? null,
      mtu: entry.mtu,
      up: entry.flags.includes('UP'),
      carrier: entry.flags.includes('LOWER_UP'),
      kind,
      ...(type === undefined || ['ether', 'loopback'].includes(type) ? {} : { type }),
      loopback: entry.flags.includes('LOOPBACK'),
      wireless: sysfs.wireless(entry.ifname),
      physical: sysfs.physical(entry.ifname),
      master: entry.master ?? null,
      lower: entry.link ?? null,
      addresses: entry.addr_info.map(
        (info): Address => ({
          family: info.family === 'inet6' ? 6 : 4,
          address: info.local,
          prefix: info.prefixlen,
          scope: info.scope,
          dynamic: info.dynamic ?? false,
        }),
      ),
      bridge:
        kind === 'bridge'
          ? // The kernel counts forward_delay in hundredths of a second (USER_HZ).
            {
              // 2: a program of the administrator's runs the spanning tree (br_stp_if.c).
              stp: (data?.stp_state ?? 0) > 0,
              forwardDelay: (data?.forward_delay ?? 0) / 100,
              ...(macSet === undefined ? {} : { macSet }),
            }
          : null,
    };
  });
}

/** Routes from `ip -json route show table main`. One over several links at once is one for each of them. */
export function parseRoutes(text: string, family: 4 | 6): Route[] {
  return parseJson(ipRouteEntry, text).flatMap(({ dst, metric, protocol, ...entry }) =>
    (entry.nexthops ?? [entry]).flatMap(({ dev, gateway = null, flags }) => {
      const onlink = flags.includes('onlink') ? { onlink: true as const } : {};
      return dev === undefined
        ? []
        : [{ family, destination: dst, gateway, link: dev, metric, protocol, ...onlink }];
    }),
  );
}

/** Links of the host with their addresses. Refuses (`iproute2-missing`) where there is no `ip`. */
export async function collectLinks(host: Host): Promise<Link[]> {
  if ((await host.which('ip')) === null) {
    throw refusal(
      'iproute2-missing',
      'The program `ip` is not installed, so the network cannot be read.',
      [],
      'Install the package iproute2.',
    );
  }
  const { stdout } = await host.run(['ip', '-json', '-details', 'address', 'show']);
  const entries = parseJson(ipAddressEntry, stdout);
  const names = entries.map(({ ifname }) => ifname);
  const having = async (...entries: string[]) => {
    const found = new Set<string>();
    for (const name of names) {
      for (const entry of entries) {
        if (await host.files.exists(`/sys/class/net/${name}/${entry}`)) found.add(name);
      }
    }
    return found;
  };
  const [wireless, physical] = [await having('wireless', 'phy80211'), await having('device')];
  const assigned = new Map<string, string>();
  for (const { ifname, linkinfo } of entries) {
    if (linkinfo?.info_kind !== 'bridge') continue;
    const text = await host.files.read(`/sys/class/net/${ifname}/addr_assign_type`).catch(() => null);
    if (text !== null) assigned.set(ifname, text.trim());
  }
  return parseLinks(stdout, {
    wireless: (name) => wireless.has(name),
    physical: (name) => physical.has(name),
    macSet: (name) => (assigned.has(name) ? assigned.get(name) === SET : undefined),
  });
}

/** Routes of the main table, both families. A host without IPv6 has none of that family. */
export async function collectRoutes(host: Host): Promise<Route[]> {
  const v4 = await host.run(['ip', '-json', '-4', 'route', 'show', 'table', 'main']);
  const v6 = await host.run(['ip', '-json', '-6', 'route', 'show', 'table', 'main'], { check: false });
  return [...parseRoutes(v4.stdout, 4), ...(v6.exitCode === 0 ? parseRoutes(v6.stdout, 6) : [])];
}

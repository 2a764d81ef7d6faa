import { z } from 'zod';
import type { Host } from '../../host/host.js';
import type { KernelFacts } from '../../model/doctor-facts.js';
import type { Link } from '../../model/facts.js';

/** What has to be there, and a link or file that shows that it is, also where it is built in. */
const MODULES: Readonly<Record<string, { kind?: string; file?: string }>> = {
  af_packet: { file: '/proc/net/packet' },
  bridge: { kind: 'bridge' },
  macvlan: { kind: 'macvlan' },
  veth: { kind: 'veth' },
};
/** NET_ADDR_SET (linux/netdevice.h). */
const SET = '3';

const bridgeEntry = z.looseObject({
  linkinfo: z
    .looseObject({
      info_data: z
        .looseObject({
          mcast_snooping: z.number().optional(),
          mcast_querier: z.number().optional(),
        })
        .optional(),
    })
    .optional(),
});

const routerPorts = z.array(
  z.looseObject({
    router: z.record(z.string(), z.array(z.looseObject({ port: z.string(), type: z.string() }))).optional(),
  }),
);

/**
 * The port behind which a querier was seen, by `bridge -json -details -statistics mdb show`; `null`: none was. The kernel
 * takes it for one that leads to a multicast router, for a time: its type is shown with the statistics only. ip(8) does
 * not show the querier's address. RHEL 7's bridge(8) prints no JSON here, so nothing is known there.
 */
export function querierPort(mdb: string, bridge: string): string | null {
  let document: unknown;
  try {
    document = JSON.parse(mdb);
  } catch {
    return null;
  }
  const { data = [] } = routerPorts.safeParse(document);
  const ports = data.flatMap(({ router }) => router?.[bridge] ?? []);
  return ports.find(({ type }) => type === 'temp')?.port ?? null;
}

/** What the kernel was told about a bridge, and whether it has the modules that are needed. */
export async function collectKernel(
  host: Host,
  bridge: string,
  links: readonly Link[],
): Promise<KernelFacts> {
  const number = async (path: string) => {
    const text = await host.files.read(path).catch(() => null);
    return text === null || text.trim() === '' ? null : Number(text);
  };
  const conf = (family: string, name: string, link = bridge) =>
    number(`/proc/sys/net/${family}/conf/${link}/${name}`);
  const [own, all] = [await conf('ipv4', 'rp_filter'), await conf('ipv4', 'rp_filter', 'all')];
  const [forwarding, acceptRa] = [await conf('ipv6', 'forwarding'), await conf('ipv6', 'accept_ra')];
  const release = ((await host.files.read('/proc/sys/kernel/osrelease')) ?? '').trim();
  return {
    bridge: await bridgeSettings(host, bridge, links),
    sourceCheck: own === null ? null : Math.max(own, all ?? 0),
    ipv6: forwarding === null || acceptRa === null ? null : { forwarding: forwarding === 1, acceptRa },
    missingModules: await missingModules(host, release, links),
    release,
  };
}

async function bridgeSettings(
  host: Host,
  bridge: string,
  links: readonly Link[],
): Promise<KernelFacts['bridge']> {
  if (!links.some(({ name, kind }) => name === bridge && kind === 'bridge')) return null;
  const assigned =
    (await host.files.read(`/sys/class/net/${bridge}/addr_assign_type`).catch(() => null)) ?? '';
  const argv = ['ip', '-json', '-details', 'link', 'show', 'dev', bridge];
  const shown = await host.run(argv, { check: false });
  const [entry] = shown.exitCode === 0 ? z.array(bridgeEntry).parse(JSON.parse(shown.stdout)) : [];
  const data = entry?.linkinfo?.info_data;
  const mdb = await host.run(['bridge', '-json', '-details', '-statistics', 'mdb', 'show', 'dev', bridge], {
    check: false,
  });
  return {
    macPinned: assigned.trim() === SET,
    snooping: data?.mcast_snooping === 1,
    querier: data?.mcast_querier === 1,
    otherQuerier: mdb.exitCode === 0 ? querierPort(mdb.stdout, bridge) : null,
  };
}

/** Of a kernel whose modules cannot be looked up, nothing is known: it may have all built in. */
async function missingModules(host: Host, release: string, links: readonly Link[]): Promise<string[]> {
  const missing: string[] = [];
  const candidates: string[] = [];
  for (const [name, { kind, file }] of Object.entries(MODULES)) {
    const isThere =
      (kind !== undefined && links.some((link) => link.kind === kind)) ||
      (file !== undefined && (await host.files.exists(file))) ||
      (await host.files.exists(`/sys/module/${name}`));
    if (!isThere) candidates.push(name);
  }
  if (candidates.length === 0) return [];
  const folder = `/lib/modules/${release}`;
  const known = await Promise.all(
    ['modules.dep', 'modules.builtin'].map((name) => host.files.read(`${folder}/${name}`).catch(() => null)),
  );
  const isModular = ((await host.files.read('/proc/modules')) ?? '').trim() !== '';
  if (known.every((text) => text === null) && !isModular) return [];
  for (const name of candidates) {
    const file = new RegExp(`/${name}\\.ko(\\.\\w+)?(:|$)`, 'm');
    if (!known.some((text) => text !== null && file.test(text))) missing.push(name);
  }
  return missing;
}

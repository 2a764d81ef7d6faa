import { z } from 'zod';
import { refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import { parseIpJson } from '../host/ip-json.js';

const portSchema = z.looseObject({
  ifname: z.string(),
  vlans: z.array(z.looseObject({ vlan: z.number(), flags: z.array(z.string()).default([]) })).default([]),
});

/** The VLANs of one port, as `bridge -json vlan show` tells them. */
export interface PortVlans {
  readonly port: string;
  /** VLAN that untagged frames belong to; `null`: none. */
  readonly pvid: number | null;
  readonly vlans: readonly number[];
}

/** Whether a bridge goes by VLANs (kernel, Documentation/networking/bridge, "VLAN"). */
export async function isVlanAware(host: Host, bridge: string): Promise<boolean> {
  return (await host.files.read(`/sys/class/net/${bridge}/bridge/vlan_filtering`))?.trim() === '1';
}

/** The VLANs of all ports of VLAN-aware bridges. */
export async function readPortVlans(host: Host): Promise<PortVlans[]> {
  const { stdout } = await host.run(['bridge', '-json', 'vlan', 'show']);
  return parseIpJson(stdout, portSchema).map(({ ifname, vlans }) => ({
    port: ifname,
    pvid: vlans.find(({ flags }) => flags.includes('PVID'))?.vlan ?? null,
    vlans: vlans.map(({ vlan }) => vlan),
  }));
}

/** Put a port of a VLAN-aware bridge into one VLAN, untagged, and out of all others. */
export async function putInVlan(host: Host, port: string, vlan: number): Promise<void> {
  const before = (await readPortVlans(host)).find((one) => one.port === port)?.vlans ?? [];
  const add = ['bridge', 'vlan', 'add', 'dev', port, 'vid', String(vlan), 'pvid', 'untagged'];
  const added = await host.run(add, { check: false });
  if (added.exitCode !== 0) throw refuseVlan(port, vlan, added.stderr);
  for (const other of before.filter((one) => one !== vlan)) {
    await host.run(['bridge', 'vlan', 'delete', 'dev', port, 'vid', String(other)]);
  }
}

const nameSchema = z.looseObject({ ifname: z.string() });
const vlanLinkSchema = nameSchema.extend({
  link: z.string().optional(),
  linkinfo: z.looseObject({
    info_kind: z.string(),
    info_data: z.looseObject({ id: z.number().optional() }).optional(),
  }),
});

/**
 * The VLAN link upon a NIC or bridge, `IF.VLAN` as the original names it, made when it is missing. It stays: others may
 * use it, too.
 */
export async function vlanLink(host: Host, parent: string, vlan: number): Promise<string> {
  const name = `${parent}.${vlan}`;
  if (name.length > 15) {
    throw refusal('name-too-long', `the VLAN's interface would be ${name}: a name has at most 15 characters`);
  }
  const shown = await host.run(['ip', '-details', '-json', 'link', 'show', 'dev', name], { check: false });
  if (shown.exitCode === 0) {
    const [link] = parseIpJson(shown.stdout, vlanLinkSchema);
    const { info_kind: kind, info_data: data } = link?.linkinfo ?? {};
    if (kind !== 'vlan' || data?.id !== vlan || link?.link !== parent) {
      throw refusal(
        'name-taken',
        `the host has an interface ${name}, and it is not VLAN ${vlan} of ${parent}`,
      );
    }
  } else {
    await refuseTaken(host, parent, vlan);
    await make(host, parent, name, vlan);
  }
  await host.run(['ip', 'link', 'set', 'dev', parent, 'up']);
  await host.run(['ip', 'link', 'set', 'dev', name, 'up']);
  return name;
}

/**
 * A VLAN link upon a port of the bridge takes the frames of its VLAN before the bridge sees them (kernel,
 * __netif_receive_skb_core): one upon the bridge would stay silent.
 */
async function refuseTaken(host: Host, bridge: string, vlan: number): Promise<void> {
  const ports = await host.run(['ip', '-json', 'link', 'show', 'master', bridge], { check: false });
  const names = parseIpJson(ports.stdout, nameSchema).map(({ ifname }) => ifname);
  if (names.length === 0) return;
  const links = await host.run(['ip', '-details', '-json', 'link', 'show', 'type', 'vlan'], { check: false });
  const taken = parseIpJson(links.stdout, vlanLinkSchema).find(
    ({ link = '', linkinfo }) => linkinfo.info_data?.id === vlan && names.includes(link),
  );
  if (taken?.link === undefined) return;
  throw refusal(
    'vlan-taken',
    `${taken.ifname} takes the frames of VLAN ${vlan} from ${taken.link}, a port of ${bridge}, before the bridge sees them`,
    [],
    `Ask for ${taken.ifname} instead of ${bridge} and the VLAN, or remove it: \`ip link del ${taken.ifname}\`.`,
  );
}

async function make(host: Host, parent: string, name: string, vlan: number): Promise<void> {
  const made = await host.run(
    ['ip', 'link', 'add', 'link', parent, 'name', name, 'type', 'vlan', 'id', String(vlan)],
    { check: false },
  );
  if (made.exitCode !== 0) throw refuseVlan(parent, vlan, made.stderr);
}

/** The refusal of a VLAN that the kernel cannot make. */
export function refuseVlan(parent: string, vlan: number, cause: string) {
  const reason = cause.trim().replace(/\n+/g, ' ');
  return refusal(
    'vlan-not-supported',
    `VLAN ${vlan} of ${parent} cannot be made: ${reason}`,
    [],
    'The kernel needs its module 8021q ("modprobe 8021q"), or the bridge has to be VLAN-aware.',
  );
}

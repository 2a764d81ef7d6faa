import { SetupError } from '../errors.js';
import type { Host } from '../host/host.js';
import { type NetLink, readLinks } from './ip.js';
import { parseAlias } from './names.js';
import { type OvsDatabase, type OvsPort, readOvs } from './open-vswitch/database.js';

/** The links of the host, with what Open vSwitch makes of them. */
export interface HostLinks {
  readonly links: readonly NetLink[];
  /** All ports of Open vSwitch, those without a link among them. */
  readonly ovsPorts: readonly OvsPort[];
  /** Why Open vSwitch could not be asked, where there is one; its bridges are not told from other links then. */
  readonly ovsProblem: SetupError | null;
}

/** The device of each datapath, in the kernel and in user space; the kernel's is the master of all its ports. */
const DATAPATHS = new Set(['ovs-system', 'ovs-netdev']);

/** Read the links of the host. Open vSwitch is only asked where it has a datapath. */
export async function readHostLinks(host: Host): Promise<HostLinks> {
  const links = await readLinks(host, null);
  if (!links.some(({ name }) => DATAPATHS.has(name))) return { links, ovsPorts: [], ovsProblem: null };
  try {
    const database = await readOvs(host);
    return { links: withOvs(links, database), ovsPorts: database.ports, ovsProblem: null };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return { links, ovsPorts: [], ovsProblem: error };
  }
}

/** Mark bridges and ports, and give each port its bridge as the master: the kernel knows its datapath at most. */
export function withOvs(links: readonly NetLink[], { bridges, fakeBridges, ports }: OvsDatabase): NetLink[] {
  return links.map((link) => {
    if (bridges.includes(link.name)) return { ...link, ovs: { role: 'bridge' } };
    const fake = fakeBridges.find(({ name }) => name === link.name);
    if (fake !== undefined) return { ...link, ovs: { role: 'fake-bridge', ...fake } };
    const port = ports.find(({ name }) => name === link.name);
    if (port === undefined) return link;
    return { ...link, master: port.bridge, ovs: { role: 'port', vlan: port.vlan } };
  });
}

/** The short ids of all containers that a link of ours names, or a port whose link has vanished. */
export function containersWithLinks({ links, ovsPorts }: HostLinks): string[] {
  return [
    ...links.flatMap(({ alias }) => parseAlias(alias)?.container ?? []),
    ...ovsPorts.flatMap(({ owner }) => owner?.container ?? []),
  ];
}

/** Ports of ours whose link has vanished, as it does with the namespace of a container that ends. */
export function strayPorts({ links, ovsPorts }: HostLinks): OvsPort[] {
  const there = new Set(links.map(({ name }) => name));
  return ovsPorts.filter(({ name, owner }) => owner !== null && !there.has(name));
}

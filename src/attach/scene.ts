import { refusal, type SetupError } from '../errors.js';
import type { Host } from '../host/host.js';
import { type HostLinks, readHostLinks } from './host-links.js';
import { type NetLink, readLinks } from './ip.js';
import type { ContainerNetns } from './netns.js';
import type { OvsPort } from './open-vswitch/database.js';

/** The links that there are, on the host and in a container's namespace. */
export interface Scene {
  readonly onHost: readonly NetLink[];
  readonly inside: readonly NetLink[];
  readonly ovsPorts: readonly OvsPort[];
  /** Why Open vSwitch could not be asked; `null`: it could, or there is none. */
  readonly ovsProblem: SetupError | null;
}

/** Look at the links of the host, unless they are given, and of a container, where there is a namespace. */
export async function readScene(host: Host, netns: ContainerNetns | null, known?: HostLinks): Promise<Scene> {
  const [{ links: onHost, ...ovs }, inside] = await Promise.all([
    known ?? readHostLinks(host),
    netns === null ? [] : readLinks(host, netns.path),
  ]);
  return { onHost, inside, ...ovs };
}

/** The bridge of that name. Throws when there is none. */
export function bridgeOf({ onHost, ovsProblem }: Scene, name: string): NetLink {
  const bridge = onHost.find((link) => link.name === name);
  if (bridge === undefined) throw refusal('bridge-missing', `there is no bridge ${name} on this host`);
  if (bridge.kind === 'bridge' || isOvsBridge(bridge)) return bridge;
  refuseUnknownOvs(bridge, ovsProblem);
  throw refusal('not-a-bridge', `${name} is not a bridge`);
}

/** Whether a link is a bridge of Open vSwitch. */
export function isOvsBridge({ ovs }: NetLink): boolean {
  return ovs?.role === 'bridge';
}

/**
 * Refuse a link that may be a bridge of Open vSwitch while that cannot be asked (its bridges are `tun` where the
 * datapath is in user space), and a fake bridge, whose ports are those of its parent.
 */
export function refuseUnknownOvs({ name, kind, ovs }: NetLink, problem: SetupError | null): void {
  if (problem !== null && (kind === 'openvswitch' || kind === 'tun')) throw problem;
  if (ovs?.role !== 'fake-bridge') return;
  const { parent, vlan } = ovs;
  throw refusal(
    'not-supported',
    `${name} is a fake bridge of Open vSwitch, VLAN ${vlan} of ${parent}`,
    [],
    `Name the bridge and the VLAN: "${parent} … @${vlan}".`,
  );
}

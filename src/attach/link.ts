import { refusal } from '../errors.js';
import type { ContainerInfo, Host } from '../host/host.js';
import type { Endpoint } from '../model/endpoint.js';
import { isOnLink } from './address.js';
import { refuseConflict, refuseDuplicate } from './address-probe.js';
import { readHostLinks } from './host-links.js';
import { interfaceSettings, settingsAfterDad, writeSettings } from './interface-settings.js';
import { ipBatch, type NetLink, readLinks } from './ip.js';
import { refuseMac } from './mac-conflict.js';
import { containerMac, hostLinkName, hostSideMac, linkAlias, parseAlias } from './names.js';
import type { ContainerNetns } from './netns.js';
import { addOvsPort, removeOvsPort } from './open-vswitch/port.js';
import { bridgeOf, isOvsBridge, type Scene } from './scene.js';
import { putInVlan } from './vlan.js';

/** A veth to be: every name and number settled. */
export interface LinkSpec {
  readonly hostLink: string;
  readonly alias: string;
  readonly mac: string;
  readonly mtu: number;
  readonly endpoint: Endpoint;
  /** Whether its bridge is the kernel's; Open vSwitch takes a port that is there already. */
  readonly inKernelBridge: boolean;
}

/** Name of the host's side of an endpoint. */
export function hostLinkOf(container: ContainerInfo, endpoint: Endpoint): string {
  return endpoint.hostInterfaceName ?? hostLinkName(container.id, endpoint.interfaceName);
}

/** MAC address of an endpoint's container side. */
export function macOf(container: ContainerInfo, endpoint: Endpoint): string {
  const { bridge, interfaceName, machine, mac } = endpoint;
  return mac ?? containerMac(bridge, container.name, interfaceName, machine ?? null);
}

/** Lines for `ip -batch` on the host: both ends at once, the far end straight into the container's namespace. */
export function createLines(spec: LinkSpec, netns: string): string[] {
  const { hostLink, alias, mac, mtu, endpoint, inKernelBridge } = spec;
  const master = inKernelBridge ? ` master ${endpoint.bridge}` : '';
  return [
    `link add name ${hostLink} mtu ${mtu}${master} address ${hostSideMac(mac)} type veth` +
      ` peer name ${endpoint.interfaceName} mtu ${mtu} address ${mac} netns ${netns}`,
    // A port of a bridge needs no address of its own, not even a link-local one.
    `link set dev ${hostLink} addrgenmode none alias ${alias}`,
    `link set dev ${hostLink} up`,
  ];
}

/** Lines for `ip -batch` in the container's namespace. Each may be repeated: this is the repair as well. */
export function configureLines(endpoint: Endpoint, mac: string): string[] {
  const lines = addressLines(endpoint);
  // With arp_notify, setting the MAC address (the same one) makes the kernel announce it: neighbours that knew this
  // IP address by another MAC learn the new one at once. The announcement at "up" comes before the port forwards.
  if (endpoint.address.method === 'static')
    lines.push(`link set dev ${endpoint.interfaceName} address ${mac}`);
  return lines;
}

/** The same, without the announcement. */
export function addressLines(endpoint: Endpoint): string[] {
  const { interfaceName: link, address } = endpoint;
  const lines = ['link set dev lo up'];
  if (address.method === 'static') {
    // The broadcast address is not given by itself; old programs ask the interface for it.
    const flags = address.family === 6 ? '' : broadcastOf(address.address);
    lines.push(`address replace ${address.address} dev ${link}${flags}`);
  }
  lines.push(`link set dev ${link} up`);
  if (address.method === 'static' && address.gateway !== null) {
    if (!isOnLink(address.gateway, address.address)) {
      lines.push(`route replace ${address.gateway}/${address.family === 4 ? 32 : 128} dev ${link}`);
    }
    lines.push(`route replace default via ${address.gateway} dev ${link}`);
  }
  return lines;
}

/** Create an endpoint's link. What is half done is taken away again. */
export async function createLink(
  host: Host,
  container: ContainerInfo,
  endpoint: Endpoint,
  netns: ContainerNetns,
  scene: Scene,
): Promise<void> {
  const bridge = bridgeOf(scene, endpoint.bridge);
  const spec: LinkSpec = {
    hostLink: hostLinkOf(container, endpoint),
    alias: linkAlias(container.id, endpoint.interfaceName),
    mac: macOf(container, endpoint),
    mtu: bridge.mtu,
    endpoint,
    inKernelBridge: !isOvsBridge(bridge),
  };
  refuseTaken(spec, container, scene);
  const { hostLink, mac } = spec;
  await refuseMac({ host, container, endpoint, hostLink, mac, onHost: scene.onHost });
  try {
    await ipBatch(host, null, createLines(spec, netns.path));
    if (!spec.inKernelBridge) await joinOvs(host, spec.hostLink, spec.alias, endpoint);
    else if (endpoint.vlan !== undefined) await putInVlan(host, spec.hostLink, endpoint.vlan);
    await probeAddress(host, endpoint, spec.mac, netns);
    await configureInside(host, endpoint, spec.mac, netns);
  } catch (error) {
    // Its name was free a moment ago, and it may have got no alias yet.
    if (!spec.inKernelBridge) await removeOvsPort(host, spec.hostLink).catch(() => {});
    await host.run(['ip', 'link', 'delete', 'dev', spec.hostLink], { check: false });
    throw error;
  }
}

/** Put an endpoint's existing link right: its place in the bridge, and its configuration inside the container. */
export async function repairLink(
  host: Host,
  container: ContainerInfo,
  endpoint: Endpoint,
  netns: ContainerNetns,
  scene: Scene,
): Promise<void> {
  await putInBridge(host, container, endpoint, scene);
  const inside = scene.inside.find(({ name }) => name === endpoint.interfaceName);
  // A renamed container keeps the MAC address that it was given under its old name.
  const mac = endpoint.mac ?? inside?.mac ?? macOf(container, endpoint);
  const { address } = endpoint;
  const isThere =
    address.method === 'static' && inside?.addresses.some((own) => own.address === address.address);
  if (!isThere) await probeAddress(host, endpoint, mac, netns);
  await configureInside(host, endpoint, mac, netns);
}

/** Put a host link that is there into its bridge, out of any other. */
async function putInBridge(
  host: Host,
  container: ContainerInfo,
  endpoint: Endpoint,
  scene: Scene,
): Promise<void> {
  const bridge = bridgeOf(scene, endpoint.bridge);
  const hostLink = hostLinkOf(container, endpoint);
  const now = scene.onHost.find(({ name }) => name === hostLink);
  // By what Open vSwitch has on record: a link can be a port there and of a bridge of the kernel, and works in neither.
  if (now?.ovs?.role === 'port' && now.master !== endpoint.bridge) await removeOvsPort(host, hostLink);
  if (!isOvsBridge(bridge)) {
    await ipBatch(host, null, [`link set dev ${hostLink} master ${endpoint.bridge} up`]);
    return;
  }
  const leave = now?.master != null && now.ovs === undefined ? ' nomaster' : '';
  await ipBatch(host, null, [`link set dev ${hostLink}${leave} up`]);
  await joinOvs(host, hostLink, linkAlias(container.id, endpoint.interfaceName), endpoint);
}

async function joinOvs(host: Host, name: string, alias: string, { bridge, vlan }: Endpoint): Promise<void> {
  await addOvsPort(host, { name, bridge, vlan: vlan ?? null, alias });
}

/** Remove a host link of the container, and the far end with it. Never touches a link whose alias says otherwise. */
export async function removeLink(host: Host, hostLink: string, container: string): Promise<void> {
  const isOurs = ({ name, alias }: NetLink) =>
    name === hostLink && parseAlias(alias)?.container === container;
  const isThere = async () => (await readLinks(host, null)).some(isOurs);
  const { links, ovsPorts } = await readHostLinks(host);
  const link = links.find(isOurs);
  // The record outlives its link, so it goes also when that has vanished.
  if (ovsPorts.some(({ name, owner }) => name === hostLink && owner?.container === container)) {
    await removeOvsPort(host, hostLink);
  }
  if (link === undefined) return;
  try {
    await ipBatch(host, null, [`link delete dev ${hostLink}`]);
  } catch (error) {
    // The kernel may have been faster: it removes both ends with the namespace of a container that ended.
    if (await isThere()) throw error;
  }
}

/** IPv4 only: for an IPv6 address the kernel asks by itself, once it is there (`configureInside`). */
async function probeAddress(
  host: Host,
  endpoint: Endpoint,
  mac: string,
  netns: ContainerNetns,
): Promise<void> {
  const { address, bridge, interfaceName: link } = endpoint;
  if (address.method !== 'static' || address.family !== 4) return;
  // Before it is up: an advertisement may come at once.
  await writeSettings(host, netns.path, interfaceSettings(endpoint));
  await ipBatch(host, netns.path, ['link set dev lo up', `link set dev ${link} up`]);
  await refuseConflict(host, address.address, { netns: netns.path, link, mac, bridge });
}

/** Configure an endpoint's interface in the container's namespace, by the lines for it unless others are given. */
export async function configureInside(
  host: Host,
  endpoint: Endpoint,
  mac: string,
  netns: ContainerNetns,
  lines: readonly string[] = configureLines(endpoint, mac),
): Promise<void> {
  const { address, interfaceName: link } = endpoint;
  await writeSettings(host, netns.path, interfaceSettings(endpoint));
  await ipBatch(host, netns.path, lines);
  if (address.method !== 'static' || address.family !== 6) return;
  await refuseDuplicate(host, address.address, { netns: netns.path, link, mac, bridge: endpoint.bridge });
  await writeSettings(host, netns.path, settingsAfterDad(link));
}

function refuseTaken(spec: LinkSpec, container: ContainerInfo, { onHost, inside, ovsPorts }: Scene): void {
  const other = onHost.find(({ name }) => name === spec.hostLink);
  if (other !== undefined) {
    const owner = parseAlias(other.alias)?.container;
    const whose = owner === undefined ? 'it is not ours' : `it belongs to container ${owner}`;
    throw refusal('host-link-taken', `the host has an interface ${spec.hostLink} already: ${whose}`);
  }
  if (ovsPorts.some(({ name, owner }) => name === spec.hostLink && owner === null)) {
    throw refusal('host-link-taken', `Open vSwitch has a port ${spec.hostLink} already: it is not ours`);
  }
  const { interfaceName } = spec.endpoint;
  if (inside.some(({ name }) => name === interfaceName)) throw interfaceTaken(container, interfaceName);
}

/** The refusal of an interface that the container has from somebody else. */
export function interfaceTaken({ name }: ContainerInfo, interfaceName: string) {
  return refusal(
    'interface-taken',
    `container ${name} has an interface ${interfaceName} already, from Docker or by itself`,
    [],
    `Name another one with "-i", or start the container with "--network none".`,
  );
}

/** Networks of one or two addresses have none (RFC 3021). */
function broadcastOf(address: string): string {
  return Number(address.split('/')[1]) < 31 ? ' brd +' : '';
}

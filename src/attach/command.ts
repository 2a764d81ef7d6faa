import { EXIT, refusal, SetupError } from '../errors.js';
import type { ContainerInfo, Host } from '../host/host.js';
import type { Endpoint } from '../model/endpoint.js';
import { ensureAcceptRule } from './accept-rule.js';
import { refuseMissingClient } from './dhcp-command.js';
import { attachDirect, type DirectEndpoint, detachDirect } from './direct/direct.js';
import { type ProgramCall, recoverNics } from './direct/nic.js';
import { readNicRecord } from './direct/nic-record.js';
import { type Attached, attach, detach, runningContainer } from './engine.js';
import { readHostLinks } from './host-links.js';
import { inNetns, ipBatch, type NetLink, readLinks } from './ip.js';
import { hostLinkName } from './names.js';
import { withNetns } from './netns.js';
import { isOvsName, makeOvsBridge } from './open-vswitch/bridge.js';
import { collectStrayPorts } from './open-vswitch/stray-ports.js';
import { findPlace, type Place } from './place.js';
import type { AttachRule, WaitRule } from './rule/grammar.js';
import type { InsideProgram } from './rule.js';
import { isOvsBridge } from './scene.js';
import { isVlanAware, readPortVlans, refuseVlan, vlanLink } from './vlan.js';

const WAIT_POLL_MS = 200;

/** An endpoint that is attached, and what a person should know about it. */
export interface AttachedWithNotes extends Attached {
  readonly notes: readonly string[];
}

/** Attach by a rule of the command line: find out what its interface is, and do what that takes. */
export async function attachByCommand(
  host: Host,
  rule: AttachRule,
  program: ProgramCall,
): Promise<AttachedWithNotes> {
  await recoverNics(host);
  const links = await readHostLinks(host);
  await collectStrayPorts(host, links);
  const container = await runningContainer(host, rule.guest);
  if (rule.address.method === 'dhcp') await refuseMissingClient(host, rule.address.client);
  const place = (await inContainerAlready(host, rule, container)) ?? (await findPlace(host, rule, links));
  if (place.kind === 'bridge') return attachToBridge(host, rule, container, place);
  const { notes } = rule;
  return { ...(await attachDirect(host, container, await directOf(host, rule, place), program)), notes };
}

/** Take an interface away from a container, whatever it is. Returns false when there was none. */
export async function detachAny(host: Host, guest: string, interfaceName: string): Promise<boolean> {
  await recoverNics(host);
  await collectStrayPorts(host, await readHostLinks(host));
  const container = await host.docker.inspect(guest);
  const direct = container?.running === true && (await detachDirect(host, container, interfaceName));
  return (await detach(host, guest, interfaceName)) || direct;
}

/** Run `ip route`, `ip rule` or `tc` in a container's network namespace, with arguments as they are; its output. */
export async function runInside(
  host: Host,
  program: InsideProgram,
  guest: string,
  args: readonly string[],
): Promise<string> {
  const container = await runningContainer(host, guest);
  const argv = program === 'tc' ? ['tc', ...args] : ['ip', program, ...args];
  return withNetns(host, container, async ({ path }) => {
    const { exitCode, stdout, stderr } = await host.run(inNetns(path, argv), { check: false });
    if (exitCode === 0) return stdout;
    throw new SetupError(
      'command-failed',
      `"${argv.join(' ')}" in ${container.name} failed: ${(stderr || stdout).trim()}`,
      { exitCode: EXIT.checkFailed },
    );
  });
}

/**
 * Wait until an interface of this network namespace is up, has a lasting address, and a route goes through it. For the
 * start script of a container, which runs before its network is there.
 */
export async function waitForInterface(host: Host, rule: WaitRule, signal: AbortSignal): Promise<void> {
  while (!(await isReady(host, rule))) await host.clock.sleep(WAIT_POLL_MS, signal);
}

async function isReady(host: Host, { interfaceName, linkOnly }: WaitRule): Promise<boolean> {
  const carrier = await host.files.read(`/sys/class/net/${interfaceName}/carrier`).catch(() => null);
  // It cannot be read while the link is down.
  if (carrier?.trim() !== '1') return false;
  if (linkOnly) return true;
  const has = async (...argv: string[]) => (await host.run(['ip', ...argv])).stdout.trim() !== '';
  const tentative = ['scope', 'global', '-tentative'];
  if (!(await has('-oneline', 'address', 'show', 'dev', interfaceName, ...tentative))) return false;
  return (
    (await has('-4', 'route', 'show', 'dev', interfaceName)) ||
    (await has('-6', 'route', 'show', 'dev', interfaceName, 'scope', 'global'))
  );
}

/** The same again with --direct-phys: the NIC is not on the host any more, but where it is wanted. */
async function inContainerAlready(
  host: Host,
  rule: AttachRule,
  container: ContainerInfo,
): Promise<Place | null> {
  if (!rule.directPhys) return null;
  const { target, vlan } = rule;
  const record = await readNicRecord(host, hostLinkName(container.id, rule.interfaceName));
  if (record === null) return null;
  const wanted = target.by === 'mac' ? null : vlan === null ? target.name : `${target.name}.${vlan}`;
  const same = target.by === 'mac' ? record.nic.mac === target.mac : record.nic.name === wanted;
  return same ? { kind: 'phys', link: record.nic.name, found: null } : null;
}

async function attachToBridge(
  host: Host,
  rule: AttachRule,
  container: ContainerInfo,
  { link: bridge, found }: Place,
): Promise<AttachedWithNotes> {
  const { vlan, interfaceName, hostInterfaceName, mac, address } = rule;
  if (found === null && isOvsName(bridge)) await makeOvsBridge(host, bridge);
  else if (found === null) {
    await ipBatch(host, null, [`link add name ${bridge} type bridge stp_state 0 forward_delay 0`]);
    await ipBatch(host, null, [`link set dev ${bridge} up`]);
  }
  if (found === null ? isOvsName(bridge) : isOvsBridge(found)) {
    return attachToOvs(host, rule, container, bridge);
  }
  const vlanAware = await isVlanAware(host, bridge);
  // With a VLAN on a bridge that does not go by VLANs: the VLAN's own interface, upon the bridge.
  if (vlan !== null && !vlanAware) {
    const links = await readLinks(host, null);
    const endpoint = await directOf(host, rule, {
      kind: 'macvlan',
      link: bridge,
      found: links.find(({ name }) => name === bridge) ?? null,
    });
    return { ...(await attachDirect(host, container, endpoint, NO_PROGRAM)), notes: rule.notes };
  }
  // First: without the rule no DHCP answer reaches the container.
  await ensureAcceptRule(host, bridge);
  // A macvlan or NIC under this name makes room.
  await detachDirect(host, container, interfaceName);
  const endpoint: Endpoint = { bridge, interfaceName, hostInterfaceName, mac, address, ...machineIn(rule) };
  if (!vlanAware) {
    return { ...(await attach(host, { container: container.id, endpoint })), notes: rule.notes };
  }
  await leaveOtherVlan(host, container, endpoint, vlan ?? (await defaultVlan(host, bridge)));
  const withVlan = vlan === null ? endpoint : { ...endpoint, vlan };
  const attached = await attach(host, { container: container.id, endpoint: withVlan });
  return { ...attached, notes: [...rule.notes, ...(await aloneInVlan(host, bridge, attached, vlan))] };
}

/** A port of Open vSwitch; no accept rule, since its frames do not pass the firewall of bridged frames. */
async function attachToOvs(
  host: Host,
  rule: AttachRule,
  container: ContainerInfo,
  bridge: string,
): Promise<AttachedWithNotes> {
  const { interfaceName, hostInterfaceName, mac, address, vlan, notes } = rule;
  await detachDirect(host, container, interfaceName);
  const endpoint = {
    ...machineIn(rule),
    bridge,
    interfaceName,
    hostInterfaceName,
    mac,
    address,
    ...(vlan === null ? {} : { vlan }),
  };
  return { ...(await attach(host, { container: container.id, endpoint })), notes };
}

/** A macvlan needs no process that gives it back. */
const NO_PROGRAM: ProgramCall = { node: '', root: '' };

async function directOf(host: Host, rule: AttachRule, place: Place): Promise<DirectEndpoint> {
  const { interfaceName, mac, address, vlan, hostInterfaceName } = rule;
  if (hostInterfaceName !== null && place.kind !== 'bridge') {
    throw refusal(
      'no-host-side',
      `"-l ${hostInterfaceName}": only a port of a bridge has a side on the host`,
    );
  }
  const common = { interfaceName, hostInterfaceName: null, mac, address, ...machineIn(rule) };
  const kind = place.kind === 'bridge' ? 'macvlan' : place.kind;
  if (vlan === null || place.found === null) {
    if (vlan !== null && kind === 'dummy') throw refuseVlan(place.link, vlan, 'a dummy leads nowhere');
    return { ...common, kind, bridge: place.link, nic: place.found };
  }
  const name = await vlanLink(host, place.link, vlan);
  const nic = (await readLinks(host, null)).find((link) => link.name === name) ?? null;
  return { ...common, kind, bridge: name, nic };
}

function machineIn({ machine }: AttachRule): Pick<Endpoint, 'machine'> {
  return machine === undefined ? {} : { machine };
}

async function defaultVlan(host: Host, bridge: string): Promise<number | null> {
  const text = (await host.files.read(`/sys/class/net/${bridge}/bridge/default_pvid`))?.trim() ?? '';
  return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : null;
}

/** A port in another VLAN is taken away: its container makes a new start in the wanted one. */
async function leaveOtherVlan(
  host: Host,
  container: ContainerInfo,
  endpoint: Endpoint,
  wanted: number | null,
): Promise<void> {
  const name = endpoint.hostInterfaceName ?? hostLinkName(container.id, endpoint.interfaceName);
  const port = (await readPortVlans(host)).find((one) => one.port === name);
  if (port !== undefined && port.pvid !== wanted) await detach(host, container.id, endpoint.interfaceName);
}

async function aloneInVlan(
  host: Host,
  bridge: string,
  { hostInterfaceName }: Attached,
  vlan: number | null,
): Promise<string[]> {
  if (vlan === null) return [];
  const ports = new Set((await readLinks(host, null)).filter(isPortOf(bridge)).map(({ name }) => name));
  const others = (await readPortVlans(host)).filter(
    ({ port, vlans }) => ports.has(port) && port !== hostInterfaceName && vlans.includes(vlan),
  );
  return others.length > 0
    ? []
    : [
        `no other port of ${bridge} is in VLAN ${vlan}: "bridge vlan add dev NIC vid ${vlan}" lets it through to the LAN`,
      ];
}

function isPortOf(bridge: string) {
  return ({ master }: NetLink) => master === bridge;
}

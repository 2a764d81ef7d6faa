import { refusal } from '../../errors.js';
import type { DhcpClientName, HostFacts } from '../../model/facts.js';
import type { Step } from '../../model/plan.js';
import type { BridgeSpec } from '../../model/spec.js';
import { staticAddress } from './address.js';
import { maxWait } from './bridge.js';
import { type Conversion, isConverted } from './convert.js';
import { aliasesOf, type Interfaces, isAutomatic, stanzasOf } from './files.js';
import { globalIpv4, isInEffect, linkNamed, type Wanted, wantedNetwork } from './live.js';
import { clientOfIfupdown, dropAddresses, leaseFile, linkLocalOff, run, stopClients } from './release.js';
import { optionValue } from './syntax.js';

/** Seconds for a DHCP server to answer. dhclient itself would wait for 300, and the host is cut off meanwhile. */
const LEASE_SECONDS = 60;

/**
 * The steps that put the files into effect: down with the old files, write, up with the new ones, and a look at
 * the result. Undone in reverse, they restore the network that was. None when files and network are as wanted.
 */
export function activation(conversion: Conversion, spec: BridgeSpec, facts: HostFacts): Step[] {
  const { before, after } = conversion;
  const wanted = wantedNetwork(after, spec, facts);
  const writes = writeSteps(conversion, facts);
  if (isInEffect(facts, spec, wanted)) return writes;

  const converted = isConverted(before, spec);
  const port = linkNamed(facts, spec.uplink);
  const releases = !converted || port?.master !== spec.bridge.name;
  const vlans = releases ? vlansOn(before, spec.uplink, facts) : [];
  return [
    ...(releases ? copyLease(before, spec, facts, wanted) : []),
    ...vlans.map(ifdown),
    ...(converted ? bridgeDown(before, spec, facts) : refuseLiveBridge(spec, facts)),
    ...(releases ? uplinkDown(before, spec, facts, converted) : []),
    ...writes,
    ...(releases && (vlans.length > 0 || isAutomatic(after, spec.uplink)) ? [ifup(spec.uplink)] : []),
    bridgeUp(spec, wanted),
    ...aliasesInUse(after, spec.bridge.name, [spec.bridge.name, spec.uplink], facts).map(ifup),
    ...vlans.map(ifup),
    expectation(spec, wanted),
  ];
}

function writeSteps({ changed }: Conversion, facts: HostFacts): Step[] {
  return Object.entries(changed).map(([path, content]) => ({
    id: `write-${path}`,
    title: `Write ${path}`,
    kind: 'write-file',
    path,
    content,
    mode: facts.files[path]?.mode ?? 0o644,
    before: facts.files[path]?.content ?? null,
  }));
}

/**
 * `--force`: the interface may be configured and yet missing in /run/network/ifstate, and plain ifdown then does
 * nothing and exits 0. `--ignore-errors`: an address or route that is gone already must not keep it from stopping
 * the DHCP client and taking the link down. It exits 0 either way.
 */
function down(name: string): string[] {
  return ['ifdown', '--force', '--ignore-errors', name];
}

function ifdown(name: string): Step {
  return run(`ifdown-${name}`, `Take ${name} down`, down(name), ['ifup', name]);
}

function ifup(name: string): Step {
  return run(`ifup-${name}`, `Bring ${name} up`, ['ifup', name], down(name));
}

/** Before ifdown, which has dhclient release the lease. */
function copyLease(
  before: Interfaces,
  { uplink, bridge }: BridgeSpec,
  facts: HostFacts,
  wanted: Wanted,
): Step[] {
  const leased =
    hasDhcp(before, uplink) ||
    facts.dhcpClients.running.some(({ name, link }) => name === 'dhclient' && link === uplink);
  if (!wanted.dhcp || !leased || clientOfIfupdown(facts) !== 'dhclient') return [];
  return [
    {
      id: 'copy-lease',
      title: `Give the DHCP lease of ${uplink} to ${bridge.name}, so that the host keeps its address`,
      kind: 'copy-lease',
      from: leaseFile(uplink),
      to: leaseFile(bridge.name),
      fromLink: uplink,
      toLink: bridge.name,
    },
  ];
}

/** The uplink without addresses, clients and routes, down, and known to ifupdown as such. */
function uplinkDown(
  before: Interfaces,
  { uplink }: BridgeSpec,
  facts: HostFacts,
  converted: boolean,
): Step[] {
  const link = linkNamed(facts, uplink);
  const steps =
    link === undefined ? [] : stopClients(facts, link, converted ? [] : knownClients(before, uplink, facts));
  if (converted && link !== undefined) steps.push(...dropAddresses(facts, link));
  steps.push(...aliasesInUse(before, uplink, [uplink], facts).map(ifdown));
  // ifdown fails on an interface without a stanza.
  if (stanzasOf(before, uplink).length > 0) {
    steps.push(ifdown(uplink));
  } else {
    const set = (state: string) => ['ip', 'link', 'set', 'dev', uplink, state];
    steps.push(run(`down-${uplink}`, `Take ${uplink} down`, set('down'), set('up')));
  }
  // ifdown removes a VLAN's link; there is nothing left to clear then.
  if (link === undefined || link.kind === 'vlan') return steps;
  const flush = ['ip', 'addr', 'flush', 'dev', uplink];
  steps.push(run(`flush-${uplink}`, `Make sure that ${uplink} has no address left`, flush, null));
  return [...steps, ...linkLocalOff(link)];
}

/** A bridge that the files know is there in some other state. */
function bridgeDown(before: Interfaces, { bridge, uplink }: BridgeSpec, facts: HostFacts): Step[] {
  if (linkNamed(facts, bridge.name) === undefined) return [];
  const aliases = aliasesInUse(before, bridge.name, [bridge.name], facts);
  const holdsUplink = linkNamed(facts, uplink)?.master === bridge.name;
  // Without its port it is no state to go back to: ifup would take the uplink away once more.
  const undo = holdsUplink ? ['ifup', bridge.name] : null;
  return [
    ...(holdsUplink ? aliases.map(ifdown) : []),
    run(`ifdown-${bridge.name}`, `Take ${bridge.name} down`, down(bridge.name), undo),
  ];
}

/** A bridge that the files do not know: bridge-utils would take it as it is, without setting its MAC address. */
function refuseLiveBridge({ bridge, uplink }: BridgeSpec, facts: HostFacts): Step[] {
  const link = linkNamed(facts, bridge.name);
  if (link === undefined) return [];
  const isUsed = link.addresses.some(({ scope }) => scope === 'global');
  if (link.kind !== 'bridge' || isUsed || facts.links.some(({ master }) => master === bridge.name)) {
    throw refusal(
      'bridge-name-taken',
      `${bridge.name} exists and is in use, yet /etc/network/interfaces does not know it with ${uplink} as its port.`,
      [{ path: 'bridge.name', message: 'the name is in use' }],
      'Choose another name for the bridge, or remove the one that exists.',
    );
  }
  const change = (verb: string) => ['ip', 'link', verb, bridge.name, 'type', 'bridge'];
  return [
    run(
      `delete-${bridge.name}`,
      `Delete the empty bridge ${bridge.name}, which nothing uses`,
      change('delete'),
      change('add'),
    ),
  ];
}

function bridgeUp(spec: BridgeSpec, { dhcp }: Wanted): Step {
  const { name } = spec.bridge;
  return {
    id: `ifup-${name}`,
    title: `Bring ${name} up`,
    kind: 'run',
    // A stale entry in ifstate would make ifup do nothing.
    argv: ['ifup', '--force', name],
    undo: down(name),
    timeoutSeconds: 30 + maxWait(spec) + (dhcp ? LEASE_SECONDS : 0),
  };
}

/**
 * Aliases of an interface that boot brings up, or whose address is there now.
 * @param on the links on which to look for it
 */
function aliasesInUse(
  interfaces: Interfaces,
  name: string,
  on: readonly string[],
  facts: HostFacts,
): string[] {
  const live = on.flatMap((link) => globalIpv4(linkNamed(facts, link)));
  const isLive = (alias: string) =>
    stanzasOf(interfaces, alias).some((stanza) => live.includes(staticAddress(stanza) ?? ''));
  return aliasesOf(interfaces, name).filter((alias) => isAutomatic(interfaces, alias) || isLive(alias));
}

/** DHCP clients that ifdown of an interface stops: one for each family that is configured by DHCP. */
function knownClients(interfaces: Interfaces, name: string, facts: HostFacts): DhcpClientName[] {
  const client = hasDhcp(interfaces, name) ? clientOfIfupdown(facts) : null;
  const inet6 = stanzasOf(interfaces, name).some(
    (stanza) =>
      stanza.family === 'inet6' && (stanza.method === 'dhcp' || optionValue(stanza, 'dhcp') === '1'),
  );
  return [...(client === null ? [] : [client]), ...(inet6 ? (['dhclient'] as const) : [])];
}

/** VLANs on the uplink that ifupdown has up: `ifdown` of the uplink takes them down with it. */
function vlansOn(before: Interfaces, uplink: string, facts: HostFacts): string[] {
  const names = before.ifaces
    .filter(
      (iface) => iface.name.startsWith(`${uplink}.`) || optionValue(iface, 'vlan-raw-device') === uplink,
    )
    .map(({ name }) => name);
  return [...new Set(names)].filter((name) => linkNamed(facts, name) !== undefined);
}

function expectation(spec: BridgeSpec, { address, gateway, dhcp }: Wanted): Step {
  const { name, mac } = spec.bridge;
  return {
    id: 'expect-network',
    title: `Wait until the host is on the LAN through ${name}`,
    kind: 'expect-network',
    bridge: name,
    port: spec.uplink,
    mac,
    address,
    gateway,
    timeoutSeconds: 30 + maxWait(spec) + (dhcp ? 15 : 0),
  };
}

function hasDhcp(interfaces: Interfaces, name: string): boolean {
  return stanzasOf(interfaces, name).some(({ family, method }) => family === 'inet' && method === 'dhcp');
}

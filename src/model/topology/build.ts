import type { Address, HostFacts, Link } from '../facts.js';
import { networkOf } from '../ipv4.js';
import { defaultRoute, isDhcpv6, linkNamed } from '../links.js';
import type { TopologyInput } from './input.js';
import { portsOf, portView } from './ports.js';
import { type BridgeView, type HostAddress, type Lan, linkView, type Topology } from './view.js';

/** The picture of a host, from what was read of it. Pure. */
export function buildTopology(input: TopologyInput): Topology {
  const { facts } = input;
  const names = bridgeNames(input);
  const bridges = names.map((name) => bridgeView(input, name));
  const direct = input.endpoints
    .filter(({ bridge }) => !names.includes(bridge))
    .map((endpoint) => portView(input, endpoint, null));
  const route = defaultRoute(facts);
  const standing = bridges.some(({ exists }) => exists);
  const uplink = standing || route === null ? null : linkNamed(facts, route.link);
  const troubles = hostTroubles(input, standing);
  return {
    version: 1,
    at: new Date(input.now).toISOString(),
    lan: lanOf(facts, names),
    bridges,
    uplink: uplink && linkView(uplink, addressesOf(facts, uplink)),
    direct,
    docker: { reachable: facts.docker.reachable, version: facts.docker.version, error: facts.docker.error },
    runtime: {
      running: input.daemon !== null,
      ready: input.daemon?.ready ?? false,
      since: input.daemon?.since ?? null,
      service: facts.runtime.service,
    },
    troubles,
    complete: input.recordsReadable,
    healthy:
      troubles.length === 0 &&
      bridges.every((bridge) => bridge.troubles.length === 0 && !bridge.ports.some(isMarked)) &&
      !direct.some(isMarked),
  };
}

const isMarked = ({ trouble }: { readonly trouble: string | null }) => trouble !== null;

/** Those that the runtime serves, and those of endpoints. Not Docker's own. */
function bridgeNames({ facts, bridges, endpoints }: TopologyInput): string[] {
  const used = endpoints.map(({ bridge }) => bridge);
  const standing = used.filter((name) => linkNamed(facts, name)?.kind === 'bridge');
  const likely = facts.links.filter(
    ({ kind, name, mac }) =>
      kind === 'bridge' &&
      facts.links.some((port) => port.master === name && (port.physical || port.mac === mac)),
  );
  const own = likely.map(({ name }) => name).filter((name) => !/^(docker|br-[0-9a-f]{12}$)/.test(name));
  // One of Open vSwitch has its ports in a database that is not part of the facts: its endpoints stand by themselves.
  const served = bridges.filter((name) => (linkNamed(facts, name)?.kind ?? 'bridge') === 'bridge');
  return [...new Set([...served, ...standing, ...own])];
}

function bridgeView(input: TopologyInput, name: string): BridgeView {
  const { facts } = input;
  const link = linkNamed(facts, name);
  if (link === null) {
    return {
      ...{ name, exists: false, mac: null, mtu: 0, up: false, carrier: false, stp: false },
      ...{ addresses: [], uplinks: [] },
      ports: portsOf(input, name, []),
      troubles: [`there is no ${name}`],
    };
  }
  const uplinks = uplinksOf(facts, link);
  return {
    ...linkView(link, addressesOf(facts, link)),
    exists: true,
    stp: link.bridge?.stp ?? false,
    uplinks: uplinks.map((uplink) => linkView(uplink, addressesOf(facts, uplink))),
    ports: portsOf(input, name, uplinks),
    troubles: bridgeTroubles(facts, link, uplinks),
  };
}

/** Ports that lead to the LAN: NICs, and the one that the bridge has its MAC address from. */
function uplinksOf({ links }: HostFacts, { name, mac }: Link): Link[] {
  return links.filter(
    (link) =>
      link.master === name &&
      (link.physical || link.mac === mac || ['bond', 'vlan'].includes(link.kind ?? '')),
  );
}

/**
 * The port that leads to the LAN, also where the bridge has lost the MAC address of it. In a system container it is a
 * veth, as the host's sides of containers are; those have records, and names of ours.
 */
export function lanPort({ facts, endpoints }: TopologyInput, bridge: string): Link | null {
  const link = linkNamed(facts, bridge);
  if (link === null) return null;
  const recorded = new Set(endpoints.map(({ hostInterfaceName }) => hostInterfaceName));
  const others = facts.links.filter(
    ({ name, master }) => master === bridge && !recorded.has(name) && !/^(bs|veth)/.test(name),
  );
  return uplinksOf(facts, link)[0] ?? others[0] ?? null;
}

function bridgeTroubles(facts: HostFacts, bridge: Link, uplinks: readonly Link[]): string[] {
  const { name } = bridge;
  const { forwardPolicy, bridgeNfCallIptables, acceptedBridges } = facts.netfilter;
  const isDropped =
    forwardPolicy === 'DROP' && bridgeNfCallIptables !== false && !acceptedBridges.includes(name);
  const isOwn = ({ scope }: Address) => scope === 'global';
  return [
    ...(bridge.up ? [] : [`${name} is down`]),
    ...(uplinks.length === 0 ? [`no NIC is a port of ${name}: it does not lead to the LAN`] : []),
    ...uplinks.flatMap((uplink) => (uplink.up ? [] : [`its port ${uplink.name} is down`])),
    ...uplinks.flatMap((uplink) => (!uplink.up || uplink.carrier ? [] : [`${uplink.name} has no carrier`])),
    ...uplinks.flatMap((uplink) =>
      uplink.addresses.some(isOwn) ? [`${uplink.name} still has an address of its own`] : [],
    ),
    ...(isDropped ? ["Docker's firewall drops frames between its ports: the accept rule is missing"] : []),
  ];
}

function hostTroubles({ facts, daemon, endpoints, pending }: TopologyInput, standing: boolean): string[] {
  const { docker, runtime } = facts;
  const wanted = runtime.service !== null || endpoints.length > 0;
  return [
    ...(pending === null ? [] : [pendingText(pending)]),
    ...(defaultRoute(facts) === null ? ['the host has no default route'] : []),
    ...(docker.installed && !docker.reachable ? ['Docker does not answer'] : []),
    ...(standing && wanted && daemon === null ? ['the attach runtime does not run'] : []),
  ];
}

function pendingText(phase: string): string {
  return phase === 'awaiting'
    ? 'a change waits for its confirmation: `bridge-setup confirm` keeps it, `bridge-setup rollback` takes it back'
    : 'a change has not ended: it is under way, or was interrupted';
}

function lanOf(facts: HostFacts, bridges: readonly string[]): Lan {
  const route = defaultRoute(facts, bridges) ?? defaultRoute(facts);
  const link = route === null ? null : linkNamed(facts, route.link);
  const own = link?.addresses.find(({ family, scope }) => family === 4 && scope === 'global');
  return {
    network: own === undefined ? null : networkOf(`${own.address}/${own.prefix}`),
    gateway: route?.gateway ?? null,
    nameservers: facts.dns.nameservers,
  };
}

function addressesOf({ dhcpClients }: HostFacts, { name, addresses }: Link): HostAddress[] {
  const own = addresses.filter(({ scope }) => scope === 'global');
  return own.map((one) => {
    const family = own.filter((other) => other.family === one.family);
    const client = dhcpClients.running.find(
      (running) => running.link === name && isDhcpv6(running) === (one.family === 6),
    );
    // Not every client gives its address a lifetime: then it is the first one. IPv6 may be a router's, too.
    const leased = family.some(({ dynamic }) => dynamic) ? one.dynamic : family[0] === one;
    const from =
      leased && (client !== undefined || (one.dynamic && one.family === 4))
        ? 'dhcp'
        : one.dynamic
          ? 'router-advertisement'
          : 'static';
    return {
      address: `${one.address}/${one.prefix}`,
      from,
      client: from === 'dhcp' ? (client?.name ?? null) : null,
    };
  });
}

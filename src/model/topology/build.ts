import { type ContainerRule, FROM_IMAGE } from '../container-rule.js';
import { existingBridges } from '../existing-bridge.js';
import type { Address, HostFacts, Link } from '../facts.js';
import { networkOf } from '../ipv4.js';
import { lanPorts } from '../lan-ports.js';
import { defaultRoute, isDhcpv6, linkNamed } from '../links.js';
import type { TopologyInput } from './input.js';
import { portsOf, portView } from './ports.js';
import {
  type BridgeView,
  type HostAddress,
  type Lan,
  linkView,
  type Topology,
  type UnattachedView,
} from './view.js';

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
  const unattached = unattachedIn(input);
  const isUnmarked =
    troubles.length + unattached.length === 0 &&
    bridges.every((bridge) => bridge.troubles.length === 0 && !bridge.ports.some(isMarked)) &&
    !direct.some(isMarked);
  return {
    version: 1,
    at: new Date(input.now).toISOString(),
    lan: lanOf(facts, names),
    bridges,
    uplink: uplink && linkView(uplink, addressesOf(facts, uplink)),
    direct,
    unattached,
    docker: {
      ...{ reachable: facts.docker.reachable, denied: facts.docker.denied ?? false },
      ...{ version: facts.docker.version, error: facts.docker.error },
    },
    runtime: {
      running: runtimeRuns(input),
      ready: input.daemon?.ready ?? false,
      since: input.daemon?.since ?? null,
      service: facts.runtime.service,
    },
    troubles,
    complete: input.recordsReadable,
    healthy: isUnmarked && !input.recordsReadable ? null : isUnmarked,
  };
}

const isMarked = ({ trouble }: { readonly trouble: string | null }) => trouble !== null;

/** `null`: the state of the daemon is root's own, and its init does not say either that it does not run. */
function runtimeRuns({ facts, daemon, recordsReadable }: TopologyInput): boolean | null {
  const { service } = facts.runtime;
  if (daemon !== null || recordsReadable) return daemon !== null;
  return service === null || service === 'active' ? null : false;
}

/** Those that the runtime serves, and those of endpoints. Not Docker's own. */
function bridgeNames({ facts, bridges, endpoints }: TopologyInput): string[] {
  const used = endpoints.map(({ bridge }) => bridge);
  const standing = used.filter((name) => linkNamed(facts, name)?.kind === 'bridge');
  const own = existingBridges(facts).map(({ name }) => name);
  // One of Open vSwitch has its ports in a database that is not part of the facts: its endpoints stand by themselves.
  const served = bridges.filter((name) => (linkNamed(facts, name)?.kind ?? 'bridge') === 'bridge');
  return [...new Set([...served, ...standing, ...own])];
}

function bridgeView(input: TopologyInput, name: string): BridgeView {
  const { facts } = input;
  const link = linkNamed(facts, name);
  const owner = { served: input.bridges.includes(name), existing: input.existing.includes(name) };
  if (link === null) {
    return {
      ...{ name, exists: false, ...owner, mac: null, mtu: 0, up: false, carrier: false, stp: false },
      ...{ addresses: [], uplinks: [] },
      ports: portsOf(input, name, []),
      troubles: [`there is no ${name}`],
    };
  }
  const uplinks = uplinksOf(input, link);
  return {
    ...linkView(link, addressesOf(facts, link)),
    ...{ exists: true, ...owner },
    stp: link.bridge?.stp ?? false,
    uplinks: uplinks.map((uplink) => linkView(uplink, addressesOf(facts, uplink))),
    ports: portsOf(input, name, uplinks),
    troubles: bridgeTroubles(facts, link, uplinks),
  };
}

/** Ports that lead to the LAN. */
const uplinksOf = ({ facts, endpoints }: TopologyInput, { name }: Link): Link[] =>
  lanPorts(
    facts,
    name,
    endpoints.map(({ hostInterfaceName }) => hostInterfaceName),
  );

/** The port that leads to the LAN, the likeliest where there are several. */
export function lanPort(input: TopologyInput, bridge: string): Link | null {
  const link = linkNamed(input.facts, bridge);
  return (link && uplinksOf(input, link)[0]) ?? null;
}

function bridgeTroubles(facts: HostFacts, bridge: Link, uplinks: readonly Link[]): string[] {
  const { name } = bridge;
  const { forwardPolicy, bridgeNfCallIptables, acceptedBridges } = facts.netfilter;
  const dropped =
    facts.netfilter.dropped?.[name]?.map(({ by }) => by) ??
    (forwardPolicy === 'DROP' && bridgeNfCallIptables !== false && !acceptedBridges.includes(name)
      ? ["Docker's firewall"]
      : []);
  const isOwn = ({ scope }: Address) => scope === 'global';
  return [
    ...(bridge.up ? [] : [`${name} is down`]),
    ...(uplinks.length === 0 ? [`no NIC is a port of ${name}: it does not lead to the LAN`] : []),
    ...uplinks.flatMap((uplink) => (uplink.up ? [] : [`its port ${uplink.name} is down`])),
    ...uplinks.flatMap((uplink) => (!uplink.up || uplink.carrier ? [] : [`${uplink.name} has no carrier`])),
    ...uplinks.flatMap((uplink) =>
      uplink.addresses.some(isOwn) ? [`${uplink.name} still has an address of its own`] : [],
    ),
    ...dropped.slice(0, 2).map((by) => `${by} drops frames between its ports`),
  ];
}

function hostTroubles(input: TopologyInput, standing: boolean): string[] {
  const { facts, endpoints, pending } = input;
  const { docker, runtime } = facts;
  const wanted = runtime.service !== null || endpoints.length > 0;
  return [
    ...(pending === null ? [] : [pendingText(pending)]),
    ...(defaultRoute(facts) === null ? ['the host has no default route'] : []),
    ...(docker.installed && !docker.reachable && !docker.denied ? ['Docker does not answer'] : []),
    ...(standing && wanted && runtimeRuns(input) === false ? ['the attach runtime does not run'] : []),
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

/** Rules that gave no interface. Those with a record are ports, and marked there. */
function unattachedIn(input: TopologyInput): UnattachedView[] {
  const { rules, endpoints, recordsReadable } = input;
  const isRecorded = ({ containerId, interfaceName }: ContainerRule) =>
    endpoints.some((one) => one.containerId === containerId && one.interfaceName === interfaceName);
  return (rules ?? []).flatMap((rule): UnattachedView[] => {
    const { container, variable, interfaceName, problem } = rule;
    if (isRecorded(rule) || problem?.code === FROM_IMAGE || (problem === null && !recordsReadable)) return [];
    const trouble =
      problem === null
        ? runtimeRuns(input) === false
          ? 'it is not attached: the attach runtime does not run'
          : 'it is not attached yet'
        : `its rule ${variable} is not followed: ${problem.message}`;
    return [{ container, rule: variable, interfaceName, trouble }];
  });
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
          : leased && dhcpClients.complete === false
            ? 'unknown'
            : 'static';
    return {
      address: `${one.address}/${one.prefix}`,
      from,
      client: from === 'dhcp' ? (client?.name ?? null) : null,
    };
  });
}

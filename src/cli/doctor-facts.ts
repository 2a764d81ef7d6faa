import { askContainers, type ContainerQuestion } from '../apply/container-probes.js';
import { findDhcpServers } from '../apply/dhcp-servers.js';
import { askLan, type LanQuestions } from '../apply/lan-probes.js';
import { differences } from '../backends/registry.js';
import type { DoctorContext } from '../checks/doctor-check.js';
import { collectFirewall } from '../facts/doctor/firewall.js';
import { collectHostLease } from '../facts/doctor/host-lease.js';
import { collectKernel } from '../facts/doctor/kernel.js';
import { collectEngine, collectUnits } from '../facts/doctor/services.js';
import { automaticUplink, uplinkCandidates } from '../facts/uplink.js';
import type { Host } from '../host/host.js';
import type { DoctorFacts } from '../model/doctor-facts.js';
import type { HostFacts } from '../model/facts.js';
import type { Finding } from '../model/finding.js';
import { inSubnet } from '../model/ipv4.js';
import { defaultRoute, linkNamed } from '../model/links.js';
import { RUNTIME_CONFIG_FILE, RUNTIME_UNIT } from '../model/paths.js';
import { runsInContainer } from '../model/runtime-container.js';
import { lanPort } from '../model/topology/build.js';
import type { TopologyInput } from '../model/topology/input.js';
import { parseAnswers } from './answers-file.js';
import { readRuntimeConfig } from './container-rules.js';
import { setupRefusals, usualInstall } from './fitness.js';
import { readProgramFacts } from './program-facts.js';
import { ownProgram } from './program-info.js';
import { readFacts } from './read-facts.js';
import { readTopologyInput } from './read-topology.js';
import { isExisting, likelyBridge } from './served-bridge.js';

/** Services that a host which is set up is to start at boot. */
const UNITS = [RUNTIME_UNIT, 'docker.service', 'networking.service', 'network.service'];

/** A name server that is slower is as good as none. */
const DNS_TIMEOUT_MS = 1000;

/** Called when something begins that may take seconds. */
export type OnStage = (stage: 'read' | 'records' | 'lan', text: string) => void;

/** What doctor may send to the network. */
export interface DoctorQuestions {
  readonly probe: boolean;
  /** Whether DHCP servers are asked for offers: that takes some seconds. */
  readonly dhcp: boolean;
}

/**
 * What doctor's checks look at, read once.
 * @param ask what may be sent to the network
 */
export async function readDoctorContext(
  host: Host,
  ask: DoctorQuestions,
  onStage: OnStage = () => {},
): Promise<DoctorContext> {
  const { probe } = ask;
  onStage('read', 'Reading the network of this host');
  const facts = await readFacts(host);
  const { config, problem } = readRuntimeConfig(facts);
  const bridge = config?.bridges[0] ?? likelyBridge(facts);
  const existing = isExisting(facts, bridge);
  // Its files are somebody else's, and may say more than bridge-setup understands.
  const differing = existing ? [] : seenDifferences(facts, bridge);
  onStage('records', 'Reading the records of the runtime, and asking Docker and the name servers');
  const [topology, program, engine, silentNameServers] = await Promise.all([
    readTopologyInput(host, facts),
    readProgramFacts(host, facts),
    collectEngine(host, facts.docker.reachable),
    probe ? silentServers(host, facts.dns.nameservers) : [],
  ]);
  const port = lanPort(topology, bridge)?.name ?? null;
  const mac = linkNamed(facts, bridge)?.mac ?? null;
  const canAsk = probe && host.isRoot() && linkNamed(facts, bridge)?.up === true;
  if (canAsk) {
    onStage(
      'lan',
      `Asking the LAN, its DHCP servers, and the gateways of ${topology.endpoints.length} containers`,
    );
  }
  const [kernel, firewall, units, lease, lan, reach, dhcpOffers] = await Promise.all([
    collectKernel(host, bridge, facts.links),
    collectFirewall(host, bridge, port),
    facts.init === 'systemd' ? collectUnits(host, UNITS) : {},
    collectHostLease(host, bridge),
    canAsk ? askLan(host, questionsOf(facts, bridge)) : null,
    canAsk ? askContainers(host, containerQuestions(topology, facts, bridge)) : null,
    canAsk && ask.dhcp && mac !== null ? dhcpOffersOf(host, { name: bridge, mac }) : null,
  ]);
  const setUp = isSetUp(facts, bridge, differing);
  const uplink = port ?? uplinkOf(facts, bridge);
  const install = usualInstall(facts, host);
  const answers = parseAnswers({
    version: 1,
    bridge: existing ? { name: bridge, existing } : { name: bridge, uplink: 'auto' },
    runtime: { install },
  });
  const doctor: DoctorFacts = {
    ...{ bridge, port, topology, kernel, firewall, engine, units, program, lease, lan, reach, dhcpOffers },
    ...{ setUp, existing },
    refusals: setUp ? [] : await setupRefusals(host, facts, answers, uplink),
    differences: differing,
    rules: topology.rules ?? [],
    configProblem: problem,
    silentNameServers,
    unread: host.isRoot() ? [] : unreadBy(facts),
  };
  return { facts, answers, uplink, doctor };
}

/** Names of differences that are seen in which DHCP clients run. */
const BY_CLIENTS = ['no-client-on-bridge', 'method-differs', 'address-not-in-files', 'address-is-leased'];

/** Differences of files and network, as far as both could be read: what was not seen is not missing. */
function seenDifferences(facts: HostFacts, bridge: string): Finding[] {
  if (facts.unreadable !== undefined) return [];
  const found = differences(facts, bridge);
  return facts.dhcpClients.complete === false
    ? found.filter(({ check }) => !BY_CLIENTS.includes(check))
    : found;
}

/** What is kept from anybody but root. */
const unreadBy = ({ docker, unreadable = [] }: HostFacts) => [
  'the firewall',
  'the records of the attach runtime',
  'programs of other users',
  ...(docker.denied ? ['Docker'] : []),
  ...unreadable,
];

function questionsOf(facts: HostFacts, bridge: string): LanQuestions {
  const addresses = linkNamed(facts, bridge)?.addresses ?? [];
  const own = addresses.find(({ family, scope }) => family === 4 && scope === 'global');
  const route = defaultRoute(facts);
  return {
    bridge,
    address: own?.address ?? null,
    gateway: route?.link === bridge ? route.gateway : null,
  };
}

/** Containers with an IPv4 address on the bridge, and the gateway that each has, or would have. */
function containerQuestions(
  { endpoints }: TopologyInput,
  facts: HostFacts,
  bridge: string,
): ContainerQuestion[] {
  const route = defaultRoute(facts);
  const lanGateway = route?.link === bridge ? route.gateway : null;
  return endpoints.flatMap(({ containerId: id, containerName, interfaceName, address, state, ...rest }) => {
    if (rest.bridge !== bridge || state !== 'attached' || address === null || address.includes(':'))
      return [];
    const near = lanGateway !== null && inSubnet(lanGateway, address) ? lanGateway : null;
    return [{ id, container: containerName, interfaceName, address, gateway: rest.gateway ?? near }];
  });
}

/** Offers of the DHCP servers of a LAN; `null` from a container: the host has no program to ask with. */
export function dhcpOffersOf(host: Host, bridge: { name: string; mac: string }) {
  if (runsInContainer(host.env)) return null;
  const { node, root } = ownProgram();
  return findDhcpServers(host, bridge, [node, `${root}/bin/bridge-setup.js`]);
}

/** All are asked at once. */
async function silentServers(host: Host, servers: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(servers.map((server) => host.dns.answers(server, DNS_TIMEOUT_MS)));
  return servers.filter((_, index) => !answers[index]);
}

/** Where the bridge has no port: the link that would be it. */
function uplinkOf(facts: HostFacts, bridge: string): string {
  const automatic = linkNamed(facts, bridge) === null ? automaticUplink(facts, bridge) : null;
  return automatic ?? uplinkCandidates(facts)[0]?.name ?? 'eth0';
}

/** By its link, by the runtime's configuration, or by files that would make it. */
function isSetUp(facts: HostFacts, bridge: string, differing: readonly Finding[]): boolean {
  return (
    linkNamed(facts, bridge)?.kind === 'bridge' || RUNTIME_CONFIG_FILE in facts.files || differing.length > 0
  );
}

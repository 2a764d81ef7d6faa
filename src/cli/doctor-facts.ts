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
import { defaultRoute, linkNamed } from '../model/links.js';
import { RUNTIME_CONFIG_FILE, RUNTIME_UNIT } from '../model/paths.js';
import { lanPort } from '../model/topology/build.js';
import { parseAnswers } from './answers-file.js';
import { readRuntimeConfig } from './container-rules.js';
import { readProgramFacts } from './program-facts.js';
import { readFacts } from './read-facts.js';
import { readTopologyInput } from './read-topology.js';

/** Services that a host which is set up is to start at boot. */
const UNITS = [RUNTIME_UNIT, 'docker.service', 'networking.service', 'network.service'];

/** A name server that is slower is as good as none. */
const DNS_TIMEOUT_MS = 1000;

/**
 * What doctor's checks look at, read once.
 * @param probe whether something may be sent to the network
 */
export async function readDoctorContext(host: Host, probe: boolean): Promise<DoctorContext> {
  const facts = await readFacts(host);
  const { config, problem } = readRuntimeConfig(facts);
  const bridge = config?.bridges[0] ?? 'br0';
  const differing = seenDifferences(facts, bridge);
  const [topology, program, engine, silentNameServers] = await Promise.all([
    readTopologyInput(host, facts),
    readProgramFacts(host, facts),
    collectEngine(host, facts.docker.reachable),
    probe ? silentServers(host, facts.dns.nameservers) : [],
  ]);
  const port = lanPort(topology, bridge)?.name ?? null;
  const [kernel, firewall, units, lease, lan] = await Promise.all([
    collectKernel(host, bridge, facts.links),
    collectFirewall(host, bridge, port),
    facts.init === 'systemd' ? collectUnits(host, UNITS) : {},
    collectHostLease(host, bridge),
    probe && host.isRoot() && linkNamed(facts, bridge)?.up ? askLan(host, questionsOf(facts, bridge)) : null,
  ]);
  const doctor: DoctorFacts = {
    ...{ bridge, port, topology, kernel, firewall, engine, units, program, lease, lan },
    setUp: isSetUp(facts, bridge, differing),
    differences: differing,
    rules: topology.rules ?? [],
    configProblem: problem,
    silentNameServers,
    unread: host.isRoot() ? [] : unreadBy(facts),
  };
  return {
    facts,
    answers: parseAnswers({ version: 1, bridge: { name: bridge, uplink: 'auto' } }),
    uplink: port ?? uplinkOf(facts, bridge),
    doctor,
  };
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

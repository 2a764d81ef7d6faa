import { unfinishedRun } from '../apply/checkpoint.js';
import { readClients } from '../attach/client.js';
import { readLease } from '../attach/lease.js';
import { readDaemonState, readEndpointStates } from '../attach/state.js';
import { isDenied } from '../errors.js';
import type { Host } from '../host/host.js';
import { isDockerBridge } from '../model/existing-bridge.js';
import type { HostFacts } from '../model/facts.js';
import { buildTopology } from '../model/topology/build.js';
import type { RunningContainer, TopologyInput } from '../model/topology/input.js';
import type { Topology } from '../model/topology/view.js';
import { readContainerRules, readRuntimeConfig } from './container-rules.js';
import { isExisting, servedBridges } from './served-bridge.js';

/** The picture of this host, as it is now. What cannot be read is left out of it, and said in it. */
export async function readTopology(host: Host, facts: HostFacts): Promise<Topology> {
  return buildTopology(await readTopologyInput(host, facts));
}

/** What the picture is made of: the facts, and the records of the runtime. */
export async function readTopologyInput(host: Host, facts: HostFacts): Promise<TopologyInput> {
  const endpoints = await allowed(readEndpointStates(host));
  const clients = (await allowed(readClients(host))) ?? [];
  const daemon = await allowed(readDaemonState(host));
  const pending = await allowed(unfinishedRun(host));
  const leases: Record<string, NonNullable<Awaited<ReturnType<typeof readLease>>>> = {};
  for (const { hostInterfaceName: port } of endpoints ?? []) {
    const lease = await allowed(readLease(host, port));
    if (lease !== null) leases[port] = lease;
  }
  const ids = (endpoints ?? []).map(({ containerId }) => containerId);
  return {
    facts,
    now: host.clock.now(),
    bridges: daemon?.bridges ?? servedBridges(facts),
    existing: facts.links
      .filter(
        ({ name, kind }) => kind === 'bridge' && !isDockerBridge(facts, name) && isExisting(facts, name),
      )
      .map(({ name }) => name),
    daemon,
    endpoints: endpoints ?? [],
    leases,
    clients: Object.fromEntries(clients.map(({ hostLink, ...rest }) => [hostLink, rest])),
    containers: facts.docker.reachable ? await readContainers(host, ids) : null,
    rules: facts.docker.reachable ? await readContainerRules(host, readRuntimeConfig(facts).config) : null,
    pending: pending?.phase ?? null,
    recordsReadable: host.isRoot() || endpoints !== null,
  };
}

/** `null`: Docker went away meanwhile. */
async function readContainers(host: Host, ids: readonly string[]): Promise<TopologyInput['containers']> {
  const containers: Record<string, RunningContainer> = {};
  try {
    for (const id of new Set(ids)) {
      const info = await host.docker.inspect(id);
      if (info !== null) containers[id] = { name: info.name, image: info.image, running: info.running };
    }
  } catch {
    return null;
  }
  return containers;
}

/** The records are root's own: for anybody else there are none. */
async function allowed<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (isDenied(error)) return null;
    throw error;
  }
}

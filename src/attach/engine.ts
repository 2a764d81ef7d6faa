import { EXIT, refusal, SetupError } from '../errors.js';
import { markEffects } from '../host/effects.js';
import type { ContainerInfo, Host } from '../host/host.js';
import type { Endpoint } from '../model/endpoint.js';
import { clientsOf, installHook, isAlive, startClient } from './client.js';
import { type ClientKeeper, converge, type Outcome, removeEndpoint } from './converge.js';
import { readHostLinks } from './host-links.js';
import { ipv6Of } from './interface-settings.js';
import { readLinks } from './ip.js';
import { type Lease, leaseOfRun, readLease } from './lease.js';
import { hostLinkName, linkAlias, parseAlias, shortId } from './names.js';
import { syncResolvConf } from './resolv-conf.js';
import { type EndpointState, forgetEndpoint, prepareRunDirectory, writeEndpointState } from './state.js';

/** What `attach` is asked for. */
export interface AttachRequest {
  /** Name or id. */
  readonly container: string;
  readonly endpoint: Endpoint;
  /** How long to wait for a DHCP lease. Default 20 000. */
  readonly leaseTimeoutMs?: number;
}

/** An endpoint that is attached. */
export interface Attached {
  readonly containerId: string;
  readonly containerName: string;
  readonly hostInterfaceName: string;
  readonly interfaceName: string;
  readonly bridge: string;
  readonly mac: string;
  /** With prefix length; `null` when none was asked for. */
  readonly address: string | null;
  readonly gateway: string | null;
  /** false: there was such an endpoint already. */
  readonly created: boolean;
}

const LEASE_TIMEOUT_MS = 20_000;

/**
 * Attach one endpoint to a running container, once. The same again is a success that changes nothing; another address
 * replaces the endpoint. With DHCP it waits for the lease, and its client stays when the tool ends. An endpoint that was
 * created and then gets no lease is taken away again.
 */
export async function attach(host: Host, request: AttachRequest): Promise<Attached> {
  const { endpoint, leaseTimeoutMs } = request;
  const container = await runningContainer(host, request.container);
  await prepareRunDirectory(host);
  if (endpoint.address.method === 'dhcp') await installHook(host);

  const undone = markEffects(host);
  const [outcome] = await converge(host, container, [endpoint], detachedClients(host), { refresh: true });
  if (outcome === undefined) throw new Error('an endpoint without an outcome');
  const did = (wanted: string) => outcome.actions.some(({ kind }) => kind === wanted);
  const created = did('create');
  try {
    if (outcome.error !== null) throw outcome.error;
    const lease =
      endpoint.address.method === 'dhcp' ? await awaitLease(host, container, outcome, leaseTimeoutMs) : null;
    const attached = await writeAttached(host, container, outcome, lease);
    await syncResolvConf(host, container);
    return { ...attached, created };
  } catch (error) {
    if (created) {
      await removeEndpoint(host, container.id, outcome.hostLink);
      await forgetEndpoint(host, container.id, outcome.hostLink);
      // What it replaced is not there again.
      if (!did('remove')) undone();
    }
    throw error;
  }
}

/** Take an endpoint away from a container. Returns false when there was none. */
export async function detach(host: Host, container: string, interfaceName: string): Promise<boolean> {
  const info = await host.docker.inspect(container);
  if (info === null) throw noContainer(container);
  const { links, ovsPorts } = await readHostLinks(host);
  const short = shortId(info.id);
  const ours = [
    ...links.filter(({ alias }) => alias === linkAlias(info.id, interfaceName)),
    ...ovsPorts.filter(({ owner }) => owner?.container === short && owner.interfaceName === interfaceName),
  ];
  const clients = (await clientsOf(host, info.id)).filter((client) => client.interfaceName === interfaceName);
  const names = new Set([
    hostLinkName(info.id, interfaceName),
    ...ours.map(({ name }) => name),
    ...clients.map(({ hostLink }) => hostLink),
  ]);
  for (const hostLink of names) {
    await removeEndpoint(host, info.id, hostLink);
    await forgetEndpoint(host, info.id, hostLink);
  }
  await syncResolvConf(host, info);
  return ours.length + clients.length > 0;
}

/** Take all endpoints away from a bridge. */
export async function detachAll(host: Host, bridge: string): Promise<void> {
  for (const { name, alias, master } of await readLinks(host, null)) {
    const owner = parseAlias(alias);
    if (owner === null || master !== bridge) continue;
    await removeEndpoint(host, owner.container, name);
    await forgetEndpoint(host, owner.container, name);
    // Without Docker the network is still to be taken back; it writes these files anew at each start.
    const container = await host.docker.inspect(owner.container).catch(() => null);
    if (container !== null) await syncResolvConf(host, container);
  }
}

type Site = Pick<Outcome, 'hostLink' | 'endpoint' | 'mac'>;

/** The state of an endpoint as it is written down. */
export function stateOf(
  container: ContainerInfo,
  { hostLink, endpoint, mac }: Site,
  verdict: Pick<EndpointState, 'address' | 'gateway' | 'state' | 'error'>,
): Omit<EndpointState, 'since'> {
  return {
    version: 1,
    containerId: container.id,
    containerName: container.name,
    interfaceName: endpoint.interfaceName,
    hostInterfaceName: hostLink,
    bridge: endpoint.bridge,
    mac,
    method: endpoint.address.method,
    ipv6: ipv6Of(endpoint),
    ...verdict,
  };
}

/** Address and gateway that an endpoint has when its lease, if it needs one, is as given. */
export function addressOf(endpoint: Endpoint, lease: Lease | null): Pick<Attached, 'address' | 'gateway'> {
  const { address } = endpoint;
  if (address.method === 'static') return { address: address.address, gateway: address.gateway };
  return { address: lease?.address ?? null, gateway: lease?.router ?? null };
}

/** A container that runs now, or a refusal. */
export async function runningContainer(host: Host, name: string): Promise<ContainerInfo> {
  const container = await host.docker.inspect(name);
  if (container === null) throw noContainer(name);
  if (!container.running) {
    throw refusal(
      'container-not-running',
      `Container ${name} does not run.`,
      [],
      `Start it: \`docker start ${name}\`.`,
    );
  }
  return container;
}

function noContainer(name: string) {
  const hint =
    'Docker knows no such container: `docker ps` lists those that run. Those of LXC are not supported.';
  return refusal('container-not-found', `There is no container ${name}.`, [], hint);
}

/** Clients that stay when the tool ends. One that runs is good, whoever started it. */
export function detachedClients(host: Host): ClientKeeper {
  return {
    owns: () => true,
    adopt: () => {},
    start: async (spec) => void (await startClient(host, spec)),
  };
}

/** Wait until the client of an endpoint has a lease; an error says why it gets none. */
export async function awaitLease(
  host: Host,
  container: ContainerInfo,
  outcome: Pick<Outcome, 'hostLink' | 'endpoint'>,
  timeoutMs = LEASE_TIMEOUT_MS,
): Promise<Lease> {
  const client = (await clientsOf(host, container.id)).find(({ hostLink }) => hostLink === outcome.hostLink);
  const deadline = host.clock.now() + timeoutMs;
  while (client !== undefined) {
    const record = await readLease(host, outcome.hostLink);
    const lease = leaseOfRun(record, client.run);
    if (lease !== null) return lease;
    if (record?.run === client.run && record.event === 'invalid') {
      throw noLease('dhcp-answer-invalid', 'the DHCP server gave an address that cannot be used');
    }
    if (!(await isAlive(host, client))) break;
    if (host.clock.now() >= deadline) {
      const seconds = timeoutMs / 1000;
      throw noLease('no-lease', `no DHCP server answered on ${outcome.endpoint.bridge} for ${seconds} s`);
    }
    await host.clock.sleep(50);
  }
  throw noLease('dhcp-client-failed', `the DHCP client in container ${container.name} ended without a lease`);
}

function noLease(code: string, message: string): SetupError {
  return new SetupError(code, message, {
    exitCode: EXIT.rolledBack,
    hint: 'Run `bridge-setup doctor`: it looks for what keeps DHCP from passing the bridge.',
  });
}

/** Write down that an endpoint is attached, and tell it. */
export async function writeAttached(
  host: Host,
  container: ContainerInfo,
  site: Site,
  lease: Lease | null,
): Promise<Omit<Attached, 'created'>> {
  const address = addressOf(site.endpoint, lease);
  await writeEndpointState(host, stateOf(container, site, { ...address, state: 'attached', error: null }));
  const { hostLink, endpoint, mac } = site;
  return {
    containerId: container.id,
    containerName: container.name,
    hostInterfaceName: hostLink,
    interfaceName: endpoint.interfaceName,
    bridge: endpoint.bridge,
    mac,
    ...address,
  };
}

import type { HostFacts, Link } from '../facts.js';
import type { RecordedEndpoint, RecordedLease, TopologyInput } from './input.js';
import type { LeaseView, PortView } from './view.js';

/** A lease of 2^32-1 seconds has no end (RFC 2131, 3.3). */
const INFINITE = 0xffff_ffff;
/** Then a client has asked its own server for three eighths of the lease, in vain (RFC 2131, 4.4.5: T2). */
const LATE = 7 / 8;
/** So long a client may ask before that is a problem: three questions of it (RFC 2131, 4.1), the last of them unheard. */
const ASKING_MS = 30_000;

/** The ports of a bridge that do not lead to the LAN: those of the records, whether they are there or not, and others. */
export function portsOf(input: TopologyInput, bridge: string, uplinks: readonly Link[]): PortView[] {
  const recorded = input.endpoints.filter((endpoint) => endpoint.bridge === bridge);
  const names = new Set([
    ...recorded.map((one) => one.hostInterfaceName),
    ...uplinks.map(({ name }) => name),
  ]);
  const others = input.facts.links.filter(({ master, name }) => master === bridge && !names.has(name));
  return [
    ...recorded.map((endpoint) => portView(input, endpoint, portTrouble(input.facts, endpoint))),
    ...others.map((link) => foreignPort(link, bridge, input.recordsReadable ? 'foreign' : 'not-seen')),
  ].sort(
    (a, b) =>
      Number(a.container === null) - Number(b.container === null) ||
      nameOf(a).localeCompare(nameOf(b), 'en', { numeric: true }),
  );
}

const nameOf = ({ container, port, interfaceName }: PortView) =>
  `${container?.name ?? port} ${interfaceName ?? ''}`;

/** An endpoint with its container and lease. */
export function portView(
  input: TopologyInput,
  endpoint: RecordedEndpoint,
  linkTrouble: string | null,
): PortView {
  const { hostInterfaceName: port, containerId: id, method, state } = endpoint;
  const container = input.containers?.[id];
  const client = input.clients[port];
  const held = state === 'attached' && method === 'dhcp';
  const lease = held ? leaseView(input.leases[port], endpoint.since, input.now) : null;
  return {
    port,
    on: endpoint.bridge,
    container: {
      id,
      name: container?.name ?? endpoint.containerName,
      image: container?.image ?? null,
      running: input.containers === null ? null : (container?.running ?? false),
    },
    interfaceName: endpoint.interfaceName,
    mac: endpoint.mac,
    address: endpoint.address,
    gateway: endpoint.gateway,
    ipv6: endpoint.ipv6 ?? null,
    from: method,
    client: method === 'dhcp' ? (client?.client ?? null) : null,
    lease,
    state,
    since: endpoint.since,
    trouble:
      stateTrouble(endpoint, input.now) ??
      linkTrouble ??
      (held ? leaseTrouble(lease, client?.alive ?? false, input.now) : null),
  };
}

function foreignPort({ name, mac, up }: Link, bridge: string, state: PortView['state']): PortView {
  return {
    port: name,
    on: bridge,
    container: null,
    interfaceName: null,
    mac,
    address: null,
    gateway: null,
    ipv6: null,
    from: 'unknown',
    client: null,
    lease: null,
    state,
    since: null,
    trouble: up ? null : 'it is down',
  };
}

function stateTrouble({ state, error, since }: RecordedEndpoint, now: number): string | null {
  if (state === 'failed') return error ?? 'it could not be attached';
  if (state !== 'waiting-for-lease') return null;
  if (error !== null) return `waits for a DHCP lease: ${error}`;
  return now - Date.parse(since) < ASKING_MS ? null : 'waits for a DHCP lease';
}

/** The record says attached; the link may say otherwise. */
function portTrouble(
  { links }: HostFacts,
  { state, hostInterfaceName, bridge }: RecordedEndpoint,
): string | null {
  if (state !== 'attached') return null;
  const link = links.find(({ name }) => name === hostInterfaceName);
  if (link === undefined) return `its port ${hostInterfaceName} is gone`;
  if (link.master !== bridge) return `its port ${hostInterfaceName} is not on ${bridge}`;
  return link.up ? null : `its port ${hostInterfaceName} is down`;
}

function leaseView(record: RecordedLease | undefined, since: string, now: number): LeaseView | null {
  if (record === undefined || record.lease === null) return null;
  const { server, seconds } = record.lease;
  const at = (share: number) =>
    seconds >= INFINITE || seconds <= 0 ? null : iso((record.time + seconds * share) * 1000);
  return {
    server,
    since,
    renewed: iso(record.time * 1000),
    ageSeconds: Math.max(0, Math.round(now / 1000 - record.time)),
    seconds,
    renewsAt: at(1 / 2),
    expiresAt: at(1),
  };
}

function leaseTrouble(lease: LeaseView | null, clientAlive: boolean, now: number): string | null {
  if (lease === null) return 'there is no record of its lease';
  if (lease.expiresAt !== null && Date.parse(lease.expiresAt) <= now) return 'its lease has expired';
  if (!clientAlive) return 'its DHCP client has ended: the address goes when the lease ends';
  const late = lease.expiresAt !== null && lease.ageSeconds > lease.seconds * LATE;
  return late ? 'its lease was not renewed in time' : null;
}

/** Years that a Date cannot hold are no error of the picture. */
function iso(ms: number): string {
  return new Date(Math.min(Math.max(ms, 0), 8.64e15)).toISOString();
}

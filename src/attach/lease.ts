import type { Host } from '../host/host.js';
import { parseIp } from './address.js';
import { leaseFile } from './paths.js';

/** Events of udhcpc (busybox, networking/udhcp/dhcpc.c), and `invalid`: an answer that the hook did not take. */
const EVENTS = ['bound', 'renew', 'deconfig', 'leasefail', 'nak', 'invalid'] as const;
type LeaseEvent = (typeof EVENTS)[number];

/** What the hook wrote down of a DHCP client: its last event, and the lease that is applied. */
export interface LeaseRecord {
  readonly event: LeaseEvent;
  /** Which start of the client wrote this. */
  readonly run: string;
  /** Unix time of the event, seconds. */
  readonly time: number;
  /** `null`: no lease is applied. */
  readonly lease: Lease | null;
}

/** What a DHCP server has given. */
export interface Lease {
  /** With prefix length. */
  readonly address: string;
  readonly router: string | null;
  /** All routes that came with it, the default route among them. */
  readonly routes: readonly LeaseRoute[];
  /** Option 26; `null`: that of the bridge. */
  readonly mtu: number | null;
  readonly dns: readonly string[];
  /** Search domains. */
  readonly search: readonly string[];
  readonly server: string | null;
  readonly seconds: number;
}

/** A route of a lease: option 121, 33 or 3. */
export interface LeaseRoute {
  /** With prefix length. */
  readonly destination: string;
  /** `0.0.0.0`: none, the destination is on the link. */
  readonly gateway: string;
}

const DOMAIN = /^(?![.-])[A-Za-z0-9._-]{1,253}$/;

/** Parse a lease record; `null` when it is none. It is written by root's own hook, and still not trusted blindly. */
export function parseLease(text: string): LeaseRecord | null {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0) values.set(line.slice(0, equals), line.slice(equals + 1).trim());
  }
  const event = EVENTS.find((name) => name === values.get('event'));
  const run = values.get('run');
  const time = Number(values.get('time'));
  if (event === undefined || !run || !Number.isSafeInteger(time)) return null;
  return { event, run, time, lease: leaseOf(values) };
}

/** Read the lease record of an endpoint; `null` when there is none. */
export async function readLease(host: Host, hostLink: string): Promise<LeaseRecord | null> {
  const text = await host.files.read(leaseFile(hostLink));
  return text === null ? null : parseLease(text);
}

/** The lease that this start of the client has got; `null` while it has none. */
export function leaseOfRun(record: LeaseRecord | null, run: string): Lease | null {
  if (record === null || record.run !== run) return null;
  // After any other event the address is at best one that an earlier start had: not confirmed by the server.
  return record.event === 'bound' || record.event === 'renew' ? record.lease : null;
}

/**
 * When the lease on record ends: Unix time, in seconds; `null`: never. It is at most as long as the lease too late, since
 * the time on record is that of the last event.
 */
export function endOfLease({ time, lease }: LeaseRecord): number | null {
  return lease === null || lease.seconds === 0 ? null : time + lease.seconds;
}

/** The lease that a server may still hold, whether it has confirmed it to this start of the client or not. */
export function heldLease(record: LeaseRecord | null, nowMs: number): Lease | null {
  if (record === null || record.lease === null) return null;
  const end = endOfLease(record);
  return end === null || end * 1000 > nowMs ? record.lease : null;
}

/** Why there is no lease yet, by the last event; `null`: nothing has gone wrong. */
export function whyWithoutLease(record: LeaseRecord | null): string | null {
  switch (record?.event) {
    case 'leasefail':
      return 'no DHCP server answers';
    case 'nak':
      return 'the DHCP server refused the address that was asked for';
    case 'invalid':
      return 'the DHCP server gave an address that cannot be used';
    default:
      return null;
  }
}

function leaseOf(values: ReadonlyMap<string, string>): Lease | null {
  const ip = ipv4(values.get('ip'));
  const prefix = values.get('prefix') ?? '';
  if (ip === null || !/^\d{1,2}$/.test(prefix) || Number(prefix) < 1 || Number(prefix) > 32) return null;
  const words = (key: string) => (values.get(key) ?? '').split(' ').filter((word) => word !== '');
  const mtu = Number(values.get('mtu') || 'none');
  const seconds = Number(values.get('lease') ?? '0');
  return {
    address: `${ip}/${Number(prefix)}`,
    router: ipv4(values.get('router')),
    routes: words('routes').flatMap((word) => routeOf(word) ?? []),
    mtu: Number.isSafeInteger(mtu) ? mtu : null,
    dns: words('dns').filter((server) => ipv4(server) !== null),
    search: words('search').filter((domain) => DOMAIN.test(domain)),
    server: ipv4(values.get('serverid')),
    seconds: Number.isSafeInteger(seconds) && seconds > 0 ? seconds : 0,
  };
}

function routeOf(word: string): LeaseRoute | null {
  const [destination = '', gateway = '', ...rest] = word.split(',');
  const [address, prefix = '', ...more] = destination.split('/');
  const isRoute = ipv4(address) !== null && /^\d{1,2}$/.test(prefix) && Number(prefix) <= 32;
  if (!isRoute || ipv4(gateway) === null || rest.length + more.length > 0) return null;
  return { destination, gateway };
}

function ipv4(text: string | undefined): string | null {
  const ip = parseIp(text ?? '');
  return ip?.kind() === 'ipv4' ? ip.toString() : null;
}

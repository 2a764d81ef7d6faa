import { EXIT, SetupError } from '../errors.js';
import type { Host } from '../host/host.js';
import { type Setting, settingLines, WRITE_SETTINGS } from '../host/settings.js';
import type { Endpoint } from '../model/endpoint.js';
import type { NetAddress } from './ip.js';
import { inNetns } from './ip.js';

/** How far apart the kernel asks for an IPv6 address (RFC 4862, 5.1), for as long as it does; three times. */
const DAD_INTERVAL_MS = 50;
const DAD_QUESTIONS = 3;
/** RetransTimer of RFC 4861 (10), the kernel's own value. */
const RETRANS_MS = 1000;

/**
 * Settings of a container's interface, to be written before it is up. Engines differ in what a new network namespace
 * has: Docker up to 25 turns IPv6 off there, later ones leave it on, and a router's advertisement gives an interface
 * that is up an address and a default route. So each is written, whatever is there.
 */
export function interfaceSettings(endpoint: Pick<Endpoint, 'interfaceName' | 'address' | 'ipv6'>): Setting[] {
  const { interfaceName, address } = endpoint;
  const v6 = (key: string, value: number): Setting => [`ipv6/conf/${interfaceName}/${key}`, String(value)];
  const takesRa = endpoint.ipv6 === 'slaac' ? 1 : 0;
  const isStatic = address.method === 'static' && address.family === 6;
  const ra = [v6('accept_ra', takesRa), v6('autoconf', takesRa)];
  const announce: Setting[] =
    // The kernel announces each IPv4 address when the MAC address is set (ip-sysctl, arp_notify).
    address.method === 'none' || isStatic ? [] : [[`ipv4/conf/${interfaceName}/arp_notify`, '1']];
  if (!isStatic && takesRa === 0) return [...announce, ...ra, v6('disable_ipv6', 1)];
  return [
    ...announce,
    ...ra,
    // By the MAC address (RFC 4291, appendix A), so that it is the same after each start.
    v6('addr_gen_mode', 0),
    ...(isStatic ? [v6('ndisc_notify', 1), ...dadSettings(interfaceName)] : []),
    v6('disable_ipv6', 0),
  ];
}

/** The kernel asks for an address before it uses it, at once and without the seconds of RFC 4862 in between. */
function dadSettings(link: string): Setting[] {
  return [
    [`ipv6/conf/${link}/accept_dad`, '1'],
    [`ipv6/conf/${link}/dad_transmits`, String(DAD_QUESTIONS)],
    [`ipv6/conf/${link}/router_solicitation_delay`, '0'],
    [`ipv6/neigh/${link}/retrans_time_ms`, String(DAD_INTERVAL_MS)],
  ];
}

/** What of `interfaceSettings` is over when the address is in use. */
export function settingsAfterDad(link: string): Setting[] {
  return [
    [`ipv6/conf/${link}/dad_transmits`, '1'],
    [`ipv6/conf/${link}/router_solicitation_delay`, '1'],
    [`ipv6/neigh/${link}/retrans_time_ms`, String(RETRANS_MS)],
  ];
}

/** What an endpoint takes of IPv6, in a word. */
export function ipv6Of({ address, ipv6 }: Pick<Endpoint, 'address' | 'ipv6'>): 'off' | 'static' | 'slaac' {
  if (ipv6 === 'slaac') return 'slaac';
  return address.method === 'static' && address.family === 6 ? 'static' : 'off';
}

/** Whether an interface has an address of a router's advertisement that nobody has asked for. */
export function hasUnaskedIpv6(endpoint: Pick<Endpoint, 'ipv6'>, addresses: readonly NetAddress[]): boolean {
  return (
    endpoint.ipv6 !== 'slaac' &&
    addresses.some(({ family, scope, dynamic }) => family === 6 && scope === 'global' && dynamic)
  );
}

/** Write settings in a network namespace. */
export async function writeSettings(host: Host, netns: string, settings: readonly Setting[]): Promise<void> {
  const { exitCode, stderr } = await host.run(inNetns(netns, ['sh', '-c', WRITE_SETTINGS, 'settings']), {
    input: `${settingLines(settings).join('\n')}\n`,
    check: false,
  });
  if (exitCode === 0) return;
  throw new SetupError('settings-failed', `settings of the interface cannot be written: ${stderr.trim()}`, {
    exitCode: EXIT.rolledBack,
    hint: 'Look at what the kernel log says: `dmesg`.',
  });
}

import { refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import { inNetns } from './ip.js';

/**
 * RFC 5227 (2.1.1) asks for three probes within some seconds; an attach is a matter of milliseconds. A host on a wired
 * LAN answers within one, a station on Wi-Fi often within some ten; one that sleeps may not be found.
 */
const PROBES = 3;
const PROBE_WAIT_MS = 20;
/** Who answers the last one within so long is heard, as on the short way. */
const LAST_WAIT_MS = 75;

/** Code of the refusal of an address that another host has. */
export const ADDRESS_CONFLICT = 'address-conflict';

/** Where a static address is going to be. */
export interface ProbeSite {
  readonly netns: string;
  /** Interface in the namespace; it is up, and has no IPv4 address yet. */
  readonly link: string;
  /** Its own MAC address: the container may have had this address a moment ago, by the same one. */
  readonly mac: string;
  readonly bridge: string;
}

/**
 * Refuse a static IPv4 address that another host on the LAN has (RFC 5227, 2.1). The kernel asks: for a link without an
 * address its request has the sender 0.0.0.0 (net/ipv4/arp.c, arp_solicit), which is the probe of the RFC, and it takes
 * only what is sent to the link's own MAC address for an answer. arping(8) of busybox would take a second each time.
 */
export async function refuseConflict(host: Host, address: string, site: ProbeSite): Promise<void> {
  const ip = address.split('/')[0] ?? address;
  for (let probe = 0; probe < PROBES; probe += 1) {
    await ipLines(host, site.netns, [`neighbour replace ${ip} dev ${site.link} nud none use`]);
    await host.clock.sleep(probe === PROBES - 1 ? LAST_WAIT_MS : PROBE_WAIT_MS);
    const { stdout } = await ipLines(host, site.netns, [
      `neighbour show to ${ip} dev ${site.link}`,
      // The next one is to be asked anew, and no request for it is to follow when the address is there.
      `neighbour delete ${ip} dev ${site.link}`,
    ]);
    const other = /\blladdr ([0-9a-f:]{17})\b/.exec(stdout)?.[1];
    if (other === undefined || other === site.mac) continue;
    throw addressConflict(ip, site.bridge, other);
  }
}

/** The kernel decides within a fraction of a second; an old one, without `retrans_time_ms` for it, takes up to two. */
const DAD_LIMIT_MS = 5000;
const DAD_POLL_MS = 20;

/**
 * Wait until the kernel has asked for a static IPv6 address (RFC 4862, 5.4), and refuse it where somebody has it. It is
 * taken off the interface then.
 */
export async function refuseDuplicate(host: Host, address: string, site: ProbeSite): Promise<void> {
  const ip = address.split('/')[0] ?? address;
  const deadline = host.clock.elapsed() + DAD_LIMIT_MS;
  let state = await dadState(host, ip, site);
  while (state === 'asking' && host.clock.elapsed() < deadline) {
    await host.clock.sleep(DAD_POLL_MS);
    state = await dadState(host, ip, site);
  }
  if (state !== 'failed') return;
  await ipLines(host, site.netns, [`address delete ${address} dev ${site.link}`]);
  throw addressConflict(ip, site.bridge, await holderOf(host, ip, site));
}

/** The link-local address that the question needs is itself asked for at first. */
const HOLDER_QUESTIONS = 15;

/** The MAC address of who has an IPv6 address; `null`: it does not say. */
async function holderOf(host: Host, ip: string, { netns, link }: ProbeSite): Promise<string | null> {
  for (let question = 0; question < HOLDER_QUESTIONS; question += 1) {
    await ipLines(host, netns, [`neighbour replace ${ip} dev ${link} nud none use`]);
    await host.clock.sleep(PROBE_WAIT_MS);
    const { stdout } = await ipLines(host, netns, [
      `neighbour show to ${ip} dev ${link}`,
      `neighbour delete ${ip} dev ${link}`,
    ]);
    const holder = /\blladdr ([0-9a-f:]{17})\b/.exec(stdout)?.[1];
    if (holder !== undefined) return holder;
  }
  return null;
}

async function dadState(
  host: Host,
  ip: string,
  { netns, link }: ProbeSite,
): Promise<'asking' | 'failed' | 'over'> {
  const show = ['ip', '-6', '-oneline', 'address', 'show', 'dev', link, 'to', `${ip}/128`];
  const { stdout } = await host.run(inNetns(netns, show), { check: false });
  if (/\bdadfailed\b/.test(stdout)) return 'failed';
  return /\btentative\b/.test(stdout) ? 'asking' : 'over';
}

/** The refusal of an address that another host has. */
export function addressConflict(ip: string, bridge: string, mac: string | null) {
  const whose = mac === null ? 'another host' : `the MAC address ${mac}`;
  return refusal(
    ADDRESS_CONFLICT,
    `${ip} is in use on ${bridge} already, by ${whose}`,
    [],
    'Give the container another address, or take this one away from the other host.',
  );
}

/** An `ip` that is too old for it proves nothing, and the address is used as if nobody had answered. */
function ipLines(host: Host, netns: string, lines: readonly string[]) {
  return host.run(inNetns(netns, ['ip', '-batch', '-']), { input: `${lines.join('\n')}\n`, check: false });
}

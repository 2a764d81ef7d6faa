import { refusal } from '../errors.js';
import type { ContainerInfo, Host } from '../host/host.js';
import type { Endpoint } from '../model/endpoint.js';
import { isOnLink } from './address.js';
import { type NetLink, readLinks } from './ip.js';
import { hostSideMac, parseAlias } from './names.js';

/** An endpoint that is to be made. */
export interface MacSite {
  readonly host: Host;
  readonly container: ContainerInfo;
  readonly endpoint: Endpoint;
  readonly hostLink: string;
  readonly mac: string;
  readonly onHost: readonly NetLink[];
}

/** The kernel takes a while to remove the network of a container that has ended. */
const GONE_WITHIN_MS = 3000;
const GONE_POLL_MS = 50;
/** As long as an address is listened for. */
const ANSWER_POLLS = 5;
const ANSWER_POLL_MS = 15;
const LLADDR = /\blladdr ([0-9a-f:]{17})\b/;

/**
 * Refuse a MAC address that is somebody else's: a link of this host's, a gateway's, another container's on this host,
 * or a station's on the LAN that has the very address that is wanted. Two with one MAC address take each other's frames,
 * and the probe for an IPv4 address cannot tell their answer from the own one.
 */
export async function refuseMac(site: MacSite): Promise<void> {
  refuseOfHost(site);
  await refuseOfContainer(site);
  if (site.endpoint.mac !== null) await refuseOfGateway(site);
  await refuseOfLan(site);
}

function refuseOfHost({ onHost, mac, hostLink }: MacSite): void {
  const link = onHost.find((one) => one.mac === mac && one.name !== hostLink);
  if (link === undefined) return;
  throw taken(mac, `that of ${link.name} of this host`, GIVE_ANOTHER);
}

/** The MAC address of a host side says which one its container has (`hostSideMac`). */
async function refuseOfContainer(site: MacSite): Promise<void> {
  const { host, mac, hostLink, endpoint } = site;
  const deadline = host.clock.elapsed() + GONE_WITHIN_MS;
  let links = site.onHost;
  for (;;) {
    const other = links.find((one) => one.mac === hostSideMac(mac) && one.name !== hostLink);
    const owner = parseAlias(other?.alias ?? null);
    if (other === undefined || owner === null) return;
    const holder = await host.docker.inspect(owner.container);
    if (holder?.running) {
      const cause =
        endpoint.mac === null
          ? 'It has had this name before: restart it, or give one of the two a MAC address in its rule.'
          : GIVE_ANOTHER;
      throw taken(mac, `that of ${owner.interfaceName} of container ${holder.name}`, cause);
    }
    // One that was removed, and whose network is about to go: its successor has the same name.
    if (host.clock.elapsed() >= deadline) return;
    await host.clock.sleep(GONE_POLL_MS);
    links = await readLinks(host, null);
  }
}

async function refuseOfGateway({ host, endpoint, mac }: MacSite): Promise<void> {
  const { stdout } = await host.run(['ip', '-4', 'route', 'show', 'default'], { check: false });
  const own = [...stdout.matchAll(/\bvia ([0-9.]+)/g)].map(([, via = '']) => via);
  const { address } = endpoint;
  const ofRule = address.method === 'static' && address.family === 4 ? address.gateway : null;
  for (const gateway of new Set([...own, ...(ofRule === null ? [] : [ofRule])])) {
    if ((await askFor(host, gateway, endpoint.bridge)) === mac) {
      throw taken(mac, `that of the gateway ${gateway}`, GIVE_ANOTHER);
    }
  }
}

/** An answer with this MAC address, while no link of this host has it, is another station's. */
async function refuseOfLan({ host, endpoint, mac }: MacSite): Promise<void> {
  const { address, bridge, vlan } = endpoint;
  if (address.method !== 'static' || address.family !== 4 || vlan !== undefined) return;
  const ip = address.address.split('/')[0] ?? '';
  const { stdout } = await host.run(['ip', '-4', '-oneline', 'address', 'show', 'dev', bridge], {
    check: false,
  });
  const own = [...stdout.matchAll(/\binet ([0-9.]+\/\d+)/g)].map(([, cidr = '']) => cidr);
  if (!own.some((cidr) => isOnLink(ip, cidr)) || own.some((cidr) => cidr.startsWith(`${ip}/`))) return;
  if ((await askFor(host, ip, bridge, 'anew')) !== mac) return;
  throw taken(
    mac,
    `also that of another station on the LAN, which has ${ip}`,
    'Another host has a container of this name, or a copy of this host\'s /etc/machine-id. Give the container a MAC address in its rule, or set "macs": "host" in /etc/bridge-setup/runtime.json on both hosts.',
  );
}

/** Who has an address, asked by the host; `null`: nobody answers, or it cannot be asked. */
async function askFor(host: Host, ip: string, bridge: string, how?: 'anew'): Promise<string | null> {
  const at = `${ip} dev ${bridge}`;
  const lines = async (...input: string[]) =>
    (await host.run(['ip', '-batch', '-'], { input: `${input.join('\n')}\n`, check: false })).stdout;
  const known = await lines(`neighbour show to ${at}`);
  const isPinned = known.includes('PERMANENT');
  if (isPinned || (how === undefined && LLADDR.test(known))) return LLADDR.exec(known)?.[1] ?? null;
  // Who is known already is not asked for (kernel, neigh_add with NTF_USE).
  if (known.trim() !== '') await lines(`neighbour delete ${at}`);
  await lines(`neighbour replace ${at} nud none use`);
  for (let poll = 0; poll < ANSWER_POLLS; poll += 1) {
    await host.clock.sleep(ANSWER_POLL_MS);
    const [, answer] = LLADDR.exec(await lines(`neighbour show to ${at}`)) ?? [];
    if (answer !== undefined) return answer;
  }
  return null;
}

const GIVE_ANOTHER = 'Give the container another MAC address, or none: then it gets one of its own.';

function taken(mac: string, whose: string, hint: string) {
  return refusal('mac-conflict', `the MAC address ${mac} is ${whose}`, [], hint);
}

import type { Host } from '../host/host.js';
import type { LiveRouteText, NetworkDetails } from '../model/network-details.js';
import { RESOLV_CONF } from '../model/paths.js';
import { collectZones } from './netfilter.js';

/** What network scripts, DHCP clients and a live change set of an uplink, by family (ip-sysctl.rst). */
const SETTINGS = {
  ipv4: ['rp_filter', 'arp_announce', 'arp_filter', 'arp_ignore', 'proxy_arp'],
  ipv6: [
    ...['accept_ra', 'accept_ra_defrtr', 'accept_ra_pinfo', 'accept_redirects', 'autoconf', 'use_tempaddr'],
    'addr_gen_mode',
  ],
} as const;

/** What the kernel says of a route, and nobody has configured. */
const STATE_WORDS =
  /^(linkdown|dead|offload|trap|notify|rt_offload|rt_trap|pervasive|onlink-failed|offload_failed)$/;

/** The live network beside its links, addresses and routes of the main table. */
export async function collectNetworkDetails(host: Host, uplink: string): Promise<NetworkDetails> {
  const shown = async (...words: string[]) =>
    (await host.run(['ip', ...words], { check: false })).stdout.split('\n').filter((line) => line !== '');
  const routes: LiveRouteText[] = [];
  const rules: string[] = [];
  for (const family of [4, 6] as const) {
    const lines = await shown('-oneline', `-${family}`, 'route', 'show', 'table', 'all');
    routes.push(...lines.flatMap((line) => parseRouteText(line, family)));
    rules.push(...(await shown(`-${family}`, 'rule', 'show')).map((line) => `-${family} ${words(line)}`));
  }
  const settings: Record<string, string> = {};
  for (const [family, names] of Object.entries(SETTINGS)) {
    for (const name of names) {
      const path = `${family}/conf/${uplink}/${name}`;
      const value = await host.files.read(`/proc/sys/net/${path}`);
      if (value !== null) settings[path] = value.trim();
    }
  }
  return { routes, rules, settings, ...(await collectZones(host)), ...(await collectResolvConf(host)) };
}

/** A link leads to the file of a program that has its own mind about it. */
async function collectResolvConf({ files }: Host): Promise<Pick<NetworkDetails, 'resolvConf'>> {
  const text = await files.read(RESOLV_CONF);
  const path = await files.realpath(RESOLV_CONF).catch(() => null);
  return text === null || path !== RESOLV_CONF ? {} : { resolvConf: text };
}

const words = (line: string) => line.trim().split(/\s+/).join(' ');

/** A line of `ip -oneline route show table all`. The table `local`, and what is of it, follows the addresses. */
export function parseRouteText(line: string, family: 4 | 6): LiveRouteText[] {
  const all = line.replaceAll('\\', ' ').trim().split(/\s+/);
  if (all.includes('local') || /^(broadcast|anycast|multicast|ff00::\/8)$/.test(all[0] ?? '')) return [];
  // Each link has it.
  if (all[0] === 'fe80::/64' && all.includes('kernel')) return [];
  const links = all.filter((_, index) => all[index - 1] === 'dev');
  const at = all.indexOf('expires');
  const kept = all.filter(
    (word, index) => !STATE_WORDS.test(word) && !(at >= 0 && (index === at || index === at + 1)),
  );
  return [
    { family, link: links.length === 1 ? (links[0] ?? '') : '', text: kept.join(' '), expires: at >= 0 },
  ];
}

import type { DhcpClientName, HostFacts } from '../../model/facts.js';
import { isDhcpv6 } from '../../model/links.js';
import type { ConfiguredDns } from '../../model/live.js';
import type { BridgeSpec } from '../../model/spec.js';
import { leasingClient } from '../live-clients.js';
import { configOf, type NetworkScripts, setting } from './files.js';
import { wantedNetwork } from './live.js';
import { managerOf } from './network-manager.js';
import { isFalse, isTrue } from './settings.js';

/**
 * The client that leases the bridge's IPv4 address: the one that runs on the uplink, since the server knows the host by
 * it, else the one of ifup-eth. `null`: the address is not leased, or NetworkManager does it itself.
 */
export function clientOfScripts(
  facts: HostFacts,
  spec: BridgeSpec,
  after: NetworkScripts,
): DhcpClientName | null {
  if (!wantedNetwork(after, spec, facts).dhcp || managerOf(facts, spec.uplink) !== null) return null;
  const other = facts.dhcpClients.installed.includes('dhclient') ? 'dhclient' : null;
  return leasingClient(facts, spec)?.name ?? other;
}

/**
 * What ifup-post writes into resolv.conf for a link, over the name servers of its lease; `null`: nothing. Those that are
 * there twice count once.
 */
export function configuredDns(scripts: NetworkScripts, link: string): ConfiguredDns | null {
  const config = configOf(scripts, link);
  if (config === null) return null;
  const value = (name: string) => setting(scripts, config, name);
  if (isFalse(value('PEERDNS')) && !isTrue(value('RESOLV_MODS'))) return null;
  const named = [value('MS_DNS1') || value('DNS1'), value('MS_DNS2') || value('DNS2'), value('DNS3')];
  const servers = [...new Set(named.filter((server) => server !== ''))];
  const domain = value('DOMAIN');
  return servers.length === 0 && domain === '' ? null : { servers, domain };
}

/** As ifup-eth starts it, so that ifdown finds it by its PID file, and the next ifup its lease. */
export function clientCommand(
  client: DhcpClientName,
  link: string,
  { dhcpClients }: HostFacts,
  { uplink, bridge }: BridgeSpec,
): string[] {
  if (client !== 'dhclient') return [client, ...(client === 'udhcpc' ? ['-i'] : []), link];
  const running = dhcpClients.running.find(
    (each) => each.name === client && [uplink, bridge.name].includes(each.link ?? '') && !isDhcpv6(each),
  );
  const argv = running?.argv ?? [];
  if (running?.link === link && argv.length > 0) return [...argv];
  // -1 gives up after one try: good for a boot, not for a host that has its address.
  const options = argv.slice(1, -1).filter((word, index) => {
    const before = argv[index] ?? '';
    return !['-1', '-q', '-lf', '-pf', '-cf'].includes(word) && !['-lf', '-pf', '-cf'].includes(before);
  });
  const config = argv[argv.indexOf('-cf') + 1];
  const own =
    argv.includes('-cf') && config !== undefined
      ? ['-cf', config.replace(`-${running?.link}.`, `-${link}.`)]
      : [];
  return [
    argv[0] ?? '/sbin/dhclient',
    ...options,
    '-q',
    ...own,
    '-lf',
    `/var/lib/dhclient/dhclient-${link}.leases`,
    '-pf',
    `/var/run/dhclient-${link}.pid`,
    link,
  ];
}

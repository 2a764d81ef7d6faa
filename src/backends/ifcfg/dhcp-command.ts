import type { DhcpClientName, HostFacts } from '../../model/facts.js';
import { isDhcpv6 } from '../../model/links.js';
import type { BridgeSpec } from '../../model/spec.js';
import { leasingClient } from '../live-clients.js';
import type { NetworkScripts } from './files.js';
import { wantedNetwork } from './live.js';
import { managerOf } from './network-manager.js';

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

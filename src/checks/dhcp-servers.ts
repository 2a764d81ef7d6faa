import type { DoctorCheck } from './doctor-check.js';
import { warning } from './found.js';

/** One DHCP server gives out the addresses of the LAN. */
export const dhcpServers: DoctorCheck = {
  id: 'dhcp-servers',
  title: 'The LAN has one DHCP server',
  group: 'lan',
  needs: 'offers',
  on: 'set-up',
  looksAt:
    'Which servers answer a DHCPDISCOVER, sent from a link and a network namespace of its own; no offer is taken. And which servers the leases of containers are from.',
  cause:
    'Somebody has plugged in a second router, or a virtual machine or a container is one: whichever is faster gives the lease, and with it the gateway.',
  run({ doctor: { dhcpOffers, topology } }) {
    const offers = dhcpOffers ?? [];
    const leased = Object.values(topology.leases).flatMap(({ lease }) => lease?.server ?? []);
    const servers = [...new Set([...offers.map(({ server }) => server), ...leased])].toSorted();
    if (servers.length < 2) return [];
    const routers = new Set(offers.flatMap(({ router }) => router ?? []));
    const routes = offers.map(({ server, router }) => `${server} names the gateway ${router ?? 'none'}`);
    return [
      warning(
        'two-dhcp-servers',
        `The LAN has ${servers.length} DHCP servers: ${servers.join(', ')}.${routers.size > 1 ? ` ${routes.join(', ')}.` : ''}`,
        `Find the one that does not belong here by its MAC address (\`ip neighbour show ${servers.at(-1)}\`), and switch its DHCP off. Two that share one range on purpose (failover) are fine.`,
      ),
    ];
  },
};

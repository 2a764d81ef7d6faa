import { isDhcpv6 } from '../model/links.js';
import type { DoctorCheck } from './doctor-check.js';
import { error } from './found.js';

/** One DHCP client leases the host's address, and does so on the bridge. */
export const dhcpClients: DoctorCheck = {
  id: 'dhcp-clients',
  title: 'One DHCP client, on the bridge',
  group: 'dhcp',
  needs: 'clients',
  on: 'set-up',
  looksAt: 'The DHCP clients that run in the network of the host, and their links.',
  cause:
    'A client was left running when the NIC became a port, was started by hand, or belongs to another manager.',
  run({ facts, doctor: { bridge, port } }) {
    const running = facts.dhcpClients.running;
    const own = running.filter((client) => client.link === bridge && !isDhcpv6(client));
    const left = port === null ? [] : running.filter(({ link }) => link === port);
    return [
      ...left.map(({ name, pid }) =>
        error(
          'client-on-port',
          `${name} (PID ${pid}) leases an address for ${port}, which is a port of ${bridge}.`,
          `End it: \`kill -9 ${pid}\`, which keeps it from releasing the lease; then look at the addresses of ${port}.`,
        ),
      ),
      ...(own.length < 2
        ? []
        : [
            error(
              'two-clients',
              `${own.length} DHCP clients lease addresses for ${bridge}: ${own.map(({ name, pid }) => `${name} (PID ${pid})`).join(', ')}.`,
              'End all but the one of the network configuration, with `kill -9`, so that no lease is released.',
            ),
          ]),
    ];
  },
};

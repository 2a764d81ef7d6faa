import { isDhcpv6 } from '../model/links.js';
import type { DoctorCheck } from './doctor-check.js';
import { error, toldByFiles } from './found.js';

/** The host's lease is renewed by somebody. */
export const dhcpNoClient: DoctorCheck = {
  id: 'dhcp-no-client',
  title: 'A DHCP client renews the lease of the host',
  group: 'dhcp',
  needs: 'clients',
  on: 'set-up',
  looksAt:
    'Whether the address of the bridge is a leased one, and whether a client runs, or is installed at all.',
  cause:
    'The client has crashed, was ended, or its package was removed; the address goes when the lease ends.',
  run(context) {
    const { facts, doctor } = context;
    const { running, installed } = facts.dhcpClients;
    const told = toldByFiles(context, 'dhcp-no-client');
    // One without a link looks after all of them; other managers have a client of their own.
    const isServed =
      running.some(
        (client) => (client.link === doctor.bridge || client.link === null) && !isDhcpv6(client),
      ) ||
      facts.managers.some(
        ({ name, active, links }) =>
          active && links.includes(doctor.bridge) && /^(NetworkManager|systemd-networkd|netplan)$/.test(name),
      );
    if (isServed || (doctor.lease === null && told.length === 0)) return [];
    if (installed.length === 0) {
      return [
        error(
          'no-client-installed',
          `The address of ${doctor.bridge} is leased, and no DHCP client is installed.`,
          'Install one, e.g. `apt-get install isc-dhcp-client`, and bring the bridge up anew.',
        ),
      ];
    }
    return told.length > 0
      ? told
      : [
          error(
            'no-client-on-bridge',
            `No DHCP client runs on ${doctor.bridge}, yet its address ${doctor.lease?.address} is leased.`,
            doctor.existing
              ? `Bring ${doctor.bridge} up again where it is configured.`
              : `Run \`ifdown ${doctor.bridge} && ifup ${doctor.bridge}\`, in one shell.`,
          ),
        ];
  },
};

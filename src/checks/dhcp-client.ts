import { containerDhcpClient, wouldSupplant } from '../model/dhcp-client.js';
import { isDhcpv6 } from '../model/links.js';
import type { Check } from './check.js';

/** Installing a DHCP client for containers does not change the one that leases the host's own address. */
export const dhcpClient: Check = {
  id: 'dhcp-client-of-host',
  title: "The DHCP client for containers does not take the host's place",
  group: 'dhcp',
  on: 'not-set-up',
  looksAt:
    "Whether the DHCP client that is installed for containers would become the host's own at the next boot.",
  cause: 'ifupdown takes the first client of its list that is installed.',
  run({ facts: { dhcpClients, distro }, answers }) {
    const wanted = containerDhcpClient(answers, distro);
    const own = dhcpClients.running.find((each) => !isDhcpv6(each));
    // udhcpc need not be installed: that of busybox serves.
    if (own === undefined || wanted === 'udhcpc' || !wouldSupplant(wanted, dhcpClients.installed)) return [];
    return [
      {
        check: 'dhcp-client-of-host',
        severity: 'error',
        path: 'dhcpClient',
        message: `${own.name} leases this host's address. With ${wanted} installed, ifupdown would take that from the next boot on, with another identifier, and so perhaps get another address.`,
        remedy: `Set dhcpClient to "auto" or "${own.name}".`,
      },
    ];
  },
};

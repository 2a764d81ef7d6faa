import type { Answers } from './answers.js';
import type { DhcpClientName, HostFacts } from './facts.js';

/** The order in which ifupdown's `inet dhcp` looks for a client (ifupdown 0.8.41, inet.defn). */
export const DHCP_CLIENT_ORDER: readonly DhcpClientName[] = ['dhclient', 'udhcpc', 'dhcpcd'];

/**
 * Whether this client, once installed, is the one that ifupdown takes for the host from the next boot on, instead of
 * one that it takes now. It has another identifier, so the host may get another address.
 */
export function wouldSupplant(client: DhcpClientName, installed: readonly DhcpClientName[]): boolean {
  if (installed.length === 0 || installed.includes(client)) return false;
  const rank = (name: DhcpClientName) => DHCP_CLIENT_ORDER.indexOf(name);
  return installed.every((name) => rank(client) < rank(name));
}

/** Packages of Debian by the client that they bring. Not `dhcpcd`, whose service configures every link of the host. */
export const DHCP_CLIENT_PACKAGE: Readonly<Record<DhcpClientName, string>> = {
  dhclient: 'isc-dhcp-client',
  dhcpcd: 'dhcpcd-base',
  udhcpc: 'udhcpc',
};

/**
 * The DHCP client for containers; "auto" is udhcpc, the smallest, which busybox brings along, too. RHEL has neither, and
 * its network scripts know no client but dhclient.
 */
export function containerDhcpClient(
  { dhcpClient }: Pick<Answers, 'dhcpClient'>,
  { family }: Pick<HostFacts['distro'], 'family'>,
): DhcpClientName {
  if (dhcpClient !== 'auto') return dhcpClient;
  return family === 'rhel' ? 'dhclient' : 'udhcpc';
}

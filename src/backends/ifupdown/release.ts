import type { DhcpClientName, HostFacts, Link } from '../../model/facts.js';
import type { Step } from '../../model/plan.js';
import { defaultGateway } from './live.js';

/** The order in which `inet dhcp` looks for a client (ifupdown 0.8.41, inet.defn). */
const CLIENTS: readonly DhcpClientName[] = ['dhclient', 'udhcpc', 'dhcpcd'];

/** The DHCP client that ifup starts and ifdown stops on this host. */
export function clientOfIfupdown(facts: HostFacts): DhcpClientName | null {
  return CLIENTS.find((name) => facts.dhcpClients.installed.includes(name)) ?? null;
}

/** Where ifupdown has dhclient keep the leases of a link, and in them the identifier the server knows it by. */
export function leaseFile(link: string): string {
  return `/var/lib/dhcp/dhclient.${link}.leases`;
}

/** A step that runs a command. Its time covers the undo, and that may have to wait for a lease. */
export function run(
  id: string,
  title: string,
  argv: readonly string[],
  undo: readonly string[] | null,
): Step {
  return { id, title, kind: 'run', argv, undo, timeoutSeconds: 90 };
}

/**
 * Stop the DHCP clients of a link that `ifdown` would leave running, since its stanzas are about others or none.
 * @param known the clients that ifdown stops by itself
 */
export function stopClients(facts: HostFacts, link: Link, known: readonly DhcpClientName[]): Step[] {
  const leased = link.addresses.some(({ family, dynamic }) => family === 4 && dynamic);
  return facts.dhcpClients.running
    .filter((client) => client.link === link.name && !known.includes(client.name))
    .map(({ name, pid }) =>
      run(
        `stop-${name}-${pid}`,
        `Stop ${name}, which runs on ${link.name} (process ${pid})`,
        ['kill', String(pid)],
        // Without a lease it is one for IPv6; started anew for IPv4 it would bring an address that was not there.
        name === 'dhclient' && !leased ? null : startClient(name, link.name),
      ),
    );
}

/** As ifup starts it (inet.defn). */
function startClient(name: DhcpClientName, link: string): string[] {
  switch (name) {
    case 'dhclient':
      return ['dhclient', '-4', '-i', '-pf', `/run/dhclient.${link}.pid`, '-lf', leaseFile(link), link];
    case 'udhcpc':
      return ['udhcpc', '-n', '-p', `/run/udhcpc.${link}.pid`, '-i', link];
    case 'dhcpcd':
      return ['dhcpcd', link];
  }
}

/**
 * Take the addresses off a link that the files do not describe (any more), each step with its exact inverse:
 * there is no stanza that ifup could restore them from.
 */
export function dropAddresses(facts: HostFacts, link: Link): Step[] {
  const { name } = link;
  const gateway = defaultGateway(facts, name);
  const route = ['ip', '-4', 'route', 'replace', 'default', 'via', gateway ?? '', 'dev', name];
  const flush = ['ip', '-4', 'route', 'flush', 'exact', 'default', 'dev', name];
  const routes =
    gateway === null ? [] : [run(`drop-route-${name}`, `Drop the default route of ${name}`, flush, route)];
  const addresses = link.addresses
    .filter(({ scope, dynamic }) => scope === 'global' && !dynamic)
    .map(({ address, prefix }) => {
      const change = (verb: string) => ['ip', 'addr', verb, `${address}/${prefix}`, 'dev', name];
      return run(`drop-${address}`, `Take ${address}/${prefix} off ${name}`, change('del'), change('add'));
    });
  return [...routes, ...addresses];
}

/**
 * bridge-utils turns off the IPv6 address of its ports (`addrgenmode none`) and nothing turns it on again, so that
 * after a rollback the NIC would have none. Only where the address shows which mode it was.
 */
export function linkLocalOff({ name, mac, addresses }: Link): Step[] {
  const own = mac === null ? null : eui64LinkLocal(mac);
  if (!addresses.some(({ address }) => address === own)) return [];
  const mode = (value: string) => ['ip', 'link', 'set', 'dev', name, 'addrgenmode', value];
  return [run(`link-local-${name}`, `Give ${name} no IPv6 address of its own`, mode('none'), mode('eui64'))];
}

/** The link-local address that the kernel makes of a MAC address (RFC 4291, appendix A; written as RFC 5952 says). */
export function eui64LinkLocal(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  // A first group of zero is part of the run that "::" stands for.
  return `fe80::${(groups[0] === 0 ? groups.slice(1) : groups).map((group) => group.toString(16)).join(':')}`;
}

import type { DhcpClientName, DhcpClients, HostFacts } from '../model/facts.js';
import { isDhcpv6, linkNamed } from '../model/links.js';
import type { ConfiguredDns, Unleased } from '../model/live.js';
import { UDHCPC_HANDOVER } from '../model/paths.js';
import type { Step } from '../model/plan.js';
import type { BridgeSpec } from '../model/spec.js';
import { defaultRouteWords } from './default-route.js';
import type { LiveChange } from './live-change.js';
import { step } from './step.js';

/** How a client is started. */
export interface ClientCommand {
  readonly argv: readonly string[];
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written into resolv.conf after it has started. */
  readonly dns?: ConfiguredDns;
}

/** The client that leases the host's IPv4 address, on the uplink or on the bridge: the server knows the host by it. */
export function leasingClient(
  { dhcpClients }: Pick<HostFacts, 'dhcpClients'>,
  { uplink, bridge }: BridgeSpec,
): DhcpClients['running'][number] | undefined {
  return dhcpClients.running.find(
    (each) => (each.link === uplink || each.link === bridge.name) && !isDhcpv6(each),
  );
}

/** The clients that work on the bridge from now on, by a lease for IPv4 or as they did on the uplink. */
export function clientsOfBridge(
  { dhcpClients }: Pick<HostFacts, 'dhcpClients'>,
  { uplink, bridge }: BridgeSpec,
  client: DhcpClientName | null,
): DhcpClientName[] {
  const v6 = dhcpClients.running.filter(
    (each) => (each.link === uplink || each.link === bridge.name) && isDhcpv6(each),
  );
  return [...(client === null ? [] : [client]), ...v6.map(({ name }) => name)];
}

/** The clients of the uplink: its lease is the bridge's from here on. And those of a bridge that leases no more. */
export function stopClients({ facts, spec: { uplink, bridge }, client, command }: LiveChange): Step[] {
  // IPv6 first, so that the way back, which starts them in reverse, has it last, as ifup does.
  const order = facts.dhcpClients.running.toSorted((a, b) => Number(isDhcpv6(b)) - Number(isDhcpv6(a)));
  return order.flatMap((running) => {
    const { name, link } = running;
    const leasesNoMore = link === bridge.name && client === null && !isDhcpv6(running);
    if (link === null || (link !== uplink && !leasesNoMore)) return [];
    const own = startedBy(running, command(name, link));
    // Its lease is where the bridge's client keeps it.
    const takesOver = link === uplink && client === name && !isDhcpv6(running);
    return [
      step(`stop-${name}${suffix(running)}-${link}`, `End ${name} on ${link}; its lease stays`, {
        kind: 'stop-dhcp-client',
        client: name,
        link,
        ...own,
        heir: bridge.name,
        heirArgv: takesOver ? command(name, bridge.name).argv : renamed(own.argv, link, bridge.name),
      }),
    ];
  });
}

/**
 * The client that the bridge's address is leased by, and those of IPv6 that were on the uplink. In the order of ifup:
 * each writes its name servers over those of the other.
 */
export function startClients({ facts, spec, client, command }: LiveChange): Step[] {
  const { uplink, bridge } = spec;
  const { running } = facts.dhcpClients;
  const unleased = unleasedNetwork(facts, spec);
  const start = (
    name: DhcpClientName,
    own: ClientCommand,
    leaseArgv: readonly string[],
    before: Unleased | null = null,
  ) =>
    step(`start-${name}${suffix(own)}`, `Start ${name} on ${bridge.name}, with its lease`, {
      kind: 'start-dhcp-client',
      client: name,
      link: bridge.name,
      ...own,
      leaseOf: uplink,
      leaseArgv,
      ...(before === null ? {} : { unleased: before }),
    });
  // One for IPv6 moves as it is; which one IPv4 has, if any, the files say.
  const v6 = running
    .filter((each) => each.link === uplink && isDhcpv6(each))
    .map(({ name, argv = [] }) =>
      start(name, { ...command(name, bridge.name), argv: renamed(argv, uplink, bridge.name) }, argv),
    );
  const runs = running.some((each) => each.name === client && each.link === bridge.name && !isDhcpv6(each));
  if (client === null || runs) return v6;
  return [start(client, command(client, bridge.name), command(client, uplink).argv, unleased), ...v6];
}

/** Whether an address is leased from now on that was not before. */
export function isFirstLease(facts: HostFacts, spec: BridgeSpec): boolean {
  const links = [spec.uplink, spec.bridge.name].map((name) => linkNamed(facts, name));
  const isLeased = links.some((link) =>
    link?.addresses.some(({ family, dynamic }) => family === 4 && dynamic),
  );
  return spec.address.method === 'dhcp' && !isLeased && leasingClient(facts, spec) === undefined;
}

/** What the links have by themselves, where the address is to be leased from now on; `null` where it was before. */
function unleasedNetwork(facts: HostFacts, spec: BridgeSpec): Unleased | null {
  const names = [spec.uplink, spec.bridge.name];
  const addresses = names
    .flatMap((name) => linkNamed(facts, name)?.addresses ?? [])
    .filter(({ family, scope }) => family === 4 && scope === 'global');
  if (!isFirstLease(facts, spec)) return null;
  const routes = facts.routes.filter(
    ({ family, destination, link }) => family === 4 && destination === 'default' && names.includes(link),
  );
  return {
    addresses: addresses.map(({ address, prefix }) => `${address}/${prefix}`),
    routes: routes.map((route) => defaultRouteWords(route).join(' ')),
  };
}

const suffix = (client: Parameters<typeof isDhcpv6>[0]) => (isDhcpv6(client) ? '-6' : '');

/**
 * How a client was started: by its command line, else as its manager would. dhcpcd shows a title in the place of its
 * command line; that of a udhcpc which was handed its address has a script of this program.
 */
function startedBy(running: DhcpClients['running'][number], managers: ClientCommand): ClientCommand {
  const { name, argv = [] } = running;
  const isHandedOver = argv.some((word) => word.startsWith(UDHCPC_HANDOVER));
  if (name === 'dhcpcd' || isHandedOver || argv.length === 0) return managers;
  return { ...managers, argv };
}

/** The same command for another link: its name, and the names of the files that hold it. */
function renamed(argv: readonly string[], from: string, to: string): string[] {
  return argv.map((word) => {
    if (word === from) return to;
    if (!word.startsWith('/')) return word;
    // RHEL names a lease by the UUID of an ifcfg file too, and the bridge's file has another one; but it looks for
    // this name first (`generate_lease_file_name`).
    const lease = /^(.*\/dhclient6?)-.*\.lease$/.exec(word)?.[1];
    if (lease !== undefined && word.endsWith(`-${from}.lease`)) return `${lease}-${to}.leases`;
    // Debian has dhclient.eth0.pid, and RHEL dhclient-eth0.pid.
    return word.replaceAll(`.${from}.`, `.${to}.`).replaceAll(`-${from}.`, `-${to}.`);
  });
}

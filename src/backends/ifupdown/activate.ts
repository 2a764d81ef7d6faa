import { refusal } from '../../errors.js';
import { DHCP_CLIENT_ORDER } from '../../model/dhcp-client.js';
import type { DhcpClientName, HostFacts } from '../../model/facts.js';
import { isDhcpv6, linkNamed } from '../../model/links.js';
import type { Step } from '../../model/plan.js';
import { probesOf } from '../../model/probe.js';
import type { BridgeSpec } from '../../model/spec.js';
import { liveChange } from '../live-change.js';
import { staticAddress } from './address.js';
import { forwardDelay, maxWait } from './bridge.js';
import { type Conversion, isConverted } from './convert.js';
import { aliasesOf, type Interfaces, isAutomatic, stanzasOf } from './files.js';
import { globalIpv4, isInEffect, type Wanted, wantedNetwork } from './live.js';

/**
 * The steps that put the files into effect: the new files, the live change, and ifupdown's own record of it, so that
 * `ifdown`, `ifup` and a reboot go on from there. None when files and network are as wanted.
 */
export function activation(conversion: Conversion, spec: BridgeSpec, facts: HostFacts): Step[] {
  const { before, after } = conversion;
  const wanted = wantedNetwork(after, spec, facts);
  const writes = writeSteps(conversion, facts);
  if (isInEffect(facts, spec, wanted)) return writes;
  if (!isConverted(before, spec)) refuseForeignBridge(spec, facts);
  const client = wanted.dhcp ? clientOfIfupdown(facts, spec) : null;
  return [
    ...writes,
    ...liveChange({
      facts,
      spec,
      address: wanted.address,
      gateway: wanted.gateway,
      retired: retired(before, spec, facts, wanted),
      forwardDelay: forwardDelay(spec),
      maxWait: maxWait(spec),
      client: client === null ? null : { name: client, argv: (link) => clientCommand(client, link) },
    }),
    books(conversion, spec, facts),
    expectation(spec, facts, wanted),
  ];
}

function writeSteps({ changed }: Conversion, facts: HostFacts): Step[] {
  return Object.entries(changed).map(([path, content]) => ({
    id: `write-${path}`,
    title: `Write ${path}`,
    kind: 'write-file',
    path,
    content,
    mode: facts.files[path]?.mode ?? 0o644,
    before: facts.files[path]?.content ?? null,
  }));
}

/** A bridge that the files do not know: who else uses it, nobody knows. */
function refuseForeignBridge({ bridge, uplink }: BridgeSpec, facts: HostFacts): void {
  const link = linkNamed(facts, bridge.name);
  if (link === null) return;
  const isUsed = link.addresses.some(({ scope }) => scope === 'global');
  if (link.kind !== 'bridge' || isUsed || facts.links.some(({ master }) => master === bridge.name)) {
    throw refusal(
      'bridge-name-taken',
      `${bridge.name} exists and is in use, yet /etc/network/interfaces does not know it with ${uplink} as its port.`,
      [{ path: 'bridge.name', message: 'the name is in use' }],
      'Choose another name for the bridge, or remove the one that exists.',
    );
  }
}

/** The client that runs on the uplink, since the server knows the host by it; else the one that ifup would start. */
function clientOfIfupdown({ dhcpClients }: HostFacts, { uplink, bridge }: BridgeSpec): DhcpClientName | null {
  const running = dhcpClients.running.find(
    (each) => (each.link === uplink || each.link === bridge.name) && !isDhcpv6(each),
  );
  return running?.name ?? DHCP_CLIENT_ORDER.find((name) => dhcpClients.installed.includes(name)) ?? null;
}

/** As ifup starts it (inet.defn), so that ifdown finds it again. */
function clientCommand(client: DhcpClientName, link: string): string[] {
  switch (client) {
    case 'dhclient': {
      const files = ['-pf', `/run/dhclient.${link}.pid`, '-lf', `/var/lib/dhcp/dhclient.${link}.leases`];
      return [
        'dhclient',
        '-4',
        '-v',
        '-i',
        ...files,
        '-I',
        '-df',
        `/var/lib/dhcp/dhclient6.${link}.leases`,
        link,
      ];
    }
    case 'udhcpc':
      return ['udhcpc', '-n', '-p', `/run/udhcpc.${link}.pid`, '-i', link];
    case 'dhcpcd':
      return ['dhcpcd', link];
  }
}

/** Addresses that are not wanted any more: leased ones without a lease, and the one that the files had before. */
function retired(before: Interfaces, spec: BridgeSpec, facts: HostFacts, wanted: Wanted): string[] {
  const names = [spec.uplink, spec.bridge.name];
  const live = names
    .flatMap((name) => linkNamed(facts, name)?.addresses ?? [])
    .filter(({ family, scope }) => family === 4 && scope === 'global');
  const leases = facts.dhcpClients.running.some(({ link }) => names.includes(link ?? ''));
  const noted = names
    .flatMap((name) => stanzasOf(before, name))
    .filter(({ family, method }) => family === 'inet' && method === 'static')
    .map(staticAddress);
  return live.flatMap(({ address, prefix, dynamic }, index) => {
    const text = `${address}/${prefix}`;
    if (text === wanted.address) return [];
    // udhcpc's script sets no lifetime: its address is the first one.
    const leased = dynamic || (leases && index === 0 && !noted.includes(text));
    // The addresses of further stanzas stay.
    const replaced = noted[0] === text && (wanted.dhcp || wanted.address !== null);
    return (leased && !wanted.dhcp && wanted.address !== null) || replaced ? [text] : [];
  });
}

/** What ifup would have noted. */
function books({ before, after }: Conversion, { uplink, bridge }: BridgeSpec, facts: HostFacts): Step {
  const aliases = aliasesInUse(after, bridge.name, [bridge.name, uplink], facts);
  const oldAliases = aliasesInUse(before, uplink, [uplink], facts);
  const port = isAutomatic(after, uplink) ? [uplink] : [];
  return {
    id: 'mark-interfaces',
    title: `Tell ifupdown that ${bridge.name} is up`,
    kind: 'mark-interfaces',
    up: [...port, bridge.name, ...aliases],
    down: [...(port.length > 0 ? [] : [uplink]), ...oldAliases],
  };
}

/**
 * Aliases of an interface that boot brings up, or whose address is there now.
 * @param on the links on which to look for it
 */
function aliasesInUse(
  interfaces: Interfaces,
  name: string,
  on: readonly string[],
  facts: HostFacts,
): string[] {
  const live = on.flatMap((link) => globalIpv4(linkNamed(facts, link)));
  const isLive = (alias: string) =>
    stanzasOf(interfaces, alias).some((stanza) => live.includes(staticAddress(stanza) ?? ''));
  return aliasesOf(interfaces, name).filter((alias) => isAutomatic(interfaces, alias) || isLive(alias));
}

function expectation(spec: BridgeSpec, facts: HostFacts, { address, gateway, dhcp }: Wanted): Step {
  const { name, mac } = spec.bridge;
  return {
    id: 'expect-network',
    title: `Wait until the host is on the LAN through ${name}`,
    kind: 'expect-network',
    bridge: name,
    port: spec.uplink,
    mac,
    address: dhcp ? leasedAddress(spec, facts) : address,
    gateway,
    probes: probesOf(facts, { gateway, moved: isMoved(spec, facts, address) }),
    timeoutSeconds: 30 + maxWait(spec) + (dhcp ? 15 : 0),
  };
}

/** Whether the host gets a static address that it has not. */
function isMoved({ uplink, bridge }: BridgeSpec, facts: HostFacts, address: string | null): boolean {
  const live = [uplink, bridge.name].flatMap((name) => globalIpv4(linkNamed(facts, name)));
  return address !== null && !live.includes(address);
}

/** A host that has a lease keeps its address: whoever works on it came through that address. */
function leasedAddress({ uplink, bridge }: BridgeSpec, facts: HostFacts): string | null {
  const link = [uplink, bridge.name].find((name) =>
    facts.dhcpClients.running.some((each) => each.link === name && !isDhcpv6(each)),
  );
  return link === undefined ? null : (globalIpv4(linkNamed(facts, link))[0] ?? null);
}

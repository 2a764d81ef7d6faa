import { refusal } from '../errors.js';
import type { HostFacts, Link, OtherDefaultRoute } from '../model/facts.js';
import { defaultRoute, isDhcpv6, linkNamed } from '../model/links.js';
import type { Step } from '../model/plan.js';
import { probesOf } from '../model/probe.js';
import type { BridgeSpec } from '../model/spec.js';
import { maxWait } from './forward-delay.js';
import { isFirstLease } from './live-clients.js';
import { step } from './step.js';
import { globalIpv4, type Wanted } from './wanted.js';

/**
 * The steps that change configuration files. New ones come first and those that go come last, so that each setting
 * stands somewhere all the while.
 * @param changed new content by path; `null`: the file goes
 * @param like a file whose mode a new one gets
 */
export function fileSteps(
  changed: Readonly<Record<string, string | null>>,
  { files }: Pick<HostFacts, 'files'>,
  like: Readonly<Record<string, string>> = {},
): Step[] {
  const entries = Object.entries(changed);
  const writes = entries.flatMap(([path, content]) => {
    if (content === null) return [];
    const mode = (files[path] ?? files[like[path] ?? ''])?.mode ?? 0o644;
    const before = files[path]?.content ?? null;
    return [step(`write-${path}`, `Write ${path}`, { kind: 'write-file', path, content, mode, before })];
  });
  const removals = entries.flatMap(([path, content]) => {
    const before = files[path]?.content;
    if (content !== null || before === undefined) return [];
    return [step(`remove-${path}`, `Remove ${path}`, { kind: 'remove-file', path, before })];
  });
  return [...writes, ...removals];
}

/**
 * A bridge that the files do not know: who else uses it, nobody knows.
 * @param where the files, as the subject of a sentence
 */
export function refuseForeignBridge({ bridge, uplink }: BridgeSpec, facts: HostFacts, where: string): void {
  const link = linkNamed(facts, bridge.name);
  if (link === null) return;
  const isUsed = link.addresses.some(({ scope }) => scope === 'global');
  if (link.kind !== 'bridge' || isUsed || facts.links.some(({ master }) => master === bridge.name)) {
    throw refusal(
      'bridge-name-taken',
      `${bridge.name} exists and is in use, yet ${where} does not know it with ${uplink} as its port.`,
      [{ path: 'bridge.name', message: 'the name is in use' }],
      'Choose another name for the bridge, or remove the one that exists.',
    );
  }
}

/**
 * Addresses that are not wanted any more: leased ones without a lease, and the one that the files had before.
 * @param noted addresses of the files as they were, the first one first; the others stay
 */
export function retiredAddresses(
  noted: readonly (string | null)[],
  spec: BridgeSpec,
  facts: HostFacts,
  wanted: Wanted,
): string[] {
  const names = [spec.uplink, spec.bridge.name];
  const live = names
    .flatMap((name) => linkNamed(facts, name)?.addresses ?? [])
    .filter(({ family, scope }) => family === 4 && scope === 'global');
  const leases = facts.dhcpClients.running.some(({ link }) => names.includes(link ?? ''));
  return live.flatMap(({ address, prefix, dynamic }, index) => {
    const text = `${address}/${prefix}`;
    if (text === wanted.address) return [];
    // udhcpc's script sets no lifetime: its address is the first one.
    const leased = dynamic || (leases && index === 0 && !noted.includes(text));
    const replaced = noted[0] === text && (wanted.dhcp || wanted.address !== null);
    return (leased && !wanted.dhcp && wanted.address !== null) || replaced ? [text] : [];
  });
}

/**
 * Wait until the network is as wanted.
 * @param setBy who sets the routes in the end: a manager chooses their metrics by itself
 */
export function expectation(
  spec: BridgeSpec,
  facts: HostFacts,
  {
    address,
    gateway,
    dhcp,
    ipv4,
    route: set,
  }: Pick<Wanted, 'address' | 'gateway' | 'dhcp' | 'ipv4' | 'route'>,
  setBy: 'us' | 'manager' = 'us',
): Step {
  const { name, mac } = spec.bridge;
  const live = [spec.uplink, name];
  const links = live.flatMap((each) => linkNamed(facts, each) ?? []);
  const hasIpv4 = ipv4 || links.some((link) => globalIpv4(link).length > 0);
  const ipv6 = links.flatMap(lastingIpv6);
  const others = otherDefaultRoutes(facts, live);
  const isOurs = gateway !== null && !dhcp && setBy === 'us';
  const kept = isOurs ? defaultRoute(facts, live) : null;
  const isKept = kept?.gateway === gateway && (spec.address.method === 'keep' || set === undefined);
  const metric = isKept ? kept?.metric : isOurs ? set?.metric : undefined;
  return {
    id: 'expect-network',
    title: `Wait until the host is on the LAN through ${name}`,
    kind: 'expect-network',
    bridge: name,
    port: spec.uplink,
    mac,
    address: dhcp ? leasedAddress(spec, facts) : address,
    ...(hasIpv4 ? {} : { ipv4: false as const }),
    ...(ipv6.length > 0 ? { ipv6 } : {}),
    gateway,
    ...(dhcp && isFirstLease(facts, spec) ? { anyGateway: true as const } : {}),
    ...(metric === undefined ? {} : { metric }),
    ...(others.length > 0 ? { others } : {}),
    probes: probesOf(facts, { gateway, moved: isMoved(spec, facts, address) }),
    timeoutSeconds: 30 + maxWait(spec) + (dhcp ? 15 : 0),
  };
}

/** Addresses of IPv6 that neither a router nor a DHCP server has given. */
function lastingIpv6({ addresses }: Link): string[] {
  return addresses.flatMap(({ family, scope, dynamic, address, prefix }) =>
    family === 6 && scope === 'global' && !dynamic ? [`${address}/${prefix}`] : [],
  );
}

/** Not those that a DHCP client or a routing program may set again meanwhile. */
function otherDefaultRoutes({ routes }: HostFacts, own: readonly string[]): OtherDefaultRoute[] {
  return routes.flatMap(({ family, destination, link, gateway, metric, protocol }) =>
    family === 4 &&
    destination === 'default' &&
    !own.includes(link) &&
    ['boot', 'static', 'kernel'].includes(protocol)
      ? [{ link, gateway, metric }]
      : [],
  );
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

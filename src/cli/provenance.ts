import type { HostFacts } from '../model/facts.js';
import { defaultRoute, isDhcpv6, linkNamed } from '../model/links.js';
import type { Plan, PlannedValue } from '../model/plan.js';
import { type GivenAnswers, leafPaths } from './answers-file.js';

/** What counts for a bridge that bridge-setup makes, and not for one that is there. */
const ONLY_MADE = [
  ...['bridge.stp', 'bridge.forwardDelay', 'bridge.mac', 'address.method'],
  ...['safety.confirmSeconds', 'safety.confirm', 'safety.cloudInit', 'safety.firewall'],
];

/** The plan, with what it goes by: each value was given, is a default, or was detected where answers leave it to the host. */
export function withValues(plan: Plan, asked: GivenAnswers, facts: HostFacts): Plan {
  const detected = detectedValues(asked, facts, plan.uplink);
  const unused = ['version', '$schema', ...(plan.existing ? ONLY_MADE : [])];
  if (asked.answers.runtime.install !== 'container') unused.push('runtime.image');
  const paths = leafPaths(asked.answers).filter((path) => !unused.includes(path));
  const answered = paths.flatMap((path): PlannedValue[] => {
    if (detected.some((one) => one.path === path)) return [];
    return [
      { path, value: valueAt(asked.answers, path), origin: asked.given.includes(path) ? 'given' : 'default' },
    ];
  });
  const order = ['given', 'detected', 'default'];
  const values = [...answered, ...detected].sort((a, b) => order.indexOf(a.origin) - order.indexOf(b.origin));
  return { ...plan, values };
}

/** What the answers leave to the host. */
function detectedValues(
  { answers, detected = {} }: GivenAnswers,
  facts: HostFacts,
  uplink: string,
): PlannedValue[] {
  const { bridge, address, verify } = answers;
  const found = (path: string, value: unknown, from: string): PlannedValue[] =>
    value === null ? [] : [{ path, value, origin: 'detected', from }];
  // Where the host is set up already, the bridge has the address.
  const carrier = linkNamed(facts, uplink)?.master === bridge.name ? bridge.name : uplink;
  const own = linkNamed(facts, carrier)?.addresses.find(
    ({ family, scope }) => family === 4 && scope === 'global',
  );
  const gateway = defaultRoute(facts)?.gateway ?? null;
  const told = Object.entries(detected).flatMap(([path, from]) => found(path, valueAt(answers, path), from));
  if (bridge.existing) {
    const lanGateway = defaultRoute(facts, [bridge.name])?.gateway ?? null;
    return [
      ...told,
      ...(bridge.uplink === 'auto' ? found('bridge.uplink', uplink, `the port of ${bridge.name}`) : []),
      ...(verify.ping.join() === 'gateway' && lanGateway !== null
        ? found('verify.ping', [lanGateway], 'the gateway')
        : []),
    ];
  }
  return [
    ...told,
    ...(bridge.uplink === 'auto' ? found('bridge.uplink', uplink, "the default route's NIC") : []),
    ...(bridge.mac === 'uplink'
      ? found('bridge.mac', linkNamed(facts, uplink)?.mac ?? null, `of ${uplink}`)
      : []),
    ...(address.method === 'keep' && own !== undefined
      ? found('address.address', `${own.address}/${own.prefix}`, `on ${carrier}${leasedBy(facts, carrier)}`)
      : []),
    ...(address.method === 'keep' ? found('address.gateway', gateway, 'the default route') : []),
    ...(verify.ping.join() === 'gateway' && gateway !== null
      ? found('verify.ping', [gateway], 'the gateway')
      : []),
  ];
}

function leasedBy(facts: HostFacts, link: string): string {
  const client = facts.dhcpClients.running.find((one) => one.link === link && !isDhcpv6(one));
  return client === undefined ? '' : `, by ${client.name}`;
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);
}

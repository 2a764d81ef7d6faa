import { refusal } from '../errors.js';
import type { DhcpClientName, HostFacts, Link, Route } from '../model/facts.js';
import { defaultRoute, linkNamed } from '../model/links.js';
import type { Step } from '../model/plan.js';
import type { BridgeSpec } from '../model/spec.js';
import { type DefaultRoute, defaultRouteWords } from './default-route.js';
import { type ClientCommand, startClients, stopClients } from './live-clients.js';
import { command, step } from './step.js';
import type { GatewayRoute } from './wanted.js';

/** What the live change has to bring about, whatever the style of the files. */
export interface LiveChange {
  readonly facts: HostFacts;
  readonly spec: BridgeSpec;
  /** IPv4 address with prefix length that the bridge is to have; `null`: that which is there, or a leased one. */
  readonly address: string | null;
  readonly gateway: string | null;
  /** How the boot will set the route to it; absent: as the one that it replaces. */
  readonly route?: GatewayRoute;
  /** Addresses that go once the others are there. */
  readonly retired: readonly string[];
  /** Seconds. */
  readonly forwardDelay: number;
  /** Seconds that a port may take until it forwards. */
  readonly maxWait: number;
  /** The client that leases the bridge's address; `null`: it is not leased. */
  readonly client: DhcpClientName | null;
  /** How the manager of the files starts a client. */
  readonly command: (client: DhcpClientName, link: string) => ClientCommand;
}

/**
 * The stages that move the network of the uplink to the bridge without losing a packet, each of which leaves the
 * host reachable (docs/architecture.md, "The live change"). The inverse of them all, in reverse, is the way back.
 */
export function liveChange(change: LiveChange): Step[] {
  const { facts, spec } = change;
  const { uplink, bridge } = spec;
  const port = linkNamed(facts, uplink);
  const isPort = port?.master === bridge.name;
  const moves = !isPort || hasAddress(port);
  return [
    ...stopClients(change),
    ...bridgeStages(change),
    ...(moves ? [copyAddresses(spec)] : []),
    ...(isPort ? [] : [addPort(change)]),
    ...(moves ? [moveRoutes(spec), dropAddresses(spec), sourceCheck(spec)] : []),
    ...addressStages(change),
    ...startClients(change),
    ...retire(change),
  ];
}

function copyAddresses({ uplink, bridge }: BridgeSpec): Step {
  return step('copy-addresses', `Give ${bridge.name} the addresses and neighbours of ${uplink} too`, {
    kind: 'copy-addresses',
    from: uplink,
    to: bridge.name,
  });
}

function addPort({ spec: { uplink, bridge }, maxWait }: LiveChange): Step {
  return step('add-port', `Make ${uplink} the port of ${bridge.name}`, {
    kind: 'add-port',
    bridge: bridge.name,
    port: uplink,
    timeoutSeconds: 10 + maxWait,
  });
}

function moveRoutes({ uplink, bridge }: BridgeSpec): Step {
  return step('move-routes', `Let the routes lead through ${bridge.name}`, {
    kind: 'move-routes',
    from: uplink,
    to: bridge.name,
  });
}

function dropAddresses({ uplink, bridge }: BridgeSpec): Step {
  return step('drop-addresses', `Take the addresses off ${uplink}`, {
    kind: 'drop-addresses',
    link: uplink,
    heldBy: bridge.name,
  });
}

function sourceCheck({ uplink, bridge }: BridgeSpec): Step {
  return step('source-check', `Check sources on ${bridge.name} as strictly as on ${uplink}`, {
    kind: 'source-check',
    bridge: bridge.name,
    port: uplink,
    mode: 'as-port',
  });
}

/** Create the bridge, or change one that is there, each change with its exact inverse. */
function bridgeStages({ facts, spec, forwardDelay }: LiveChange): Step[] {
  const { name, mac, stp } = spec.bridge;
  const link = linkNamed(facts, name);
  if (link === null) {
    return [
      step('create-bridge', `Create ${name}`, {
        kind: 'create-bridge',
        bridge: name,
        port: spec.uplink,
        mac,
        stp,
        forwardDelay,
      }),
    ];
  }
  const steps: Step[] = [];
  const set = (...words: string[]) => ['ip', 'link', 'set', 'dev', name, ...words];
  const timers = (on: boolean, delay: number) =>
    set('type', 'bridge', 'stp_state', on ? '1' : '0', 'forward_delay', String(Math.round(delay * 100)));
  const now = link.bridge;
  if (now !== null && (now.stp !== stp || now.forwardDelay !== forwardDelay)) {
    steps.push(
      command(
        'bridge-timers',
        `Turn STP of ${name} ${stp ? 'on' : 'off'}`,
        timers(stp, forwardDelay),
        timers(now.stp, now.forwardDelay),
      ),
    );
  }
  if (mac !== '' && link.mac !== mac && link.mac !== null) {
    const title = `Give ${name} the MAC address ${mac}`;
    steps.push(command('bridge-mac', title, set('address', mac), set('address', link.mac)));
  }
  if (!link.up) steps.push(command('bridge-up', `Bring ${name} up`, set('up'), set('down')));
  return steps;
}

/** A wanted address that is not there yet, and its gateway. */
function addressStages(live: LiveChange): Step[] {
  const { facts, spec, address, client } = live;
  const { name } = spec.bridge;
  if (address === null || client !== null) return [];
  const names = [spec.uplink, name];
  const addresses = names.flatMap((each) => linkNamed(facts, each)?.addresses ?? []);
  // There may be two: one of them with a peer.
  const same = addresses.filter((each) => `${each.address}/${each.prefix}` === address);
  const present = same.find(({ dynamic }) => !dynamic) ?? same[0];
  const steps: Step[] = [];
  const change = (verb: string, ...words: string[]) => [
    'ip',
    'address',
    verb,
    address,
    ...words,
    'dev',
    name,
  ];
  if (present === undefined) {
    const title = `Give ${name} the address ${address}`;
    steps.push(command('add-address', title, change('add', 'broadcast', '+'), change('del')));
  } else if (present.dynamic) {
    steps.push(
      command(
        'fix-address',
        `Let ${address} stay without a lease`,
        [...change('change'), 'valid_lft', 'forever', 'preferred_lft', 'forever'],
        null,
      ),
    );
  }
  return [...steps, ...gatewaySteps(live)];
}

/** The way out, as the files will have it after a boot. Routes of other links stay: only those of these two are replaced. */
function gatewaySteps({ facts, spec, gateway, route }: LiveChange): Step[] {
  const { name } = spec.bridge;
  const old = defaultRoute(facts, [spec.uplink, name]);
  if (gateway === null) return [];
  // What is kept has been moved as it is.
  const isWanted =
    old?.gateway === gateway &&
    (spec.address.method === 'keep' || route === undefined || isSameRoute(old, route));
  if (isWanted) return [];
  const wanted = {
    gateway,
    metric: route?.metric ?? old?.metric ?? 0,
    onlink: route?.onlink ?? false,
  };
  const title = `Send what leaves the LAN to ${gateway}`;
  const words = (verb: string, to: DefaultRoute) => [
    ...['ip', '-4', 'route', verb],
    ...defaultRouteWords(to, name),
  ];
  if (old !== null && old.metric === wanted.metric) {
    return [command('gateway', title, words('replace', wanted), words('replace', old))];
  }
  refuseTakenWayOut(facts, [spec.uplink, name], wanted);
  const added = command('gateway', title, words('add', wanted), words('del', wanted));
  // One with another metric is another route, and the old one would stay beside it.
  return old === null
    ? [added]
    : [
        added,
        command(
          'old-gateway',
          `Remove the route with metric ${old.metric}`,
          words('del', old),
          words('add', old),
        ),
      ];
}

/** The kernel has one route for a prefix and a metric, so that the second one fails, now and at a boot. */
function refuseTakenWayOut(
  { routes }: HostFacts,
  own: readonly string[],
  { gateway, metric }: DefaultRoute,
): void {
  const other = routes.find(
    (route) =>
      route.family === 4 &&
      route.destination === 'default' &&
      route.metric === metric &&
      !own.includes(route.link),
  );
  if (other === undefined) return;
  const via = other.gateway === null ? '' : ` via ${other.gateway}`;
  throw refusal(
    'way-out-taken',
    `The default route through ${gateway} cannot be added: there is one${via} through ${other.link} with the metric ${metric}, and the kernel keeps one of a metric.`,
    [{ path: 'address.gateway', message: `${other.link} has a default route with the same metric` }],
    `Remove the gateway of ${other.link} from its network file, or give it a metric there, and bring ${other.link} up again.`,
  );
}

const isSameRoute = (live: Route, { metric, onlink }: GatewayRoute): boolean =>
  live.metric === metric && (live.onlink ?? false) === onlink;

function retire({ spec, retired, address }: LiveChange): Step[] {
  const addresses = retired.filter((each) => each !== address);
  if (addresses.length === 0) return [];
  const { name } = spec.bridge;
  const title = `Remove ${addresses.join(', ')} from ${name}, once the change is kept`;
  // Sessions to them go on until then, that of the person who confirms among them.
  return [
    {
      ...step('retire-addresses', title, { kind: 'retire-addresses', link: name, addresses }),
      after: 'confirmation',
    },
  ];
}

function hasAddress(link: Link): boolean {
  return link.addresses.some(({ scope }) => scope === 'global');
}

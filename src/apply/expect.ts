import { messageOf } from '../errors.js';
import type { Host } from '../host/host.js';
import type { ExpectBridge, ExpectNetwork } from '../model/expect-steps.js';
import type { Link, Route } from '../model/facts.js';
import type { NetworkState } from '../model/journal.js';
import { DAEMON_FILE } from '../model/paths.js';
import type { AwaitDocker, AwaitRuntime } from '../model/plan.js';
import { probeTitle } from '../model/probe.js';
import type { ApplyContext } from './context.js';
import { silentProbes } from './probes.js';
import { until } from './until.js';

/** What is not yet as planned; `null` when all is. */
export function networkObjection(step: ExpectNetwork, { links, routes }: NetworkState): string | null {
  const bridge = links.find(({ name }) => name === step.bridge);
  const port = links.find(({ name }) => name === step.port);
  if (bridge?.kind !== 'bridge') return `${step.bridge} does not exist`;
  if (!bridge.up) return `${step.bridge} is down`;
  if (port?.master !== step.bridge) return `${step.port} is not a port of ${step.bridge}`;
  if (bridge.mac !== step.mac) return `${step.bridge} has the MAC address ${bridge.mac}, not ${step.mac}`;
  return addressObjection(step, bridge) ?? routeObjection(step, routes);
}

function addressObjection({ bridge, address, ipv4, ipv6 = [] }: ExpectNetwork, link: Link): string | null {
  const of = (wanted: 4 | 6) =>
    link.addresses.flatMap(({ family, scope, address, prefix }) =>
      family === wanted && scope === 'global' ? [`${address}/${prefix}`] : [],
    );
  const texts = of(4);
  if (texts.length === 0 && ipv4 !== false) return `${bridge} has no IPv4 address`;
  if (address !== null && !texts.includes(address))
    return `${bridge} has ${texts.join(', ')}, not ${address}`;
  const absent = ipv6.find((each) => !of(6).includes(each));
  return absent === undefined ? null : `${bridge} does not have ${absent}`;
}

function routeObjection(
  { bridge, gateway, anyGateway, metric, others = [] }: ExpectNetwork,
  routes: readonly Route[],
): string | null {
  const defaults = routes.filter(({ family, destination }) => family === 4 && destination === 'default');
  const lost = others.find(
    (other) =>
      !defaults.some(
        (route) =>
          route.link === other.link && route.gateway === other.gateway && route.metric === other.metric,
      ),
  );
  if (lost !== undefined) return `the default route through ${lost.link} is gone`;
  if (gateway === null) return null;
  const own = defaults.filter(({ link }) => link === bridge);
  const [first] = own;
  if (first === undefined) return `there is no default route through ${bridge}`;
  if (anyGateway) return null;
  const route = own.find((each) => each.gateway === gateway);
  if (route === undefined) return `the default gateway is ${first.gateway}, not ${gateway}`;
  return metric === undefined || route.metric === metric
    ? null
    : `the default route through ${bridge} has the metric ${route.metric}, not ${metric}`;
}

/** Wait until the network is as planned. Throws with the last objection when it is not in time. */
export async function expectNetwork(step: ExpectNetwork, context: ApplyContext): Promise<void> {
  const { host, passed } = context;
  let left = passed;
  await until(host, step.timeoutSeconds, async () => {
    const objection = networkObjection(step, await context.readNetwork());
    if (objection !== null) return objection;
    left = await silentProbes(host, left);
    return left.length === 0
      ? null
      : `no answer any more, and there was one before: ${left.map(probeTitle).join('; ')}`;
  });
}

/** See that the bridge is there, up, with its port. Throws with what is not so. */
export async function expectBridge({ bridge, port }: ExpectBridge, context: ApplyContext): Promise<void> {
  const { links } = await context.readNetwork();
  const link = links.find(({ name }) => name === bridge);
  if (link?.kind !== 'bridge') throw new Error(`${bridge} does not exist any more`);
  if (!link.up) throw new Error(`${bridge} is down`);
  if (!links.some(({ name, master }) => name === port && master === bridge))
    throw new Error(`${port} is not a port of ${bridge} any more`);
}

/** Wait until Docker's API answers. Throws with its last error when it does not in time. */
export async function awaitDocker({ timeoutSeconds }: AwaitDocker, { host }: ApplyContext): Promise<void> {
  await until(host, timeoutSeconds, () =>
    host.docker.version().then(
      () => null,
      (error: unknown) => messageOf(error),
    ),
  );
}

/** The daemon has written its state, and the state is of the process that runs now. */
export async function awaitRuntime(
  { unit, as, timeoutSeconds }: AwaitRuntime,
  { host }: ApplyContext,
): Promise<void> {
  await until(host, timeoutSeconds, async () => {
    if (as === 'container') {
      const info = await host.docker.inspect(unit);
      if (info === null || !info.running)
        return `the container ${unit} does not run; see \`docker logs ${unit}\``;
      return (await readyDaemon(host)) === info.pid ? null : `the container ${unit} is not ready yet`;
    }
    const { stdout } = await host.run(['systemctl', 'show', unit, '--property=ActiveState,MainPID'], {
      check: false,
    });
    const pid = /^MainPID=(\d+)$/m.exec(stdout)?.[1];
    if (!/^ActiveState=active$/m.test(stdout)) return `${unit} is not active; see \`journalctl -u ${unit}\``;
    return String(await readyDaemon(host)) === pid ? null : `${unit} is not ready yet`;
  });
}

/** The process that has made its first pass; `null`: none has. */
async function readyDaemon(host: Host): Promise<number | null> {
  const { pid, ready } = JSON.parse((await host.files.read(DAEMON_FILE)) ?? '{}') as {
    pid?: number;
    ready?: boolean;
  };
  return ready === true ? (pid ?? null) : null;
}

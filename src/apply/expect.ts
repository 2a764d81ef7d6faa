import { messageOf } from '../errors.js';
import type { Host } from '../host/host.js';
import type { NetworkState } from '../model/journal.js';
import { DAEMON_FILE } from '../model/paths.js';
import type { AwaitDocker, AwaitRuntime, ExpectNetwork } from '../model/plan.js';
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
  const addresses = bridge.addresses.filter(({ family, scope }) => family === 4 && scope === 'global');
  const texts = addresses.map(({ address, prefix }) => `${address}/${prefix}`);
  if (texts.length === 0) return `${step.bridge} has no IPv4 address`;
  if (step.address !== null && !texts.includes(step.address)) {
    return `${step.bridge} has ${texts.join(', ')}, not ${step.address}`;
  }
  if (step.gateway === null) return null;
  const route = routes.find(
    ({ family, destination, link }) => family === 4 && destination === 'default' && link === step.bridge,
  );
  if (route === undefined) return `there is no default route through ${step.bridge}`;
  return route.gateway === step.gateway
    ? null
    : `the default gateway is ${route.gateway}, not ${step.gateway}`;
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

import { usableBridgeName } from './answers-bridge.js';
import type { HostFacts, Link } from './facts.js';
import { lanPorts } from './lan-ports.js';

/** What Docker calls its bridges where nobody has given them another name. */
const DOCKER_BRIDGE = /^(docker0|docker_gwbridge|br-[0-9a-f]{12})$/;

/** Whether a bridge is one of Docker's: by its name, or since a Docker network is on it. */
export function isDockerBridge({ docker }: Pick<HostFacts, 'docker'>, name: string): boolean {
  return DOCKER_BRIDGE.test(name) || dockerNetworkOn({ docker }, name) !== null;
}

/** The Docker network whose bridge this is; `null`: none, as far as Docker was asked. */
export function dockerNetworkOn({ docker }: Pick<HostFacts, 'docker'>, bridge: string): string | null {
  return docker.networks?.find((network) => network.bridge === bridge)?.name ?? null;
}

/** Bridges that lead to the LAN and can be used as they are (`bridge.existing`), those with an address first. */
export function existingBridges(facts: Pick<HostFacts, 'links' | 'docker'>): Link[] {
  return facts.links
    .filter(
      ({ name, kind }) =>
        kind === 'bridge' &&
        usableBridgeName(name) &&
        !isDockerBridge(facts, name) &&
        lanPorts(facts, name).length > 0,
    )
    .toSorted((a, b) => Number(hasIpv4(b)) - Number(hasIpv4(a)));
}

/** Whether a link has an IPv4 address by which others reach it. */
export const hasIpv4 = ({ addresses }: Link): boolean =>
  addresses.some(({ family, scope }) => family === 4 && scope === 'global');

/** The command that uses a bridge as it is, to be pasted. */
export const useExistingCommand = (bridge: string): string =>
  `echo '{"version":1,"bridge":{"name":"${bridge}","existing":true}}' | sudo bridge-setup --answers -`;

/** How long a new port of a bridge waits before it forwards, in seconds (net/bridge/br_stp.c: only with spanning tree). */
export function portDelay({ bridge }: Pick<Link, 'bridge'>): number {
  return bridge?.stp ? bridge.forwardDelay * 2 : 0;
}

/** The manager that configures a link, as far as the facts tell: netplan before those that it writes files for. */
export function managerOf({ managers }: Pick<HostFacts, 'managers'>, link: string): string | null {
  const claiming = managers.filter(({ active, links }) => active && links.includes(link));
  return (claiming.find(({ name }) => name === 'netplan') ?? claiming[0])?.name ?? null;
}

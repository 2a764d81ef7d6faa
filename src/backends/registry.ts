import { refusal } from '../errors.js';
import { existingBridges, useExistingCommand } from '../model/existing-bridge.js';
import type { HostFacts } from '../model/facts.js';
import type { Finding } from '../model/finding.js';
import { linkNamed } from '../model/links.js';
import type { Backend } from './backend.js';
import { ifcfg } from './ifcfg/index.js';
import { ifupdown } from './ifupdown/index.js';

/** The backends, in the order in which they are asked. */
const BACKENDS: readonly Backend[] = [ifupdown, ifcfg];

/** The first backend that is in charge of the uplink, and why it is. Throws `no-backend` with every reason. */
export function choose(
  facts: HostFacts,
  uplink: string,
  backends: readonly Backend[] = BACKENDS,
): { readonly backend: Backend; readonly reason: string } {
  const asked = backends.map((backend) => ({ backend, ...backend.detect(facts, uplink) }));
  const chosen = asked.find(({ applies }) => applies);
  if (chosen !== undefined) return { backend: chosen.backend, reason: chosen.reason };
  throw refusal(
    'no-backend',
    whyNone(facts, uplink),
    asked.map(({ backend, reason }) => ({ message: `${backend.title}: ${reason}` })),
    [
      existingWay(facts, uplink),
      `Or configure ${uplink} in one of these ways, or choose another uplink.`,
    ].join('\n'),
  );
}

/** The way in for hosts that cannot be converted: a bridge of their own, used as it is. */
function existingWay(facts: HostFacts, uplink: string): string {
  const master = linkNamed(facts, uplink)?.master;
  const bridges = existingBridges(facts).map(({ name }) => name);
  const there = bridges.find((name) => name === master) ?? bridges[0];
  return there === undefined
    ? `Make a bridge with ${uplink} as its port where ${uplink} is configured, then use it as it is: \`${useExistingCommand('br0')}\`.`
    : `${there} is a bridge that leads to the LAN. Use it as it is, without a change of its configuration: \`${useExistingCommand(there)}\`.`;
}

/** A manager that claims the link, and that no backend is for, says more than the backends do. */
function whyNone({ managers, distro }: HostFacts, uplink: string): string {
  const foreign = managers.find(
    ({ name, active, links }) =>
      active && links.includes(uplink) && ['NetworkManager', 'systemd-networkd', 'netplan'].includes(name),
  );
  return foreign === undefined
    ? `bridge-setup does not know how ${uplink} is configured on this host (${distro.prettyName}).`
    : `${uplink} is configured by ${foreign.name} here, in a way that bridge-setup cannot do yet (${distro.prettyName}).`;
}

/** Where the configuration and the network differ, by every backend that knows the bridge. */
export function differences(facts: HostFacts, bridge: string): Finding[] {
  return BACKENDS.flatMap((backend) => backend.differences(facts, bridge));
}

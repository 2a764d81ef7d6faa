import { createHash } from 'node:crypto';
import type { HostFacts, NetworkManager } from '../../model/facts.js';
import { linkNamed } from '../../model/links.js';
import type { Step } from '../../model/plan.js';
import type { BridgeSpec } from '../../model/spec.js';
import { command, step, whenUndone } from '../step.js';
import { globalIpv4 } from '../wanted.js';

/** Seconds that its stop and start may take, and that it may take to know its links again. */
const SERVICE_SECONDS = 90;
const ADOPTION_SECONDS = 60;

const service = (verb: string) => ['systemctl', verb, 'NetworkManager'];
const RELOAD = ['nmcli', 'connection', 'reload'];

/** NetworkManager, where it has a link in its hands. */
export function managerOf({ managers }: HostFacts, link: string): NetworkManager | null {
  const holds = ({ name, active, links }: NetworkManager) =>
    name === 'NetworkManager' && active && links.includes(link);
  return managers.find(holds) ?? null;
}

/** The UUID of the bridge's profile, by which NetworkManager knows it across its restart; the same for the same bridge. */
export function profileUuid({ uplink, bridge }: BridgeSpec): string {
  const digest = createHash('sha256').update(`${bridge.name} ${uplink} ${bridge.mac}`).digest('hex');
  // RFC 9562, 5.8: version 8, variant 10.
  const parts = [digest.slice(0, 8), digest.slice(8, 12), `8${digest.slice(13, 16)}`];
  return [...parts, `8${digest.slice(17, 20)}`, digest.slice(20, 32)].join('-');
}

/** What NetworkManager is told of a change. */
export interface ManagedChange {
  readonly spec: BridgeSpec;
  readonly writes: readonly Step[];
  readonly live: readonly Step[];
  readonly expectation: Step;
  /** The files of the bridge and its port. */
  readonly profiles: Readonly<Record<string, string>>;
  /** UUID in the bridge's file; empty: it has none. */
  readonly uuid: string;
}

/**
 * The change of a network that NetworkManager has in its hands. Its own way takes the address off the NIC before the
 * bridge has it. So it is stopped, which leaves the network as it is, and started again on the one that is changed: then
 * it takes each link over as it is, by the profile that its state file names (`nm_config_device_state_load`; seen with
 * 1.18.8). Whether it did is looked at, since else the lease would end one day.
 */
export function managedSteps({ spec, writes, live, expectation, profiles, uuid }: ManagedChange): Step[] {
  const { uplink, bridge } = spec;
  const { name } = bridge;
  const path = profiles[name] ?? '';
  const up = ['nmcli', '--wait', '60', 'connection', 'up', 'filename', path];
  const told = step('nm-state', `Leave word for NetworkManager which profile ${name} goes by`, {
    kind: 'network-manager-state',
    link: name,
    like: uplink,
    uuid,
  });
  const start = command(
    'nm-start',
    'Start NetworkManager again',
    service('start'),
    service('stop'),
    SERVICE_SECONDS,
  );
  return [
    whenUndone('nm-start-undo', 'Start NetworkManager', service('start'), SERVICE_SECONDS),
    ...writes,
    command(
      'nm-stop',
      'Stop NetworkManager, which leaves the network as it is',
      service('stop'),
      null,
      SERVICE_SECONDS,
    ),
    ...live,
    ...(uuid === ''
      ? [start, command('nm-up', `Bring ${name} up by NetworkManager`, up, null, SERVICE_SECONDS)]
      : [told, start]),
    step('nm-profiles', `Wait until NetworkManager has ${name} and ${uplink} in its hands`, {
      kind: 'await-profiles',
      profiles,
      timeoutSeconds: ADOPTION_SECONDS,
    }),
    expectation,
  ];
}

/** NetworkManager, where it runs, has to hear of changed files; and of those that are back after a rollback. */
export function heard(writes: readonly Step[], { managers }: HostFacts): Step[] {
  const runs = managers.some(({ name, active }) => name === 'NetworkManager' && active);
  if (!runs || writes.length === 0) return [...writes];
  return [
    whenUndone('nm-reload-undo', 'Make NetworkManager read its files', RELOAD),
    ...writes,
    command('nm-reload', 'Make NetworkManager read its files again', RELOAD, null),
  ];
}

/** Without STP a port forwards at once, and NetworkManager leaves the forward delay as it is, whatever its files say. */
export function leavesForwardDelay(facts: HostFacts, link: string, stp: boolean): boolean {
  return !stp && managerOf(facts, link) !== null;
}

/** What is wanted, with the forward delay that is there where NetworkManager leaves it. */
export function asManaged(spec: BridgeSpec, facts: HostFacts): BridgeSpec {
  const now = linkNamed(facts, spec.bridge.name)?.bridge;
  if (now == null || !leavesForwardDelay(facts, spec.uplink, spec.bridge.stp)) return spec;
  return { ...spec, bridge: { ...spec.bridge, forwardDelay: now.forwardDelay } };
}

/** The host without the DHCP clients of NetworkManager, which it stops and starts itself. */
export function withoutClients(facts: HostFacts, { uplink, bridge }: BridgeSpec): HostFacts {
  const running = facts.dhcpClients.running.filter(({ link }) => link !== uplink && link !== bridge.name);
  return { ...facts, dhcpClients: { ...facts.dhcpClients, running } };
}

/** The address that the host has by a lease; its own client is no process, so the address itself tells. */
export function leasedByManager({ uplink, bridge }: BridgeSpec, facts: HostFacts): string | null {
  const links = [uplink, bridge.name].map((name) => linkNamed(facts, name));
  const leased = links.filter((link) =>
    link?.addresses.some(({ family, dynamic }) => family === 4 && dynamic),
  );
  return leased.flatMap((link) => globalIpv4(link))[0] ?? null;
}

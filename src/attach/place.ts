import { refusal } from '../errors.js';
import type { Host } from '../host/host.js';
import type { HostLinks } from './host-links.js';
import type { NetLink } from './ip.js';
import { parseAlias } from './names.js';
import { isOvsName } from './open-vswitch/bridge.js';
import { ovsVsctl } from './open-vswitch/database.js';
import type { AttachRule, Target } from './rule/grammar.js';
import { isOvsBridge, refuseUnknownOvs } from './scene.js';

/** Where a container goes: into a bridge, onto a NIC, or nowhere (`dummy`). */
export interface Place {
  readonly kind: 'bridge' | 'macvlan' | 'phys' | 'dummy';
  /** Name of the bridge or NIC; `dummy`. */
  readonly link: string;
  /** Of the bridge or NIC; `null`: there is none, or it is yet to be made. */
  readonly found: NetLink | null;
}

/** ARPHRD_INFINIBAND (kernel, include/uapi/linux/if_arp.h). */
const INFINIBAND = '32';
/** Links that stand upon another one and may have its MAC address. */
const UPPER = new Set(['vlan', 'macvlan', 'macvtap', 'ipvlan']);

/**
 * Which place a rule means, in the order of the original: a bridge, any other NIC that exists, then the words that name
 * no interface. What would take something away from the host, or cannot work, is refused by name.
 */
export async function findPlace(
  host: Host,
  rule: Pick<AttachRule, 'target' | 'directPhys' | 'create'>,
  { links, ovsProblem }: Pick<HostLinks, 'links' | 'ovsProblem'>,
): Promise<Place> {
  const found = linkOf(rule.target, links);
  if (found === null) return missing(host, rule);
  const name = found.name;
  refuseUnknownOvs(found, ovsProblem);
  const isBridge = found.kind === 'bridge' || isOvsBridge(found);
  if (found.kind === 'openvswitch' && !isBridge) {
    throw refusal('not-a-nic', `${name} belongs to Open vSwitch, and is none of its bridges`);
  }
  if (isBridge && !rule.directPhys) return { kind: 'bridge', link: name, found };
  await refuseNic(host, found);
  if (!rule.directPhys) return { kind: 'macvlan', link: name, found };
  if (isBridge) {
    throw refusal(
      'not-a-nic',
      `${name} is a bridge: --direct-phys moves a NIC, and a bridge cannot be moved`,
      [],
      'Leave --direct-phys out.',
    );
  }
  await refuseToTake(host, found);
  return { kind: 'phys', link: name, found };
}

function linkOf(target: Target, links: readonly NetLink[]): NetLink | null {
  if (target.by === 'name') return links.find(({ name }) => name === target.name) ?? null;
  const all = links.filter(({ mac, alias }) => mac === target.mac && parseAlias(alias) === null);
  // A bridge has the MAC address of its port, a VLAN that of its NIC.
  const free = all.filter(({ master }) => master === null);
  const lower = free.filter(({ kind }) => !UPPER.has(kind ?? ''));
  const [one, other] = lower.length > 0 ? lower : free;
  if (other !== undefined) {
    const names = (lower.length > 0 ? lower : free).map(({ name }) => name).join(' and ');
    throw refusal('mac-ambiguous', `${names} have the MAC address ${target.mac}`, [], 'Name one of them.');
  }
  return one ?? null;
}

async function missing(
  host: Host,
  { target, directPhys, create }: Pick<AttachRule, 'target' | 'directPhys' | 'create'>,
): Promise<Place> {
  if (target.by === 'mac') {
    throw refusal('interface-missing', `no interface of this host has the MAC address ${target.mac}`);
  }
  const { name } = target;
  if (directPhys) throw refusal('interface-missing', `there is no interface ${name} on this host`);
  if (name === 'dummy') return { kind: 'dummy', link: name, found: null };
  if (create) return { kind: 'bridge', link: name, found: null };
  if (isOvsName(name)) await refuseOvs(host, name);
  throw refusal(
    'bridge-missing',
    `there is no bridge ${name} on this host`,
    [],
    `"bridge-setup" makes a bridge that is on the LAN. With --create, an empty one is made, which leads nowhere.`,
  );
}

/** Why there is no such bridge of Open vSwitch: it is not installed, does not run, has it on record only, or lacks it. */
async function refuseOvs(host: Host, name: string): Promise<void> {
  const onRecord = (await ovsVsctl(host, ['list-br'])).split('\n').includes(name);
  if (!onRecord) return;
  throw refusal(
    'ovs-bridge-down',
    `Open vSwitch has the bridge ${name} on record, and no interface for it`,
    [],
    'Look whether ovs-vswitchd runs, and at its log, /var/log/openvswitch/ovs-vswitchd.log.',
  );
}

async function refuseNic(host: Host, { name, alias, master, kind, ovs }: NetLink): Promise<void> {
  if (name === 'lo') throw refusal('not-a-nic', 'lo leads nowhere');
  if (parseAlias(alias) !== null)
    throw refusal('not-a-nic', `${name} is the host's side of a container's interface`);
  if (kind === 'bridge' || ovs?.role === 'bridge') return;
  if ((await host.files.read(`/sys/class/net/${name}/type`))?.trim() === INFINIBAND) {
    throw unsupported(name, 'an InfiniBand interface', 'InfiniBand (IPoIB)');
  }
  // The port of a bridge hands all its frames to the bridge.
  if (master !== null) {
    throw refusal(
      'nic-in-use',
      `${name} is a port of ${master}`,
      [],
      `Attach the container to ${master} instead.`,
    );
  }
}

/** A host that gives its only way out to a container cannot be reached any more. */
async function refuseToTake(host: Host, { name }: NetLink): Promise<void> {
  if (await host.files.exists(`/sys/class/net/${name}/phy80211`)) {
    throw unsupported(name, 'a wireless interface, and moving one', 'Wireless');
  }
  for (const family of ['-4', '-6']) {
    const { stdout } = await host.run(['ip', family, '-oneline', 'route', 'show', 'default', 'dev', name]);
    if (stdout.trim() !== '') {
      throw refusal(
        'nic-in-use',
        `${name} has the default route of this host, which would lose it`,
        [],
        'Take a NIC that the host does not need, or leave --direct-phys out.',
      );
    }
  }
}

function unsupported(name: string, what: string, subject: string) {
  return refusal('not-supported', `${subject} is not supported, and ${name} is ${what}`);
}

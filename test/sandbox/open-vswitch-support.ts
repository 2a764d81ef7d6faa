import type { RunningCopy } from '../../src/rehearse/copy.js';
import { SECOND, startPipeworkHost, THIRD } from './pipework-support.js';

/** An address on the LAN side of VLAN 10, which has no gateway but this. */
const VLAN_GATEWAY = '10.10.0.1';

/** Start the database, as the service does it; the switch goes by it. */
export const startDatabase = (copy: RunningCopy) =>
  copy.sandbox.run([
    'sh',
    '-c',
    'ovsdb-server --detach --pidfile --log-file=/tmp/ovsdb.log --remote=punix:/run/openvswitch/db.sock >/dev/null 2>&1 </dev/null',
  ]);

/** End the database; the switch goes on with what it knows. */
export const stopDatabase = (copy: RunningCopy) =>
  copy.sandbox.run(['sh', '-c', 'kill "$(cat /run/openvswitch/ovsdb-server.pid)"']);

/**
 * A host with br0, and an Open vSwitch bridge ovsbr0 whose second NIC leads to the same LAN and whose third one, in
 * VLAN 10, to a network of its own. The datapath is the one of user space, as the kernel of a test machine may have no
 * module for the other. It does not complete checksums that the kernel left to the NIC, so the LAN's side writes them
 * all; between containers and the LAN pings are asked, and no TCP.
 */
export async function startOvsHost(): Promise<RunningCopy> {
  const copy = await startPipeworkHost(['ethtool', 'openvswitch-switch']);
  const steps = [
    'mkdir --parents /run/openvswitch && rm --force /etc/openvswitch/conf.db',
    'ovsdb-tool create /etc/openvswitch/conf.db /usr/share/openvswitch/vswitch.ovsschema',
  ];
  for (const step of steps) await copy.sandbox.run(['sh', '-c', step]);
  await startDatabase(copy);
  await vsctl(copy, '--no-wait', 'init');
  await copy.sandbox.run([
    'sh',
    '-c',
    'ovs-vswitchd --detach --pidfile --log-file=/tmp/vswitchd.log >/dev/null 2>&1 </dev/null',
  ]);
  await vsctl(copy, 'add-br', 'ovsbr0', '--', 'set', 'bridge', 'ovsbr0', 'datapath_type=netdev');
  await vsctl(copy, 'add-port', 'ovsbr0', SECOND.name);
  await vsctl(copy, 'add-port', 'ovsbr0', THIRD.name, 'tag=10');
  await copy.lan.run(['ip', 'link', 'set', 'far2', 'nomaster']);
  await copy.lan.run(['ip', 'address', 'add', `${VLAN_GATEWAY}/24`, 'dev', 'far2']);
  for (const link of ['lan0', 'far1', 'far2']) await copy.lan.run(['ethtool', '-K', link, 'tx', 'off']);
  return copy;
}

/** `ovs-vsctl …`; what it printed. */
export async function vsctl(copy: RunningCopy, ...args: string[]): Promise<string> {
  return (await copy.sandbox.run(['ovs-vsctl', '--timeout=10', ...args])).stdout.trim();
}

/** The ports of ovsbr0 that are of containers, by the database. */
export async function portsOfContainers(copy: RunningCopy): Promise<string[]> {
  const names = (await vsctl(copy, 'list-ports', 'ovsbr0')).split('\n').filter(Boolean);
  return names.filter((name) => name !== SECOND.name && name !== THIRD.name);
}

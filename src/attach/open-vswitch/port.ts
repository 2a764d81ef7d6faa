import { EXIT, SetupError } from '../../errors.js';
import type { Host } from '../../host/host.js';
import { OWNER_KEY, ovsVsctl } from './database.js';

/** A port to be. */
export interface OvsPortSpec {
  readonly name: string;
  readonly bridge: string;
  /** `null`: none, so that it takes part in all VLANs as they are tagged. */
  readonly vlan: number | null;
  /** Alias of its link, which names the container. */
  readonly alias: string;
}

/**
 * The transaction that makes a port, or puts the one of that name right (ovs-vsctl(8)): `--may-exist` looks at the
 * bridge only, so the VLAN is set in any case.
 */
export function portTransaction({ name, bridge, vlan, alias }: OvsPortSpec): string[] {
  return [
    ...['--may-exist', 'add-port', bridge, name],
    ...(vlan === null ? ['--', 'clear', 'port', name, 'tag'] : ['--', 'set', 'port', name, `tag=${vlan}`]),
    // In quotes for ovs-vsctl itself, since the value has colons.
    ...['--', 'set', 'port', name, `external_ids:${OWNER_KEY}="${alias}"`],
  ];
}

/** Make a host link a port, or put that right. Throws `ovs-failed`, or `ovs-port-failed` when there is only a record. */
export async function addOvsPort(host: Host, spec: OvsPortSpec): Promise<void> {
  await ovsVsctl(host, portTransaction(spec));
  // ovs-vsctl exits 0 also when the switch could not take the port: then it has no number (ofport, -1).
  const ofport = (await ovsVsctl(host, ['get', 'interface', spec.name, 'ofport'])).trim();
  if (/^[1-9]\d*$/.test(ofport)) return;
  const said = (await ovsVsctl(host, ['get', 'interface', spec.name, 'error'])).trim();
  throw new SetupError(
    'ovs-port-failed',
    `Open vSwitch could not take ${spec.name} into ${spec.bridge}: ${said === '[]' ? 'it gave no reason' : said}`,
    {
      exitCode: EXIT.rolledBack,
      hint: 'Its reason stands in the log, /var/log/openvswitch/ovs-vswitchd.log.',
    },
  );
}

/** Remove a port from whatever bridge it is in, by its record; that there is none is a success. */
export async function removeOvsPort(host: Host, name: string): Promise<void> {
  const argv = ['--if-exists', 'del-port', name];
  try {
    // Waits until the switch has let go of it: one that is made anew by the same name must not be taken for this one.
    await ovsVsctl(host, argv);
  } catch {
    // The record has to go even when there is no switch that could follow it.
    await ovsVsctl(host, ['--no-wait', ...argv]);
  }
}

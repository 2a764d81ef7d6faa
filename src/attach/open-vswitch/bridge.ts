import { EXIT, SetupError } from '../../errors.js';
import type { Host } from '../../host/host.js';
import { ovsVsctl } from './database.js';

/** Whether a bridge that is missing is one of Open vSwitch, by its name: pipework's convention. */
export function isOvsName(name: string): boolean {
  return name.startsWith('ovs');
}

/** Make an Open vSwitch bridge, as pipework does for names that begin with `ovs`. What fails leaves no record. */
export async function makeOvsBridge(host: Host, name: string): Promise<void> {
  try {
    await ovsVsctl(host, ['add-br', name]);
    // ovs-vsctl exits 0 also when there is no datapath for the bridge; it has no interface then.
    if (await host.files.exists(`/sys/class/net/${name}`)) return;
    throw new SetupError('ovs-bridge-failed', `Open vSwitch could not make the bridge ${name}`, {
      exitCode: EXIT.rolledBack,
      hint:
        `The kernel needs its module ("modprobe openvswitch"). Without it, make the bridge yourself: ` +
        `"ovs-vsctl add-br ${name} -- set bridge ${name} datapath_type=netdev".`,
    });
  } catch (error) {
    await ovsVsctl(host, ['--no-wait', '--if-exists', 'del-br', name]).catch(() => {});
    throw error;
  }
}

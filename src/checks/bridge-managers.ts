import type { NetworkManager } from '../model/facts.js';
import { linkNamed } from '../model/links.js';
import type { DoctorCheck } from './doctor-check.js';
import { error } from './found.js';

/** Those whose files bridge-setup writes, and cloud-init, which only writes the files of others. */
const EXPECTED: readonly NetworkManager['name'][] = ['ifupdown', 'ifcfg', 'cloud-init'];

/** One program configures the bridge. */
export const bridgeManagers: DoctorCheck = {
  id: 'bridge-managers',
  title: 'One program configures the bridge',
  group: 'host',
  on: 'set-up',
  looksAt:
    'Whether NetworkManager, systemd-networkd, netplan or dhcpcd claim the bridge beside ifupdown or ifcfg.',
  cause: 'One undoes what the other has made: a second address, another route, a bridge without its port.',
  run({ facts, doctor: { bridge } }) {
    const claiming = facts.managers.filter(({ active, links }) => active && links.includes(bridge));
    // NetworkManager, too, reads ifcfg files: then its profile is the file.
    const others = claiming.filter(
      ({ name, profiles }) =>
        !EXPECTED.includes(name) && !profiles?.[bridge]?.startsWith('/etc/sysconfig/network-scripts/'),
    );
    const ours = claiming.find(({ name }) => EXPECTED.includes(name));
    if (ours === undefined || linkNamed(facts, bridge) === null) return [];
    return others.map(({ name }) =>
      error(
        'manager-conflict',
        `${bridge} is configured by ${ours.name}, and ${name} has it in its hands, too.`,
        `Make ${name} leave ${bridge} and its port alone, or stop it.`,
      ),
    );
  },
};

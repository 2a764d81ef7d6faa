import { RUNTIME_CONFIG_FILE } from '../model/paths.js';
import type { DoctorCheck } from './doctor-check.js';
import { error, note } from './found.js';

/** No MAC address is there twice, here or on another host with containers of the same names. */
export const containerMacs: DoctorCheck = {
  id: 'container-macs',
  title: 'Each container has a MAC address of its own',
  group: 'containers',
  needs: 'root',
  on: 'set-up',
  looksAt: 'The MAC addresses in the records of the runtime, and "macs" in /etc/bridge-setup/runtime.json.',
  cause:
    'A container was renamed and another one got its name. Earlier versions made MAC addresses of names alone, so that containers of one name on two hosts of a LAN have the same one.',
  run({ facts, doctor: { topology } }) {
    const attached = topology.endpoints.filter(({ state }) => state === 'attached');
    const twice = attached.flatMap((one, index) => {
      const other = attached
        .slice(0, index)
        .find(
          ({ mac, bridge, hostInterfaceName }) =>
            mac === one.mac && bridge === one.bridge && hostInterfaceName !== one.hostInterfaceName,
        );
      if (other === undefined) return [];
      return [
        error(
          'mac-twice',
          `${other.containerName} and ${one.containerName} both have the MAC address ${one.mac}.`,
          `Restart ${other.containerName}: \`docker restart ${other.containerName}\`.`,
        ),
      ];
    });
    return [...twice, ...(isOld(facts.files[RUNTIME_CONFIG_FILE]?.content) ? [OLD] : [])];
  },
};

const OLD = note(
  'macs-by-name',
  'MAC addresses of containers are made of names alone: a container of the same name on another host of this LAN that does so, too, would have the same one.',
  'Where there is such a host, set "macs": "host" in /etc/bridge-setup/runtime.json, restart the runtime, and re-create the containers. Each gets another MAC address, so change reservations on the DHCP server: `bridge-setup import` shows the new ones.',
);

function isOld(config: string | undefined): boolean {
  if (config === undefined) return false;
  try {
    const value: unknown = JSON.parse(config);
    return typeof value === 'object' && value !== null && !('macs' in value);
  } catch {
    return false;
  }
}

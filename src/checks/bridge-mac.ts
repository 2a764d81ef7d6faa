import { linkNamed } from '../model/links.js';
import { macRemedy } from './bridge-settings.js';
import type { DoctorCheck } from './doctor-check.js';
import { toldByFiles, warning } from './found.js';

/** The bridge's MAC address is the one that the LAN knows the host by, and stays so. */
export const bridgeMac: DoctorCheck = {
  id: 'bridge-mac',
  title: 'The bridge has the MAC address of its port, for good',
  group: 'bridge',
  on: 'set-up',
  looksAt:
    "The MAC addresses of the bridge and its port, the files' word on it, and whether somebody has set it.",
  cause:
    'A bridge takes the lowest MAC address of its ports unless it has one of its own, so it changes when a container joins; and by another one the DHCP server gives another address.',
  run(context) {
    const { facts, doctor } = context;
    const told = toldByFiles(context, 'bridge-mac');
    if (told.length > 0) return told;
    const bridge = linkNamed(facts, doctor.bridge);
    const port = doctor.port === null ? null : linkNamed(facts, doctor.port);
    if (bridge === null || port === null || doctor.kernel.bridge === null) return [];
    if (!doctor.kernel.bridge.macPinned) {
      return [
        warning(
          'mac-not-pinned',
          `Nobody has set the MAC address of ${bridge.name}: it may change when a container joins.`,
          doctor.existing && bridge.mac !== null
            ? macRemedy(facts, bridge.name, bridge.mac)
            : `Set it: \`ip link set dev ${bridge.name} address ${port.mac}\`, and \`bridge_hw ${port.mac}\` in its stanza.`,
        ),
      ];
    }
    // One that somebody else configures may have an address of its own, as netplan and systemd-networkd give it.
    return bridge.mac === port.mac || doctor.existing
      ? []
      : [
          warning(
            'mac-differs-from-port',
            `${bridge.name} has the MAC address ${bridge.mac}, its port ${port.name} ${port.mac}: the LAN may know the host by the latter.`,
            `Unless that is meant: \`ip link set dev ${bridge.name} address ${port.mac}\`, and the same in its file.`,
          ),
        ];
  },
};

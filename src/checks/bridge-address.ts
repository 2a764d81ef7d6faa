import { linkNamed } from '../model/links.js';
import type { DoctorCheck } from './doctor-check.js';
import { error, note, toldByFiles } from './found.js';

/** The host is on the LAN itself. */
export const bridgeAddress: DoctorCheck = {
  id: 'bridge-address',
  title: 'The bridge has an address',
  group: 'bridge',
  on: 'set-up',
  looksAt: 'The IPv4 addresses of the bridge.',
  cause:
    'Somebody took it away, its lease has ended, or it was left on the port, where nobody answers for it.',
  run(context) {
    const { facts, doctor } = context;
    const bridge = linkNamed(facts, doctor.bridge);
    if (bridge?.kind !== 'bridge') return [];
    const told = toldByFiles(context, 'bridge-address');
    if (told.length > 0) return told;
    const hasOne = bridge.addresses.some(({ family, scope }) => family === 4 && scope === 'global');
    if (!hasOne && doctor.existing) {
      return [
        note(
          'existing-without-address',
          `${bridge.name} has no IPv4 address: this host is not on its LAN, and does not reach the containers there.`,
          'Unless that is meant, give it one where it is configured.',
        ),
      ];
    }
    return hasOne
      ? []
      : [
          error(
            'bridge-without-address',
            `${bridge.name} has no IPv4 address, so the host is not on the LAN.`,
            `Bring it up anew, in one shell: \`ifdown ${bridge.name} && ifup ${bridge.name}\`.`,
          ),
        ];
  },
};

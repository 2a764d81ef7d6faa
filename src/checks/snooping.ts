import type { DoctorCheck } from './doctor-check.js';
import { note } from './found.js';

/** Multicast reaches containers for longer than minutes. */
export const snooping: DoctorCheck = {
  id: 'snooping',
  title: 'Multicast has a querier where it is snooped',
  group: 'lan',
  on: 'set-up',
  looksAt: 'Multicast snooping of the bridge, and whether a querier was seen (IGMP, MLD).',
  cause:
    'A switch that snoops learns from the answers to a querier who listens. Without one it forgets within minutes (mDNS, SSDP); the bridge itself then floods, other switches may not.',
  run({ doctor }) {
    const settings = doctor.kernel.bridge;
    if (settings === null || !settings.snooping || settings.querier || settings.otherQuerier !== null)
      return [];
    return [
      note(
        'snooping-without-querier',
        `${doctor.bridge} snoops multicast, and no querier was seen on the LAN.`,
        `Only if discovery (mDNS, SSDP) dies after minutes: \`ip link set dev ${doctor.bridge} type bridge mcast_snooping 0\`, or make a router the querier.`,
      ),
    ];
  },
};

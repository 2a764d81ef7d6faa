import { linkNamed } from '../model/links.js';
import type { Check } from './check.js';

/** The network asks for no authentication on the uplink: 802.1X lets in one MAC address, the host's. */
export const supplicant: Check = {
  id: 'uplink-has-802-1x',
  title: 'The uplink needs no authentication',
  group: 'host',
  needs: 'clients',
  looksAt: 'Whether a wpa_supplicant authenticates the uplink.',
  cause:
    'A switch with 802.1X opens its port for the MAC address that has authenticated itself, and for no other one.',
  run: ({ facts, uplink }) => {
    // Wi-Fi has one as well; that it cannot be bridged is said elsewhere.
    if (linkNamed(facts, uplink)?.wireless || !facts.supplicants?.includes(uplink)) return [];
    return [
      {
        check: 'uplink-has-802-1x',
        severity: 'error',
        path: 'bridge.uplink',
        message: `wpa_supplicant authenticates ${uplink} to the network (802.1X). A switch that asks for that lets in the host's MAC address only, so containers would stay outside, and the host itself might lose its port.`,
        remedy:
          'Choose an uplink without 802.1X, or have the switch port opened for several MAC addresses and stop wpa_supplicant.',
      },
    ];
  },
};

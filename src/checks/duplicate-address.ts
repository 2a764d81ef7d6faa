import type { DoctorCheck } from './doctor-check.js';
import { error } from './found.js';

/** Nobody else has the address of the host. */
export const duplicateAddress: DoctorCheck = {
  id: 'duplicate-address',
  title: 'Nobody else has the address of this host',
  group: 'lan',
  needs: 'lan',
  on: 'set-up',
  looksAt: 'Who answers an ARP probe (RFC 5227) for the address of the bridge, beside this host.',
  cause:
    'Two hosts were given the same address by hand, or a static one stands in the range of the DHCP server.',
  run: ({ doctor: { lan } }) =>
    lan?.duplicate == null
      ? []
      : [
          error(
            'duplicate-address',
            `${lan.duplicate.address} is also the address of another host, by the MAC address ${lan.duplicate.mac}.`,
            'Give one of the two another address.',
          ),
        ],
};

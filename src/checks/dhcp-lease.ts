import type { DoctorCheck } from './doctor-check.js';
import { fine, warning } from './found.js';

/** Then the client has asked its own server in vain for three eighths of the lease (RFC 2131, 4.4.5: T2). */
const LATE = 1 / 8;
/** Where nobody knows how long the lease is. */
const LATE_SECONDS = 120;

/** The host's lease is renewed in time. */
export const dhcpLease: DoctorCheck = {
  id: 'dhcp-lease',
  title: 'The lease of the host is renewed in time',
  group: 'dhcp',
  on: 'set-up',
  looksAt: 'How long the lease of the bridge has left, and when it was renewed last.',
  cause: 'The DHCP server does not answer, or the client does not ask: a lease is renewed at half its time.',
  run({ doctor: { lease, existing } }) {
    if (lease === null || lease.left === null) return [];
    const { link, address, left, seconds } = lease;
    const renewed = seconds === null ? '' : `, was renewed ${Math.max(0, seconds - left)} s ago`;
    const isLate = left < (seconds === null ? LATE_SECONDS : seconds * LATE);
    const state = `The lease of ${address} on ${link} has ${left} s left${renewed}.`;
    return isLate
      ? [
          warning(
            'lease-near-its-end',
            state,
            existing
              ? `Check whether the DHCP server answers, and the DHCP client that ${link} is configured with.`
              : `Look whether the DHCP server answers; \`ifdown ${link} && ifup ${link}\`, in one shell, asks it anew.`,
          ),
        ]
      : [fine('lease-renewed', state)];
  },
};

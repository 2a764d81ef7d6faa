import { portView } from '../model/topology/ports.js';
import type { DoctorCheck } from './doctor-check.js';
import { fine, warning } from './found.js';

/** By then a client has asked twice in vain: at half of the lease, and after half of what was left until T2 (RFC 2131, 4.4.5). */
const OVERDUE = 3 / 4;

/** Leases of containers are renewed in time. */
export const containerLease: DoctorCheck = {
  id: 'container-lease',
  title: 'The leases of containers are renewed in time',
  group: 'containers',
  needs: 'root',
  on: 'set-up',
  looksAt:
    'Since when each container has its lease, when it was renewed last, and how long it has left. One near its end is a trouble of the container.',
  cause: 'The DHCP server does not answer, or the client does not ask: a lease is renewed at half its time.',
  run({ doctor: { topology } }) {
    return topology.endpoints.flatMap((endpoint) => {
      const { lease, trouble } = portView(topology, endpoint, null);
      if (lease === null || lease.expiresAt === null || trouble !== null) return [];
      const { ageSeconds, seconds, since, server } = lease;
      const held = Math.max(ageSeconds, Math.round((topology.now - Date.parse(since)) / 1000));
      const state = `${endpoint.containerName}, ${endpoint.interfaceName} on ${endpoint.bridge}: has its lease of ${seconds} s for ${held} s, got or renewed it ${ageSeconds} s ago, and has ${Math.max(0, seconds - ageSeconds)} s left`;
      return ageSeconds > seconds * OVERDUE
        ? [
            warning(
              'container-lease-overdue',
              `${state}: its renewal is overdue.`,
              `Look whether the DHCP server${server === null ? '' : ` (${server})`} answers: the client asks it again until the lease ends.`,
            ),
          ]
        : [fine('container-lease-renewed', `${state}.`)];
    });
  },
};

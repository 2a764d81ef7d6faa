import type { DoctorCheck } from './doctor-check.js';
import { error, warning } from './found.js';

/** Names can be looked up. */
export const dns: DoctorCheck = {
  id: 'dns',
  title: 'The name servers answer',
  group: 'lan',
  looksAt: 'The name servers in /etc/resolv.conf, and whether each answers a question; not with --no-probe.',
  cause:
    'A name server is down or out of reach, or a DHCP client has emptied the file or written another server into it.',
  run({ facts, doctor: { silentNameServers: silent } }) {
    const servers = facts.dns.nameservers;
    if (servers.length === 0) {
      return [
        error(
          'dns-none',
          'No name server stands in /etc/resolv.conf.',
          'Write `nameserver ADDRESS` there, or have the DHCP client ask anew.',
        ),
      ];
    }
    if (silent.length === 0) return [];
    const remedy = 'Name another one in the configuration of the network, or look why it is silent.';
    return silent.length < servers.length
      ? [warning('dns-partly-silent', `A name server does not answer: ${silent.join(', ')}.`, remedy)]
      : [error('dns-silent', `No name server answers: ${silent.join(', ')}.`, remedy)];
  },
};

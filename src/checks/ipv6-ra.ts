import { linkNamed } from '../model/links.js';
import { commandStep } from '../model/steps.js';
import type { DoctorCheck } from './doctor-check.js';
import { warning } from './found.js';

/** The host goes on hearing routers. */
export const ipv6Ra: DoctorCheck = {
  id: 'ipv6-ra',
  title: 'Router advertisements of IPv6 are heard',
  group: 'addresses',
  on: 'set-up',
  looksAt:
    'net.ipv6.conf of the bridge (forwarding, accept_ra), and whether the host has what a router gave it.',
  cause:
    'A host that forwards IPv6, as Docker makes it, is a router itself and ignores advertisements unless accept_ra is 2: its addresses and its default route end with their lifetimes.',
  run({ facts, doctor }) {
    const bridge = linkNamed(facts, doctor.bridge);
    const { ipv6 } = doctor.kernel;
    if (bridge === null || ipv6 === null || !ipv6.forwarding || ipv6.acceptRa !== 1) return [];
    const isAdvertised =
      bridge.addresses.some(({ family, dynamic }) => family === 6 && dynamic) ||
      facts.routes.some(
        ({ family, link, protocol }) => family === 6 && link === bridge.name && protocol === 'ra',
      );
    return isAdvertised
      ? [
          warning(
            'ra-ignored',
            `IPv6 is forwarded, so ${bridge.name} ignores the router that gave it its address.`,
            `Run \`sysctl -w net.ipv6.conf.${bridge.name}.accept_ra=2\`, and write it to /etc/sysctl.d.`,
          ),
        ]
      : [];
  },
  fix: {
    does: 'accept_ra of the bridge becomes 2, until the next boot.',
    steps(_finding, { doctor: { bridge } }) {
      const set = (value: number) => ['sysctl', '-w', `net.ipv6.conf.${bridge}.accept_ra=${value}`];
      return [commandStep('accept-ra', `Hear routers on ${bridge} while forwarding`, set(2), set(1))];
    },
  },
};

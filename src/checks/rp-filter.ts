import { networkOf } from '../model/ipv4.js';
import { linkNamed } from '../model/links.js';
import { commandStep } from '../model/steps.js';
import type { DoctorCheck } from './doctor-check.js';
import { warning } from './found.js';

/** The kernel does not drop what comes in over the bridge. */
export const rpFilter: DoctorCheck = {
  id: 'rp-filter',
  title: 'The reverse path filter lets the LAN in',
  group: 'addresses',
  on: 'set-up',
  looksAt: 'net.ipv4.conf.*.rp_filter of the bridge, and whether another link leads to the same LAN.',
  cause:
    'The strict filter (RFC 3704) drops a packet whose answer would leave by another link, as happens where two links lead to one LAN, or the default route leads elsewhere.',
  run({ facts, doctor }) {
    const bridge = linkNamed(facts, doctor.bridge);
    if (doctor.kernel.sourceCheck !== 1 || bridge === null) return [];
    const networks = (link: typeof bridge) =>
      link.addresses
        .filter(({ family, scope }) => family === 4 && scope === 'global')
        .map(({ address, prefix }) => networkOf(`${address}/${prefix}`));
    const own = networks(bridge);
    const rival = facts.links.find(
      (link) =>
        link.name !== bridge.name && link.up && networks(link).some((network) => own.includes(network)),
    );
    const wayOut = facts.routes.find(
      ({ family, destination, link }) => family === 4 && destination === 'default' && link !== bridge.name,
    );
    const other = rival?.name ?? wayOut?.link;
    if (other === undefined) return [];
    return [
      warning(
        'rp-filter-strict',
        `The reverse path filter of ${bridge.name} is strict, and answers may leave by ${other}: the kernel then drops what came in, without a word.`,
        `Make it loose: \`sysctl -w net.ipv4.conf.${bridge.name}.rp_filter=2\`, and the same in /etc/sysctl.d.`,
      ),
    ];
  },
  fix: {
    does: 'The filter of the bridge is made loose, until the next boot.',
    steps(_finding, { doctor: { bridge } }) {
      const set = (value: number) => ['sysctl', '-w', `net.ipv4.conf.${bridge}.rp_filter=${value}`];
      // In force is the greater of this one and that of all: strict again, whichever of the two it was.
      return [commandStep('rp-filter-loose', `Check sources on ${bridge} loosely`, set(2), set(1))];
    },
  },
};

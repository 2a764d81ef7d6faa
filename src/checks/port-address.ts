import { linkNamed } from '../model/links.js';
import type { DoctorCheck } from './doctor-check.js';
import { error, toldByFiles } from './found.js';

/** The port has no network of its own. */
export const portAddress: DoctorCheck = {
  id: 'port-address',
  title: 'The port has no address of its own',
  group: 'addresses',
  on: 'set-up',
  looksAt: 'The addresses of the port.',
  cause:
    "Frames that arrive at a port are its bridge's: for an address that was left there, or given to it since, nobody answers.",
  run(context) {
    const { facts, doctor } = context;
    const told = toldByFiles(context, 'port-address');
    const port = doctor.port === null ? null : linkNamed(facts, doctor.port);
    if (told.length > 0 || port === null) return told;
    return port.addresses
      .filter(({ scope }) => scope === 'global')
      .map(({ address, prefix }) =>
        error(
          'port-has-address',
          `${port.name} is a port of ${doctor.bridge}, yet it has the address ${address}/${prefix} itself.`,
          `Take it away: \`ip address del ${address}/${prefix} dev ${port.name}\`.`,
        ),
      );
  },
};

import { linkNamed } from '../model/links.js';
import type { DoctorCheck } from './doctor-check.js';
import { error, toldByFiles } from './found.js';

/** The bridge exists. */
export const bridgeMissing: DoctorCheck = {
  id: 'bridge-missing',
  title: 'The bridge is there',
  group: 'bridge',
  on: 'set-up',
  looksAt: "Whether there is a bridge of that name among the host's links.",
  cause: 'It was deleted or never came up: at a boot the network scripts failed, or somebody ran ifdown.',
  run(context) {
    const { bridge } = context.doctor;
    const link = linkNamed(context.facts, bridge);
    if (link?.kind === 'bridge') return [];
    const told = toldByFiles(context, 'bridge-missing');
    if (told.length > 0) return told;
    const now = link === null ? `There is no ${bridge}` : `${bridge} is no bridge`;
    return [
      error(
        'bridge-not-there',
        `${now}, and the attach runtime is to serve it.`,
        context.doctor.existing
          ? 'Bring it up where it is configured, or name another one to bridge-setup.'
          : `Bring it up (\`ifup ${bridge}\`), or run bridge-setup again.`,
      ),
    ];
  },
};

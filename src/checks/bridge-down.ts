import { linkNamed } from '../model/links.js';
import type { DoctorCheck } from './doctor-check.js';
import { error, toldByFiles } from './found.js';

/** The bridge is up. */
export const bridgeDown: DoctorCheck = {
  id: 'bridge-down',
  title: 'The bridge is up',
  group: 'bridge',
  on: 'set-up',
  looksAt: 'The state of the bridge, as `ip link` shows it.',
  cause:
    'Somebody took it down. With it the routes through it went, which do not all come back by themselves.',
  run(context) {
    const link = linkNamed(context.facts, context.doctor.bridge);
    if (link?.kind !== 'bridge' || link.up) return [];
    const told = toldByFiles(context, 'bridge-down');
    return told.length > 0
      ? told
      : [error('bridge-down', `${link.name} is down.`, `Run \`ip link set dev ${link.name} up\`.`)];
  },
};

import { managerOf } from '../model/existing-bridge.js';
import { RUNTIME_UNIT } from '../model/paths.js';
import { commandStep } from '../model/steps.js';
import type { DoctorCheck, DoctorContext } from './doctor-check.js';
import { error, toldByFiles } from './found.js';

/** Services that have to start at boot, by what depends on them. */
const SERVICES: readonly { readonly unit: string; readonly what: string }[] = [
  { unit: RUNTIME_UNIT, what: 'containers are not put on the LAN' },
  { unit: 'docker.service', what: 'containers do not start' },
  { unit: 'networking.service', what: 'the network does not come up' },
];

/** The next boot makes the same of the host. */
export const survivesReboot: DoctorCheck = {
  id: 'survives-reboot',
  title: 'A reboot brings all of it back',
  group: 'host',
  needs: 'files',
  on: 'set-up',
  looksAt: 'What is there and in no file, and services that are not enabled.',
  cause: 'It was done by hand, and only the running network or service knows of it.',
  run(context) {
    return [
      ...toldByFiles(context, 'survives-reboot'),
      ...disabled(context).map(({ unit, what }) =>
        error(
          'not-enabled',
          `${unit} is not enabled: after a reboot ${what}.`,
          `Run \`systemctl enable ${unit}\`.`,
        ),
      ),
    ];
  },
  fix: {
    does: 'The services are enabled.',
    steps: ({ check }, context) =>
      check === 'not-enabled'
        ? disabled(context).map(({ unit }) =>
            commandStep(
              `enable-${unit}`,
              `Enable ${unit}`,
              ['systemctl', 'enable', unit],
              ['systemctl', 'disable', unit],
            ),
          )
        : [],
  },
};

const disabled = ({ facts, doctor: { units, existing, bridge } }: DoctorContext) =>
  // Where something else than ifupdown configures the bridge, its service is not needed.
  SERVICES.filter(
    ({ unit }) => unit !== 'networking.service' || !existing || managerOf(facts, bridge) === 'ifupdown',
  ).filter(({ unit }) => units[unit]?.load === 'loaded' && units[unit]?.file === 'disabled');

import type { DoctorCheck } from './doctor-check.js';
import { error } from './found.js';

/** The runtime takes its configuration. */
export const runtimeConfig: DoctorCheck = {
  id: 'runtime-config',
  title: 'The configuration of the runtime is valid',
  group: 'runtime',
  on: 'set-up',
  looksAt: 'The file /etc/bridge-setup/runtime.json, as the runtime reads it when it starts.',
  cause: 'It was edited by hand; the runtime then does not start the next time.',
  run: ({ doctor: { configProblem } }) =>
    configProblem === null
      ? []
      : [error('runtime-config-invalid', `${configProblem}.`, 'Correct /etc/bridge-setup/runtime.json.')],
};

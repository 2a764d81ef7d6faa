import type { DoctorCheck } from './doctor-check.js';
import { error, warning } from './found.js';

/** Each rule of a container is followed. */
export const containerRules: DoctorCheck = {
  id: 'container-rules',
  title: 'Rules of containers are followed',
  group: 'containers',
  on: 'set-up',
  looksAt:
    'The rules of the running containers, as the runtime reads them, and its records of what it attached.',
  cause: 'The rule says what is not allowed or cannot be understood, or nobody has looked at it yet.',
  run({ doctor: { rules, topology, unread } }) {
    const isKnown = (id: string, inside: string | null) =>
      topology.endpoints.some(
        ({ containerId, interfaceName }) => containerId === id && interfaceName === inside,
      );
    return rules.flatMap(({ container, containerId, variable, interfaceName, problem }) => {
      if (problem !== null) {
        const message = `The rule ${variable} of ${container} is not followed: ${problem.message}.`;
        return [
          warning(
            'rule-ignored',
            message,
            problem.remedy ?? 'Correct the rule, and make the container anew.',
          ),
        ];
      }
      if (unread.length > 0 || isKnown(containerId, interfaceName)) return [];
      const why =
        topology.daemon === null ? 'the attach runtime does not run' : 'the runtime has not come to it yet';
      return [
        error(
          'container-not-attached',
          `${container} has a rule for ${interfaceName}, and is not on the LAN: ${why}.`,
          topology.daemon === null ? 'Start the attach runtime.' : 'Ask again in a few seconds.',
        ),
      ];
    });
  },
};

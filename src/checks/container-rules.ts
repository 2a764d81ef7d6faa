import { FROM_IMAGE, MISSPELT } from '../model/container-rule.js';
import type { DoctorCheck } from './doctor-check.js';
import { error, notSeen, warning } from './found.js';

const MAYBE_MEANT: readonly string[] = [FROM_IMAGE, MISSPELT];

/** Each rule of a container is followed. */
export const containerRules: DoctorCheck = {
  id: 'container-rules',
  title: 'Rules of containers are followed',
  group: 'containers',
  needs: 'docker',
  on: 'set-up',
  looksAt:
    'The rules of the running containers, as the runtime reads them, names that are nearly those of rules, and its records of what it attached.',
  cause: 'The rule says what is not allowed or cannot be understood, or nobody has looked at it yet.',
  run({ facts, doctor: { rules, topology } }) {
    const isKnown = (id: string, inside: string | null) =>
      topology.endpoints.some(
        ({ containerId, interfaceName }) => containerId === id && interfaceName === inside,
      );
    return rules.flatMap(({ container, containerId, variable, interfaceName, problem }) => {
      if (problem !== null) {
        const message = `The rule ${variable} of ${container} is not followed: ${problem.message}.`;
        return [
          // The container may be meant to have no address: an image brings the rule along, or the name is another one.
          (MAYBE_MEANT.includes(problem.code) ? warning : error)(
            'rule-ignored',
            message,
            problem.remedy ?? 'Correct the rule, and re-create the container.',
          ),
        ];
      }
      if (!facts.root) return [notSeen(`whether ${container} is attached`)];
      if (isKnown(containerId, interfaceName)) return [];
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

import type { DoctorCheck } from './doctor-check.js';
import { warning } from './found.js';

/** The oldest engine that bridge-setup was run with. */
const OLDEST = [20, 10];

/** Docker's engine is one that this was tried with. */
export const dockerVersion: DoctorCheck = {
  id: 'docker-version',
  title: 'Docker is not too old',
  group: 'docker',
  needs: 'docker',
  looksAt: "The version of Docker's engine.",
  cause: 'bridge-setup was tried with Docker 20.10 and newer; older ones lack what it asks for.',
  run({ facts: { docker } }) {
    const [major, minor] =
      /^(\d+)\.(\d+)/
        .exec(docker.version ?? '')
        ?.slice(1)
        .map(Number) ?? [];
    if (!docker.reachable || major === undefined || minor === undefined) return [];
    const [oldMajor = 0, oldMinor = 0] = OLDEST;
    return major > oldMajor || (major === oldMajor && minor >= oldMinor)
      ? []
      : [
          warning(
            'docker-too-old',
            `Docker is ${docker.version}, older than ${OLDEST.join('.')}.`,
            'Upgrade it; until then `bridge-setup verify` tells whether it works.',
          ),
        ];
  },
};

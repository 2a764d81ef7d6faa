import type { DoctorCheck } from './doctor-check.js';
import { error } from './found.js';

/** Docker's containers are in network namespaces of this host. */
export const dockerRootless: DoctorCheck = {
  id: 'docker-rootless',
  title: "Docker runs as the host's own",
  group: 'docker',
  needs: 'docker',
  looksAt: "Whether the engine behind Docker's socket is a rootless one.",
  cause:
    'A rootless engine has its containers in namespaces of a user, behind a network of its own: no link of the host can be given to them.',
  run: ({ doctor }) =>
    doctor.engine.rootless
      ? [
          error(
            'docker-rootless',
            'The engine behind /var/run/docker.sock is a rootless one: its containers cannot be put on the LAN.',
            'Start the containers with the engine of the system (`systemctl start docker`).',
          ),
        ]
      : [],
};

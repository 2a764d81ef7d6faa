import { useExistingCommand } from '../model/existing-bridge.js';
import type { RuntimeFacts } from '../model/facts.js';
import { RUNTIME_UNIT } from '../model/paths.js';
import { RUNTIME_CONTAINER } from '../model/runtime-container.js';
import type { DoctorCheck } from './doctor-check.js';
import { runtimeContainerSteps, runtimeSteps } from './fix-steps.js';
import { error, notSeen, warning } from './found.js';

/** Restarts after which a service is said to fail again and again. */
const MANY = 5;

/** Whether its init or Docker says that it does not run: that much any user may see. */
const isDown = ({ service, container }: RuntimeFacts) =>
  container?.own ? !container.running : service !== null && service !== 'active';

/** Somebody puts containers on the LAN. */
export const runtimeRunning: DoctorCheck = {
  id: 'runtime-running',
  title: 'The attach runtime runs',
  group: 'runtime',
  on: 'set-up',
  looksAt: 'The service, its restarts, and the state that the daemon writes.',
  cause: 'It was not installed, was stopped, or fails: its journal has the reason.',
  run({ facts: { runtime, root }, doctor: { topology, units, existing, bridge } }) {
    const journal = `\`journalctl -u ${RUNTIME_UNIT}\` has the reason; \`systemctl restart ${RUNTIME_UNIT}\` starts it.`;
    const restarts = units[RUNTIME_UNIT]?.restarts ?? 0;
    if (topology.daemon !== null) {
      if (restarts >= MANY) {
        return [
          warning('runtime-fails-often', `The attach runtime was restarted ${restarts} times.`, journal),
        ];
      }
      return topology.daemon.ready
        ? []
        : [warning('runtime-not-ready', 'The attach runtime has not ended its first pass.', journal)];
    }
    if (!root && !isDown(runtime)) return [notSeen('whether the attach runtime runs')];
    if (runtime.container?.own) {
      return [
        error(
          'runtime-container-not-running',
          `The attach runtime, which is the container ${RUNTIME_CONTAINER}, does not run.`,
          `Start it: \`docker start ${RUNTIME_CONTAINER}\`; \`docker logs ${RUNTIME_CONTAINER}\` has the reason.`,
        ),
      ];
    }
    if (runtime.service === 'failed')
      return [error('runtime-failed', 'The attach runtime has failed.', journal)];
    if (runtime.service !== null) {
      const message = `The attach runtime does not run (${runtime.service}).`;
      return [error('runtime-not-running', message, `Start it: \`systemctl start ${RUNTIME_UNIT}\`.`)];
    }
    return [
      warning(
        'runtime-not-installed',
        'The attach runtime is not installed as a service, and none runs: containers are not attached.',
        existing
          ? `Use ${bridge} as it is: \`${useExistingCommand(bridge)}\` installs it, and changes nothing of ${bridge}. Or have your init start \`bridge-setup daemon\`.`
          : 'Run bridge-setup again with runtime.install "service" or "container", or have your init start `bridge-setup daemon`.',
      ),
    ];
  },
  fix: {
    does: 'A service, or container, that is installed and does not run is started.',
    steps: ({ check }) =>
      check === 'runtime-container-not-running'
        ? runtimeContainerSteps()
        : check === 'runtime-failed' || check === 'runtime-not-running'
          ? runtimeSteps(['systemctl', 'stop', RUNTIME_UNIT])
          : [],
  },
};

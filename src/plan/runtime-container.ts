import type { Answers } from '../model/answers.js';
import type { HostFacts } from '../model/facts.js';
import { OWN_COMMANDS, RUNTIME_UNIT } from '../model/paths.js';
import type { Step } from '../model/plan.js';
import {
  END_RUNTIME_CONTAINER,
  ON_THE_HOST,
  RUNTIME_CONTAINER,
  runtimeContainerCommand,
} from '../model/runtime-container.js';
import { awaitRuntimeStep, commandStep, fileSteps } from '../model/steps.js';
import { render } from '../templates.js';

/** The commands on the PATH, which start a container: everything that is said about them is true on such a host, too. */
export function commandSteps(facts: HostFacts, { runtime }: Answers): Step[] {
  return Object.entries(OWN_COMMANDS).flatMap(([command, path]) => {
    // Somebody's own, or the program's where it is installed on the host.
    const foreign = (facts.programs[command] ?? null) === path && facts.files[path] === undefined;
    if (foreign) return [];
    const content = render('container/command.sh.ejs', {
      command,
      flags: ON_THE_HOST.join(' '),
      image: runtime.image,
    });
    return fileSteps(facts, `command-${command}`, `Make ${command} a command`, path, content, 0o755);
  });
}

/** The runtime as a container: started once the bridge is up, in the place of what ran before. */
export function containerStartSteps(facts: HostFacts, { runtime }: Answers): Step[] {
  const there = facts.runtime.container;
  if (there?.own && there.running && there.current && there.image === runtime.image) return [];
  return [
    ...stopServiceSteps(facts),
    ...removeContainerSteps(facts),
    commandStep(
      'runtime-container',
      `Start the attach runtime as the container ${RUNTIME_CONTAINER}`,
      runtimeContainerCommand(runtime.image),
      END_RUNTIME_CONTAINER,
    ),
    awaitRuntimeStep(RUNTIME_CONTAINER, 'container'),
  ];
}

/** Two runtimes would be in each other's way: the second one refuses to start. */
function stopServiceSteps({ runtime: { service, enabled } }: HostFacts): Step[] {
  return [
    ...(service === 'active'
      ? [
          commandStep(
            'runtime-stop',
            `Stop ${RUNTIME_UNIT}`,
            ['systemctl', 'stop', RUNTIME_UNIT],
            ['systemctl', 'start', RUNTIME_UNIT],
          ),
        ]
      : []),
    ...(enabled
      ? [
          commandStep(
            'runtime-disable',
            `Disable ${RUNTIME_UNIT}`,
            ['systemctl', 'disable', RUNTIME_UNIT],
            ['systemctl', 'enable', RUNTIME_UNIT],
          ),
        ]
      : []),
  ];
}

/** Remove the container that is the runtime now; one of somebody else is not touched. */
export function removeContainerSteps({ runtime: { container } }: HostFacts): Step[] {
  if (container === undefined || !container.own) return [];
  return [
    commandStep(
      'runtime-container-remove',
      `Remove the container ${RUNTIME_CONTAINER}, which is replaced`,
      END_RUNTIME_CONTAINER,
      runtimeContainerCommand(container.image),
    ),
  ];
}

import { RUNTIME_UNIT } from '../model/paths.js';
import type { RunCommand, Step } from '../model/plan.js';
import { RUNTIME_CONTAINER } from '../model/runtime-container.js';
import { awaitRuntimeStep, commandStep } from '../model/steps.js';

/** Start the attach runtime, anew if it runs, and wait until it has looked at all containers. */
export function runtimeSteps(undo: RunCommand['undo']): Step[] {
  return [
    commandStep('runtime-start', `Start ${RUNTIME_UNIT}`, ['systemctl', 'restart', RUNTIME_UNIT], undo),
    awaitRuntimeStep(RUNTIME_UNIT),
  ];
}

/** Start the container that is the attach runtime, and wait until it has looked at all containers. */
export function runtimeContainerSteps(): Step[] {
  const command = (verb: string) => ['docker', verb, RUNTIME_CONTAINER];
  return [
    commandStep(
      'runtime-start',
      `Start the container ${RUNTIME_CONTAINER}`,
      command('start'),
      command('stop'),
    ),
    awaitRuntimeStep(RUNTIME_CONTAINER, 'container'),
  ];
}

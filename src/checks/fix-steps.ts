import { RUNTIME_UNIT } from '../model/paths.js';
import type { RunCommand, Step } from '../model/plan.js';

const SECONDS = 60;

/** A command as a step, with the one that takes it back. */
export function commandStep(
  id: string,
  title: string,
  argv: readonly string[],
  undo: RunCommand['undo'],
): Step {
  return { id, title, kind: 'run', argv, undo, timeoutSeconds: SECONDS };
}

/** Start the attach runtime, anew if it runs, and wait until it has looked at all containers. */
export function runtimeSteps(undo: RunCommand['undo']): Step[] {
  return [
    commandStep('runtime-start', `Start ${RUNTIME_UNIT}`, ['systemctl', 'restart', RUNTIME_UNIT], undo),
    {
      id: 'runtime-ready',
      title: 'Wait until the attach runtime is ready',
      kind: 'await-runtime',
      unit: RUNTIME_UNIT,
      timeoutSeconds: SECONDS,
    },
  ];
}

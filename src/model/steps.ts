import type { HostFacts } from './facts.js';
import type { AwaitRuntime, RunCommand, Step } from './plan.js';

const SECONDS = 60;

/** A step that makes a file have this content; none when it has. */
export function fileSteps(
  facts: HostFacts,
  id: string,
  title: string,
  path: string,
  content: string,
  mode: number,
): Step[] {
  const before = facts.files[path]?.content ?? null;
  return before === content ? [] : [{ id, title, kind: 'write-file', path, content, mode, before }];
}

/** A command as a step, with the one that takes it back. */
export function commandStep(
  id: string,
  title: string,
  argv: readonly string[],
  undo: RunCommand['undo'],
): Step {
  return { id, title, kind: 'run', argv, undo, timeoutSeconds: SECONDS };
}

/** Wait until the attach runtime has looked at all containers: a service by its unit, or a container by its name. */
export function awaitRuntimeStep(unit: string, as?: AwaitRuntime['as']): Step {
  return {
    id: 'runtime-ready',
    title: 'Wait until the attach runtime is ready',
    kind: 'await-runtime',
    unit,
    ...(as === undefined ? {} : { as }),
    timeoutSeconds: SECONDS,
  };
}

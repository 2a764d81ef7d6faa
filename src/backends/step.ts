import type { Action, Step } from '../model/plan.js';

/** For a command that is over at once. */
const SECONDS = 10;

/** A step of a plan. */
export function step(id: string, title: string, action: Action): Step {
  return { id, title, ...action };
}

/** A command of the way back, once everything behind it has been taken back. */
export function whenUndone(id: string, title: string, argv: string[], timeoutSeconds = SECONDS): Step {
  return step(id, title, { kind: 'run-when-undone', argv, timeoutSeconds });
}

/** A command, and the one that takes it back. */
export function command(
  id: string,
  title: string,
  argv: string[],
  undo: string[] | null,
  timeoutSeconds = SECONDS,
): Step {
  return step(id, title, { kind: 'run', argv, undo, timeoutSeconds });
}

import type { Action, Step } from '../model/plan.js';

/** A step of a plan. */
export function step(id: string, title: string, action: Action): Step {
  return { id, title, ...action };
}

/** A command of the way back, once everything behind it has been taken back. */
export function whenUndone(id: string, title: string, argv: string[], timeoutSeconds = 10): Step {
  return step(id, title, { kind: 'run-when-undone', argv, timeoutSeconds });
}

/** A command that is over at once, and the one that takes it back. */
export function command(id: string, title: string, argv: string[], undo: string[] | null): Step {
  return step(id, title, { kind: 'run', argv, undo, timeoutSeconds: 10 });
}

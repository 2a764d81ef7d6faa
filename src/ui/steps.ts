import type { Step } from '../model/plan.js';
import type { Output } from './output.js';
import { duration } from './report.js';

/**
 * Shows steps as they run: one line each, when it has ended, what it
 * has to say to a person, and its commands' output with `--verbose`.
 */
export function stepProgress(output: Output): {
  step(step: Step, state: 'started' | 'done' | 'failed', durationMs: number): void;
  line(text: string): void;
  note(text: string): void;
} {
  const { style } = output;
  return {
    step(step, state, durationMs) {
      // It has nothing to do on the way there.
      if (step.kind === 'run-when-undone') return;
      const event = {
        event: 'step',
        id: step.id,
        title: step.title,
        state,
        durationMs: Math.round(durationMs),
      };
      output.running(state === 'started' ? step.title : null);
      if (state === 'started') output.detail(`… ${step.title}`, event);
      else {
        const mark = state === 'done' ? style.good('done') : style.bad('failed');
        output.progress(`  ${mark}  ${step.title} ${style.dim(`(${duration(durationMs)})`)}`, event);
      }
    },
    line: (text) => output.detail(`    ${text}`, { event: 'output', text }),
    note: (text) => output.progress(`  ${style.warn('note')}  ${text}`, { event: 'note', text }),
  };
}

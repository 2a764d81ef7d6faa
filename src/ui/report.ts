import type { SetupError } from '../errors.js';
import type { Finding } from '../model/finding.js';
import type { Plan } from '../model/plan.js';
import type { Style } from './style.js';

/** An error as a person reads it: what, why, what to do. */
export function errorText(error: SetupError, s: Style): string {
  const lines = [`${s.bad('Error')}: ${error.message} ${s.dim(`[${error.code}]`)}`];
  for (const { path, message, remedy } of error.problems) {
    lines.push(`  - ${path === undefined ? '' : `${s.bold(path)}: `}${message}`);
    if (remedy !== undefined) lines.push(`    ${remedy}`);
  }
  if (error.hint !== undefined) lines.push(error.hint);
  return lines.join('\n');
}

/** A finding in one or two lines. */
export function findingText({ severity, message, remedy }: Finding, s: Style): string {
  const mark = { ok: s.good('ok'), info: 'note', warning: s.warn('warning'), error: s.bad('error') }[
    severity
  ];
  return `${mark}: ${message}${remedy === undefined || severity === 'ok' ? '' : `\n  ${remedy}`}`;
}

/** A plan as a person reads it: steps, file changes, risks. */
export function planText(plan: Plan, s: Style): string {
  if (plan.steps.length === 0) return s.good(plan.summary);
  const sections = [
    s.bold(plan.summary),
    `Configuration: ${plan.backend.reason}`,
    [
      '',
      s.bold('Steps'),
      ...plan.steps.map(({ title }, index) => `  ${String(index + 1).padStart(2)}. ${title}`),
    ].join('\n'),
  ];
  if (plan.files.length > 0) {
    sections.push(['', s.bold('Files'), ...plan.files.map(({ diff }) => diffText(diff, s))].join('\n'));
  }
  if (plan.notes.length > 0)
    sections.push(['', s.bold('Notes'), ...plan.notes.map((note) => `  - ${note}`)].join('\n'));
  if (plan.risks.length > 0) {
    sections.push(
      ['', s.bold('Risks'), ...plan.risks.map((risk) => `  - ${findingText(risk, s)}`)].join('\n'),
    );
  }
  return sections.join('\n');
}

function diffText(diff: string, s: Style): string {
  return diff
    .trimEnd()
    .split('\n')
    .map((line) => {
      if (line.startsWith('+')) return `  ${s.good(line)}`;
      return `  ${line.startsWith('-') ? s.warn(line) : line}`;
    })
    .join('\n');
}

/** "1.3 s" or "45 ms". */
export function duration(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`;
}

import type { SetupError } from '../errors.js';
import type { Finding } from '../model/finding.js';
import type { FileDiff, Plan, PlannedValue } from '../model/plan.js';
import { nameCommand, PROGRAM_NAME } from './command-name.js';
import type { Style } from './style.js';
import { foldedProse, wrapped } from './wrap.js';

/**
 * An error as a person reads it: what, why, what to do; sentences are broken at this column.
 * @param command how the program is started here
 */
export function errorText(error: SetupError, s: Style, width = Infinity, command = PROGRAM_NAME): string {
  const lines = [`${s.bad('Error')}: ${error.message} ${s.dim(`[${error.code}]`)}`];
  for (const { path, message, remedy } of error.problems) {
    lines.push(`  - ${path === undefined ? '' : `${s.bold(path)}: `}${message}`);
    if (remedy !== undefined) lines.push(`    ${remedy}`);
  }
  if (error.hint !== undefined) lines.push(error.hint);
  return lines.map((line) => foldedProse(nameCommand(line, command), width)).join('\n');
}

/** The word that a finding begins with. */
export function severityMark({ severity }: Pick<Finding, 'severity'>, s: Style): string {
  return {
    ok: s.good('ok'),
    info: 'note',
    unknown: s.warn('not seen'),
    warning: s.warn('warning'),
    error: s.bad('error'),
  }[severity];
}

/** A finding in one or two lines. */
export function findingText(finding: Finding, s: Style): string {
  const { severity, message, remedy } = finding;
  return `${severityMark(finding, s)}: ${message}${remedy === undefined || severity === 'ok' ? '' : `\n  ${remedy}`}`;
}

/** How a plan is shown. */
interface PlanTextOptions {
  /** Whether the changes of the files are shown, or only their names. */
  readonly diffs?: boolean;
  /** Sentences are broken at this column; a terminal breaks them otherwise. */
  readonly width?: number;
}

/** A plan as a person reads it: steps, file changes, risks. */
export function planText(
  plan: Plan,
  s: Style,
  { diffs = true, width = Infinity }: PlanTextOptions = {},
): string {
  if (plan.steps.length === 0) return s.good(plan.summary);
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [['', s.bold(title), ...lines].join('\n')];
  const steps = forwardSteps(plan).map(({ title }, index) => `  ${String(index + 1).padStart(2)}. ${title}`);
  const files = diffs ? plan.files.map(({ diff }) => diffText(diff, s)) : plan.files.map(fileText);
  return [
    s.bold(plan.summary),
    wrapped(`Configuration: ${plan.backend.reason}`, width).join('\n'),
    ...(plan.values === undefined ? [] : [valuesText(plan.values, s, width)]),
    ...section('Steps', steps),
    ...section('Files', files),
    ...section(
      'Notes',
      plan.notes.map((note) => itemText(note, width)),
    ),
    ...section(
      'Risks',
      plan.risks.map((risk) => itemText(findingText(risk, s), width)),
    ),
  ].join('\n');
}

/** A sentence, or several lines of them, as an item of a list. */
function itemText(text: string, width: number): string {
  const lines = text.split('\n').flatMap((line) => wrapped(line.trim(), width - 4));
  return `  - ${lines.join('\n    ')}`;
}

/** What the plan goes by: what was given and detected in a line each, defaults together. */
function valuesText(values: readonly PlannedValue[], s: Style, width: number): string {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const own = values.filter(({ origin }) => origin !== 'default');
  const lines = own.map(({ path, value, origin, from }) => {
    const source = from === undefined ? origin : `${origin}: ${from}`;
    return `  ${path.padEnd(24)} ${text(value).padEnd(17)} ${s.dim(source)}`;
  });
  const defaults = values.filter(({ origin }) => origin === 'default');
  const rest = defaults.map(({ path, value }) => `${path} ${text(value)}`).join(', ');
  if (rest !== '')
    lines.push(...wrapped(`default: ${rest}`, Math.min(76, width - 2)).map((line) => s.dim(`  ${line}`)));
  return ['', s.bold('Answers'), ...lines].join('\n');
}

/** A plan in a few lines: what it does, how much of it there is, and what a person has to decide about. */
export function overviewText(plan: Plan, s: Style, width = Infinity): string {
  const files = plan.files.map(({ path }) => path).join(', ');
  const extent = `${forwardSteps(plan).length} steps${files === '' ? '' : `; they change ${files}`}.`;
  const risks = plan.risks.filter(({ severity }) => severity !== 'info');
  return [
    s.bold(plan.summary),
    ...wrapped(`${extent} \`bridge-setup rollback\` rolls all of it back.`, width),
    ...(risks.length === 0 ? [] : ['', s.bold('Risks')]),
    ...risks.map((risk) => itemText(findingText(risk, s), width)),
  ].join('\n');
}

/** Steps that are executed; the others only a rollback has. */
const forwardSteps = ({ steps }: Plan) => steps.filter(({ kind }) => kind !== 'run-when-undone');

/** A file in a line: what becomes of it, and how many lines are added and removed. */
function fileText({ path, change, diff }: FileDiff): string {
  const lines = diff.split('\n').filter((line) => !/^(---|\+\+\+) /.test(line));
  const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
  return `  ${change.padEnd(6)} ${path} (+${count('+')} -${count('-')})`;
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

import {
  type CheckGroup,
  type CheckResult,
  type CheckStatus,
  type Examination,
  GROUP_TITLES,
  NOT_SEEN,
} from '../model/examination.js';
import type { Finding } from '../model/finding.js';
import { severityMark } from './report.js';
import type { Style } from './style.js';
import { oneLine } from './topology-words.js';
import { folded } from './wrap.js';

/** How it is shown. */
export interface ExaminationOptions {
  readonly style: Style;
  /** Every check has a line of its own. */
  readonly verbose: boolean;
  /** Sentences are broken at this column; absent: they are not. */
  readonly width?: number;
}

const GROUPS = Object.keys(GROUP_TITLES) as CheckGroup[];

/** How the checks came out: a line for a group in order, and what was found with cause and remedy. */
export function examinationText(examination: Examination, options: ExaminationOptions): string {
  const groups = GROUPS.flatMap((group) => {
    const checks = examination.checks.filter((check) => check.group === group);
    return checks.length === 0 ? [] : [groupText(group, checks, options)];
  });
  return folded([...groups, verdict(examination, options.style)].join('\n'), options.width ?? Infinity);
}

function groupText(group: CheckGroup, checks: readonly CheckResult[], options: ExaminationOptions): string {
  const { style: s, verbose } = options;
  const passed = checks.filter(({ status }) => status === 'ok');
  const unseen = checks.filter(isUnseen);
  const others = checks.filter((check) => check.status !== 'ok' && !isUnseen(check));
  const title = s.bold(GROUP_TITLES[group]);
  if (passed.length === checks.length && !verbose)
    return `${title}: ${s.good('ok')}, ${count(passed.length, 'check')}`;
  const rest = verbose
    ? passed.map((check) => `  ${s.good('ok')}: ${check.title}`)
    : passed.length === 0
      ? []
      : [`  ${s.good('ok')}: ${count(passed.length, others.length === 0 ? 'check' : 'other check')}`];
  const hidden = verbose
    ? unseen.flatMap((check) => checkLines(check, s))
    : unseen.length === 0
      ? []
      : [`  ${s.warn('not seen')}: ${count(unseen.length, 'check')}`];
  return [title, ...others.flatMap((check) => checkLines(check, s)), ...hidden, ...rest].join('\n');
}

/** One that could not look: which it was, the verbose screen tells. */
const isUnseen = ({ findings }: CheckResult) =>
  findings.length > 0 && findings.every(({ check }) => check === NOT_SEEN);

function checkLines({ findings, cause }: CheckResult, s: Style): string[] {
  return findings
    .filter(({ severity }) => severity !== 'ok')
    .flatMap((finding) => [
      `  ${severityMark(finding, s)}: ${oneLine(finding.message)}`,
      ...(isProblem(finding) ? [s.dim(`    Cause: ${oneLine(finding.cause ?? cause)}`)] : []),
      ...(finding.remedy === undefined ? [] : [`    Remedy: ${oneLine(finding.remedy)}`]),
    ]);
}

const isProblem = ({ severity }: Finding) => severity === 'warning' || severity === 'error';

/** The last line: what it comes to. */
function verdict({ checks }: Examination, s: Style): string {
  const having = (status: CheckStatus) =>
    checks.flatMap(({ findings }) => findings).filter(({ severity }) => severity === status).length;
  const parts = [
    ...(having('error') === 0 ? [] : [s.bad(count(having('error'), 'error'))]),
    ...(having('warning') === 0 ? [] : [s.warn(count(having('warning'), 'warning'))]),
    ...(having('unknown') === 0 ? [] : [s.warn(`${having('unknown')} not seen`)]),
  ];
  const total = count(checks.length, 'check');
  return parts.length === 0 ? s.good(`Nothing found; ${total}.`) : `${parts.join(', ')}; ${total}.`;
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;

import type { DoctorContext } from '../checks/doctor-check.js';
import { examine } from '../checks/examine.js';
import { countFixable } from '../checks/fix-plan.js';
import { doctorChecks } from '../checks/registry.js';
import { EXIT, type ExitCode, usageError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { CheckResult, Examination } from '../model/examination.js';
import { examinationText } from '../ui/examination.js';
import type { Output } from '../ui/output.js';
import { folded } from '../ui/wrap.js';
import type { CliContext } from './context.js';
import { type OnStage, readDoctorContext } from './doctor-facts.js';
import { fitnessText } from './fitness.js';

/** Flags of doctor. */
export interface DoctorFlags {
  readonly probe?: boolean;
  /** No flag: false with --fix, which repairs nothing of DHCP servers, and need not wait for them. */
  readonly dhcp?: boolean;
  readonly fix?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** What was looked at, and how the checks came out. */
export interface Visit {
  readonly context: DoctorContext;
  readonly examination: Examination;
}

/** `bridge-setup doctor`: every check against this host, each with cause and remedy. */
export async function doctor(context: CliContext, flags: DoctorFlags): Promise<ExitCode> {
  const { fix = false, dryRun = false, yes = false } = flags;
  if (!fix && (dryRun || yes)) {
    throw usageError(
      'nothing-to-fix',
      `${dryRun ? '--dry-run' : '--yes'} is about what --fix does, so it needs --fix.`,
    );
  }
  const { output } = context;
  const visit = await lookAtHost(context.host, { ...flags, dhcp: !fix }, (stage, text) =>
    output.stage(text, { event: 'doctor', stage, text }),
  ).finally(() => output.running(null));
  printVisit(output, visit);
  const next = fix ? '' : nextText(output, visit);
  if (next !== '') output.print(folded(next, output.width));
  if (fix) return (await import('./doctor-fix.js')).fixFindings(context, flags, visit);
  const { examination } = visit;
  output.document({
    ...examinationDocument(examination),
    // On a host that is set up there is nothing to fit.
    fits: visit.context.doctor.setUp ? null : examination.ok,
    fixable: countFixable(doctorChecks, visit.context, examination),
  });
  return examination.ok ? EXIT.ok : EXIT.checkFailed;
}

/** Look at the host. */
export async function lookAtHost(
  host: Host,
  { probe = true, dhcp = true }: DoctorFlags,
  onStage?: OnStage,
): Promise<Visit> {
  const context = await readDoctorContext(host, { probe, dhcp: probe && dhcp }, onStage);
  return { context, examination: examine(doctorChecks, context) };
}

/** Say how the host is. */
export function printVisit(output: Output, { examination }: Visit): void {
  const { style, verbose, width } = output;
  output.advise(examinationText(examination, { style, verbose, width }));
}

/** What to do next: fix what can be fixed, or set up a host that fits. */
function nextText({ style }: Output, { context, examination }: Visit): string {
  if (!context.doctor.setUp) return fitnessText(examination, context.facts, style);
  const fixable = countFixable(doctorChecks, context, examination);
  const command = `${context.facts.root ? '' : 'sudo '}bridge-setup doctor --fix`;
  return fixable === 0 ? '' : `\`${command}\` repairs ${fixable} of these.`;
}

/** The document of `doctor --json` (docs/checks.md): what was found, and how each check came out. */
export function examinationDocument({ checks, ok }: Examination) {
  return {
    ok,
    findings: checks.flatMap(({ id, cause, findings }) =>
      findings.map((finding) => ({ by: id, cause, ...finding })),
    ),
    checks: checks.map(({ id, title, group, status }: CheckResult) => ({ id, title, group, status })),
  };
}

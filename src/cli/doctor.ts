import type { DoctorContext } from '../checks/doctor-check.js';
import { examine } from '../checks/examine.js';
import { doctorChecks } from '../checks/registry.js';
import { EXIT, type ExitCode, usageError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { CheckResult, Examination } from '../model/examination.js';
import { examinationText } from '../ui/examination.js';
import type { Output } from '../ui/output.js';
import type { CliContext } from './context.js';
import { readDoctorContext } from './doctor-facts.js';

/** Flags of doctor. */
export interface DoctorFlags {
  readonly probe?: boolean;
  /** No flag: false where doctor looks again, and DHCP servers were asked already. */
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
  const visit = await lookAtHost(context.host, flags);
  printVisit(context.output, visit);
  if (fix) return (await import('./doctor-fix.js')).fixFindings(context, flags, visit);
  context.output.document(examinationDocument(visit.examination));
  return visit.examination.ok ? EXIT.ok : EXIT.checkFailed;
}

/** Look at the host. */
export async function lookAtHost(host: Host, { probe = true, dhcp = true }: DoctorFlags): Promise<Visit> {
  const context = await readDoctorContext(host, { probe, dhcp: probe && dhcp });
  return { context, examination: examine(doctorChecks, context) };
}

/** Say how the host is. */
export function printVisit(output: Output, { examination }: Visit): void {
  const { style, verbose, width } = output;
  output.advise(examinationText(examination, { style, verbose, width }));
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

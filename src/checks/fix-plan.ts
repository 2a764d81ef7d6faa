import type { Examination } from '../model/examination.js';
import type { Plan, Step } from '../model/plan.js';
import type { DoctorCheck, DoctorContext } from './doctor-check.js';

/** What `doctor --fix` would do about what was found, in the order of the checks. Pure. */
export function planFixes(
  checks: readonly DoctorCheck[],
  context: DoctorContext,
  { checks: results }: Examination,
): Plan {
  const steps = new Map<string, Step>();
  for (const { id, findings } of results) {
    const fix = checks.find((check) => check.id === id)?.fix;
    for (const finding of fix === undefined ? [] : findings) {
      for (const step of fix?.steps(finding, context) ?? []) steps.set(step.id, step);
    }
  }
  const { bridge } = context.doctor;
  return {
    version: 1,
    summary:
      steps.size === 0
        ? 'Nothing that doctor may mend by itself.'
        : `What can be mended on ${bridge} without cutting anybody off is mended.`,
    backend: { id: 'doctor', reason: 'Only what runs is changed, no file of the network.' },
    bridge,
    uplink: context.uplink,
    steps: [...steps.values()],
    files: [],
    risks: [],
    notes: [],
  };
}

/** How many of the findings `doctor --fix` would repair. Pure. */
export function countFixable(
  checks: readonly DoctorCheck[],
  context: DoctorContext,
  { checks: results }: Examination,
): number {
  return results
    .flatMap(({ id, findings }) => {
      const fix = checks.find((check) => check.id === id)?.fix;
      return findings.map((finding) => fix?.steps(finding, context).length ?? 0);
    })
    .filter((steps) => steps > 0).length;
}

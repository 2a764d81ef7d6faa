import type { DoctorFacts } from '../model/doctor-facts.js';
import type { Finding } from '../model/finding.js';
import type { Step } from '../model/plan.js';
import type { Check, CheckContext } from './check.js';

/** What doctor's checks may look at. */
export interface DoctorContext extends CheckContext {
  readonly doctor: DoctorFacts;
}

/** A check of doctor's. Those before a set-up are among them: they look at less. */
export interface DoctorCheck extends Check<DoctorContext> {
  readonly fix?: Fix;
}

/** How `doctor --fix` mends what a check finds. */
export interface Fix {
  /** One sentence. */
  readonly does: string;
  /**
   * Steps for one finding, each with its way back; none where they could cut somebody off, or where only a person can
   * tell what is meant. Steps of one id are done once. Pure.
   */
  steps(finding: Finding, context: DoctorContext): readonly Step[];
}

import type { Answers } from '../model/answers.js';
import type { HostFacts } from '../model/facts.js';
import type { Finding } from '../model/finding.js';

/** What a check may look at. */
export interface CheckContext {
  readonly facts: HostFacts;
  readonly answers: Answers;
  /** The uplink by name, "auto" settled. */
  readonly uplink: string;
}

/** One question to the host. A check only looks; what would help stands in the remedy of its finding. */
export interface Check {
  readonly id: string;
  readonly title: string;
  run(context: CheckContext): readonly Finding[];
}

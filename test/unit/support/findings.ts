import { runPreflight } from '../../../src/checks/preflight.js';
import type { AnswersInput } from '../../../src/model/answers.js';
import type { HostFacts } from '../../../src/model/facts.js';
import type { Finding } from '../../../src/model/finding.js';
import { answersWith } from './answers.js';
import { hostFacts } from './facts.js';

/** What all checks together find on a host that is in order but for these facts. */
export function found(
  facts: Partial<HostFacts>,
  answers: Partial<AnswersInput> = {},
  uplink = 'eth0',
): Finding[] {
  return runPreflight({ facts: hostFacts(facts), answers: answersWith(answers), uplink });
}

/** The same, each as `severity check`. */
export function ids(...given: Parameters<typeof found>): string[] {
  return found(...given).map(({ check, severity }) => `${severity} ${check}`);
}

/** The only finding; fails when there is none, or another one beside it. */
export function onlyFinding(...given: Parameters<typeof found>): Finding {
  const [first, ...others] = found(...given);
  if (first === undefined || others.length > 0) throw new Error(`not one finding: ${ids(...given).join()}`);
  return first;
}

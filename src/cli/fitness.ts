import { runPreflight } from '../checks/preflight.js';
import { SetupError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { Answers } from '../model/answers.js';
import type { Examination } from '../model/examination.js';
import type { HostFacts } from '../model/facts.js';
import type { Finding } from '../model/finding.js';
import { runsInContainer } from '../model/runtime-container.js';
import type { Style } from '../ui/style.js';
import { prepare } from './prepare.js';
import { programInfo } from './program-info.js';

/** How the runtime is installed on a host about which nobody was asked. */
export function usualInstall({ init }: HostFacts, host: Host): Answers['runtime']['install'] {
  if (runsInContainer(host.env)) return 'container';
  return init === 'systemd' ? 'service' : 'none';
}

/** Why a set-up with these answers would be refused, beyond what the checks before a set-up find themselves. */
export async function setupRefusals(
  host: Host,
  facts: HostFacts,
  answers: Answers,
  uplink: string,
): Promise<Finding[]> {
  const known = runPreflight({ facts, answers, uplink }).map(({ message }) => message);
  try {
    prepare(facts, answers, await programInfo(host), true);
    return [];
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    const { code, message, problems, hint } = error;
    // The refusal of a backend is one sentence, with its reasons below.
    const all = problems.length > 0 && message.startsWith('Refused') ? problems : [{ message, remedy: hint }];
    return all
      .filter((problem) => !known.includes(problem.message))
      .map((problem) => ({
        ...{ check: code, severity: 'error', message: problem.message },
        ...(problem.remedy === undefined ? {} : { remedy: problem.remedy }),
      }));
  }
}

/** The last line about a host that is not set up: whether it fits, and the command to go on with. */
export function fitnessText({ checks, ok }: Examination, facts: HostFacts, s: Style): string {
  if (!ok) {
    const errors = checks.flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'error');
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more above)` : '';
    return s.bad(`This host does not fit yet: ${errors[0]?.message ?? ''}${more}`);
  }
  const command = facts.programs['bridge-setup'] ? 'bridge-setup' : 'npx bridge-setup';
  const seen = facts.root ? '' : ', as far as can be seen without root';
  const next = facts.root ? command : `sudo ${command}`;
  return s.good(
    `This host fits${seen}. Next: \`${next}\` sets it up; \`${next} rehearse\` tries it on a copy first.`,
  );
}

import { planFixes } from '../checks/fix-plan.js';
import { doctorChecks } from '../checks/registry.js';
import { EXIT, type ExitCode, refusal } from '../errors.js';
import type { Examination } from '../model/examination.js';
import type { Plan } from '../model/plan.js';
import { nameCommand } from '../ui/command-name.js';
import { planText } from '../ui/report.js';
import { applied, takeBack } from './carry-out.js';
import type { CliContext } from './context.js';
import { type DoctorFlags, examinationDocument, lookAtHost, printVisit, type Visit } from './doctor.js';
import { programInfo } from './program-info.js';

/** How long what was mended may take until it works, and how often it is looked at meanwhile. */
const SETTLE_MS = 15_000;
const LOOK_MS = 500;

/**
 * `bridge-setup doctor --fix`: mend what can be mended without cutting anybody off, by a plan like any other, and look
 * again. What makes it worse is taken back.
 */
export async function fixFindings(
  context: CliContext,
  flags: DoctorFlags,
  { context: looked, examination }: Visit,
): Promise<ExitCode> {
  const { host, output } = context;
  const plan = planFixes(doctorChecks, looked, examination);
  output.print(`\n${planText(plan, output.style, { width: output.width })}`);
  const isIdle = plan.steps.length === 0;
  if (flags.dryRun || isIdle) {
    output.document({ state: isIdle ? 'unchanged' : 'planned', plan, ...examinationDocument(examination) });
    return examination.ok ? EXIT.ok : EXIT.checkFailed;
  }
  if (!host.isRoot()) {
    throw refusal('not-root', 'Only root can mend this host.', [], 'Run `sudo bridge-setup doctor --fix`.');
  }
  if (!(flags.yes || (await isWanted(context, plan)))) {
    output.print('Nothing was changed.');
    return examination.ok ? EXIT.ok : EXIT.checkFailed;
  }
  const work = { plan, facts: looked.facts, program: await programInfo(host), kind: 'repair' as const };
  const after = await applied(context, work, null, async (folder) => {
    const { visit, worse } = await settledVisit(context, flags, examination);
    output.print('');
    printVisit(output, visit);
    if (worse.length > 0) {
      const reason = `now there is ${worse.join(', ')}`;
      return takeBack(context, { folder, what: 'It made things worse', reason, step: null });
    }
    return { folder, examination: visit.examination };
  });
  output.document({
    state: 'applied',
    plan,
    checkpoint: after.folder,
    ...examinationDocument(after.examination),
  });
  return after.examination.ok ? EXIT.ok : EXIT.checkFailed;
}

/**
 * Look again until nothing is worse, or the time is up: a runtime that was started has first to lease the addresses of its
 * containers anew.
 */
async function settledVisit({ host }: CliContext, flags: DoctorFlags, before: Examination) {
  const deadline = host.clock.elapsed() + SETTLE_MS;
  for (;;) {
    const visit = await lookAtHost(host, { ...flags, dhcp: false });
    const worse = newErrors(before, visit.examination);
    if (worse.length === 0 || host.clock.elapsed() >= deadline) return { visit, worse };
    await host.clock.sleep(LOOK_MS);
  }
}

/** What is an error now, and was not found before. */
function newErrors(before: Examination, after: Examination): string[] {
  const namesOf = ({ checks }: Examination, isError: boolean) =>
    checks
      .flatMap(({ findings }) => findings)
      .filter(({ severity }) => !isError || severity === 'error')
      .map(({ check }) => check);
  const known = namesOf(before, false);
  return namesOf(after, true).filter((name) => !known.includes(name));
}

async function isWanted({ output, signal }: CliContext, { steps }: Plan): Promise<boolean> {
  if (process.stdin.isTTY !== true || output.json) {
    throw refusal(
      'not-confirmed',
      'Nobody is there to be asked; nothing was changed.',
      [],
      'Say so by --yes.',
    );
  }
  const { askerFor, stoppable } = await import('./opening.js');
  const chosen = await stoppable(async () =>
    (await askerFor(signal)).choose({
      message: steps.length === 1 ? 'Do it?' : `Do these ${steps.length} steps?`,
      choices: [
        {
          value: 'do',
          name: nameCommand('Yes; `bridge-setup rollback --last` takes it back', output.command),
        },
        { value: 'leave', name: 'No, leave everything as it is' },
      ],
      offered: 'do',
      canGoBack: false,
    }),
  );
  return chosen === 'do';
}

import { EXIT, type ExitCode } from '../errors.js';
import { type Asker, BACK, type Back } from '../ui/asker.js';
import { replacedAddresses, safetySentence, safetyText } from '../ui/known.js';
import { nextText } from '../ui/next.js';
import { overviewText, planText } from '../ui/report.js';
import { folded } from '../ui/wrap.js';
import { carryOut, type Work } from './carry-out.js';
import type { CliContext } from './context.js';
import { freeNames } from './free-names.js';
import { readFacts } from './read-facts.js';

/** A plan, and the answers as they were said. */
export interface Decided extends Omit<Work, 'attended'> {
  readonly input: Readonly<Record<string, unknown>>;
}

/** Why nobody is cut off where the bridge is somebody else's. */
const NOTHING_CHANGES =
  'The network of this host is not changed: nobody is cut off, and nothing has to be confirmed.';

type PlanChoice = 'act' | 'details' | 'rehearse' | 'answers' | 'leave';

/** Show the plan, and ask what becomes of it. `BACK`: the answers are to be changed. */
export async function decideOnPlan(
  context: CliContext,
  asker: Asker,
  work: Decided,
  rehearsedBefore: boolean,
): Promise<ExitCode | Back> {
  const { output } = context;
  const { plan, facts, answers } = work;
  const { style } = output;
  const width = Math.min(80, output.width);
  const { confirmSeconds } = answers.safety;
  const safety = safetyText(plan, facts, confirmSeconds, style);
  // The safety text says the same of the session, in more words.
  const risks = plan.risks.filter(({ check }) => check !== 'remote-session');
  const changesAddress = replacedAddresses(plan).length > 0;
  output.advise(`\n${overviewText({ ...plan, risks }, style, width)}`);
  const sentence = plan.existing ? NOTHING_CHANGES : safetySentence(confirmSeconds);
  output.advise(`${changesAddress ? `\n${safety}` : folded(sentence, width)}\n`);
  // Nothing of the network is changed there, so there is nothing to rehearse.
  const canRehearse = work.program.container === undefined && !plan.existing;
  let rehearsed = rehearsedBefore;
  let shown = false;
  for (;;) {
    const choice = await asker.choose<PlanChoice>({
      message: 'What next?',
      choices: [
        { value: 'act', name: 'Do it' },
        {
          value: 'details',
          name: plan.existing
            ? 'Show each step and each file'
            : 'Show each step, the changes of the files, and how you stay connected',
        },
        ...(canRehearse
          ? [{ value: 'rehearse' as const, name: 'Rehearse just this on a throw-away copy of this host' }]
          : []),
        { value: 'answers', name: 'Change the answers' },
        { value: 'leave', name: 'Leave; nothing was changed' },
      ],
      offered: rehearsed || (shown && !canRehearse) ? 'act' : shown ? 'rehearse' : 'details',
      canGoBack: false,
    });
    if (choice === 'leave') {
      output.print('Nothing was changed.');
      return EXIT.ok;
    }
    if (choice === 'act') return act(context, asker, work);
    if (choice === 'details') {
      output.print(`\n${planText({ ...plan, risks }, style, { width })}\n`);
      if (!plan.existing) output.advise(`${safety}\n`);
      shown = true;
    } else if (choice === 'rehearse') {
      const { rehearseHost } = await import('./rehearse.js');
      rehearsed = (await rehearseHost(context, answers)) === EXIT.ok || rehearsed;
    } else return BACK;
  }
}

async function act(context: CliContext, asker: Asker, work: Decided): Promise<ExitCode> {
  const { host, output } = context;
  const code = await carryOut(context, { ...work, attended: true });
  if (code !== EXIT.ok) return code;
  const hasService = work.answers.runtime.install !== 'none';
  const names = await freeNames(host);
  const next = nextText(await readFacts(host), work.plan.bridge, hasService, output.style, names);
  output.advise(`\n${next}\n`);
  await offerAnswers(context, asker, work.input);
  return code;
}

/** The answers of this run are the next host's. Whatever happens here, this host is set up. */
async function offerAnswers(
  { host, output }: CliContext,
  asker: Asker,
  input: Decided['input'],
): Promise<void> {
  try {
    const save = await asker.choose({
      message: 'Keep the answers of this run in a file, for the next host?',
      choices: [
        { value: 'no', name: 'No' },
        { value: 'yes', name: 'Yes' },
      ],
      offered: 'no',
      canGoBack: false,
    });
    if (save !== 'yes') return;
    const taken = new Set<string>();
    for (;;) {
      const file = await asker.text({
        message: 'File',
        offered: 'bridge-setup.json',
        canGoBack: true,
        problem: (path) => (taken.has(path) ? 'is there already, or cannot be written' : null),
      });
      if (file === BACK) return;
      const written = await writeNew(host, file, `${JSON.stringify(input, null, 2)}\n`);
      if (written === null) {
        output.print(`There: bridge-setup --answers ${file}`);
        return;
      }
      taken.add(file);
      output.print(written);
    }
  } catch {
    // Ctrl-C, or a terminal that is gone.
  }
}

/** Why a file cannot be written; `null`: it is. One that is there stays. */
async function writeNew({ files }: CliContext['host'], file: string, text: string): Promise<string | null> {
  try {
    if (await files.exists(file)) return `${file} is there already.`;
    await files.write(file, text, 0o644);
    return null;
  } catch (error) {
    return `${file} cannot be written: ${(error as Error).message}`;
  }
}

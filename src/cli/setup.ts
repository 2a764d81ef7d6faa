import { type ApplyOutcome, applyPlan } from '../apply/apply.js';
import type { Confirmation } from '../apply/decision.js';
import { withLock } from '../apply/lock.js';
import { rollBack } from '../apply/rollback.js';
import { deadlineSeconds, guardRun } from '../apply/watchdog.js';
import { EXIT, type ExitCode, type Problem, refusal, SetupError, usageError } from '../errors.js';
import { collectTexts } from '../facts/texts.js';
import type { Answers } from '../model/answers.js';
import type { HostFacts } from '../model/facts.js';
import type { Plan } from '../model/plan.js';
import { planText } from '../ui/report.js';
import { readAnswers } from './answers-file.js';
import type { CliContext } from './context.js';
import { applyDoor } from './live-network.js';
import { prepare } from './prepare.js';
import { programInfo } from './program-info.js';
import { readFacts, readRecordedFacts } from './read-facts.js';
import { leftoverProblems } from './rollback.js';
import { refuseUnfinished } from './unfinished.js';
import { proveHost, verificationText } from './verify.js';

interface SetupFlags {
  readonly answers?: string;
  readonly dryRun?: boolean;
  readonly facts?: string;
  readonly root?: string;
}

/** `bridge-setup`, `bridge-setup --answers FILE|-`, and both with `--dry-run`. */
export async function setup(
  context: CliContext,
  given: Readonly<Record<string, unknown>>,
  args: readonly string[],
): Promise<ExitCode> {
  const flags = given as SetupFlags;
  if (args.length > 0)
    throw usageError(
      'unknown-command',
      `There is no command "${args[0]}".`,
      [],
      'See `bridge-setup --help`.',
    );
  if (flags.facts !== undefined && !flags.dryRun) {
    throw usageError(
      'facts-without-dry-run',
      '--facts describes a host that is elsewhere, so it needs --dry-run.',
    );
  }
  if (flags.root !== undefined && flags.facts === undefined) {
    throw usageError(
      'root-without-facts',
      '--root holds the files of a host that is elsewhere, so it needs --facts.',
    );
  }
  const { host, output } = context;
  const answers = flags.answers === undefined ? null : await readAnswers(host, flags.answers);
  if (answers === null && !flags.dryRun && !host.isRoot()) {
    throw refusal(
      'not-root',
      'Network configuration can only be changed by root.',
      [],
      'Run `sudo npx bridge-setup`, or try `bridge-setup --dry-run` first.',
    );
  }
  if (!flags.dryRun && host.isRoot()) await refuseUnfinished(host);
  const facts =
    flags.facts === undefined
      ? await readFacts(host)
      : await readRecordedFacts(host, flags.facts, flags.root);
  const wanted = answers ?? (await askAnswers(context, facts));
  const program = await programInfo(host);
  const plan = prepare(facts, wanted, program, flags.dryRun ?? false);
  output.print(planText(plan, output.style));
  if (flags.dryRun || plan.steps.length === 0) {
    output.document({ state: flags.dryRun ? 'planned' : 'unchanged', plan });
    return EXIT.ok;
  }
  if (answers === null && !(await confirmed(context))) return EXIT.ok;
  const guard = { program, systemd: facts.init === 'systemd', deadlineSeconds: deadlineSeconds(plan) };
  const confirmation = confirmationFor(context, wanted, answers === null);
  return withLock(host, async () => {
    // Again, now that nobody else can begin one.
    await refuseUnfinished(host);
    const outcome = await applyPlan(plan, {
      ...applyDoor(context),
      signal: context.signal,
      guard: (folder) => guardRun(host, folder, guard),
      texts: (uplink) => collectTexts(host, uplink),
      confirmation,
    });
    return conclude(context, plan, wanted, outcome);
  });
}

async function askAnswers(context: CliContext, facts: HostFacts): Promise<Answers> {
  if (!process.stdin.isTTY || context.output.json) {
    throw usageError(
      'no-answers',
      'There is nobody to ask: standard input is not a terminal.',
      [],
      'Give the answers with --answers FILE, or --answers - for standard input.',
    );
  }
  const { askForAnswers } = await import('./wizard.js');
  return askForAnswers(context, facts);
}

async function confirmed(context: CliContext): Promise<boolean> {
  const { confirmPlan } = await import('./wizard.js');
  if (await confirmPlan()) return true;
  context.output.print('Nothing was changed.');
  return false;
}

/** Whether somebody has to say that the change stays; `null`: the probes are enough. */
function confirmationFor(
  { output }: CliContext,
  { safety }: Answers,
  attended: boolean,
): Confirmation | null {
  const { confirm, confirmSeconds: seconds } = safety;
  if (confirm === 'never' || (confirm === 'attended' && !attended)) return null;
  output.detail(`The change has to be confirmed within ${seconds} s.`, { event: 'confirmation', seconds });
  return {
    seconds,
    ask: async (signal) => {
      output.progress(`The new network is up. It is taken back in ${seconds} s unless it is confirmed.`, {
        event: 'awaiting-confirmation',
        seconds,
        command: 'bridge-setup confirm',
      });
      if (process.stdin.isTTY !== true || output.json) return forever(signal);
      const { askToKeep } = await import('../ui/prompts.js');
      return askToKeep(signal);
    },
  };
}

const forever = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

async function conclude(
  context: CliContext,
  plan: Plan,
  answers: Answers,
  outcome: ApplyOutcome,
): Promise<ExitCode> {
  const { output } = context;
  if (outcome.state !== 'applied') {
    const { reason, folder } = outcome;
    const step = outcome.state === 'failed' ? outcome.step : null;
    output.progress(`${output.style.bad('Failed')}: ${reason}\nTaking the host back …`, {
      event: 'rolling-back',
      step: step?.id ?? null,
      reason,
    });
    const result = await rollBack(applyDoor(context), { folder });
    const what = step === null ? `The change was not kept: ${reason}` : `"${step.title}" failed: ${reason}`;
    throw failure(what, leftoverProblems(result?.leftovers ?? []));
  }
  const verification = await proveHost(context, answers);
  output.print(verificationText(verification, plan.bridge, output.style));
  output.document({ state: 'applied', plan, checkpoint: outcome.folder, verification });
  return verification.ok ? EXIT.ok : EXIT.checkFailed;
}

function failure(what: string, left: readonly Problem[]): SetupError {
  return left.length === 0
    ? new SetupError('rolled-back', `${what}\nThe host was taken back and is as before.`, {
        exitCode: EXIT.rolledBack,
        hint: 'Run again with --verbose to see every command.',
      })
    : new SetupError('rollback-incomplete', `${what}\nThe host was taken back, but not all of it.`, {
        exitCode: EXIT.rollbackIncomplete,
        problems: left,
      });
}

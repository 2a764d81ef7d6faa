import { applyPlan } from '../apply/apply.js';
import { withLock } from '../apply/lock.js';
import { rollBack } from '../apply/rollback.js';
import { startWatchdog } from '../apply/watchdog.js';
import { EXIT, type ExitCode, refusal, SetupError, usageError } from '../errors.js';
import type { Answers } from '../model/answers.js';
import type { HostFacts } from '../model/facts.js';
import type { Plan } from '../model/plan.js';
import { planText } from '../ui/report.js';
import { stepProgress } from '../ui/steps.js';
import { readAnswers } from './answers-file.js';
import type { CliContext } from './context.js';
import { applyDoor } from './live-network.js';
import { prepare } from './prepare.js';
import { programInfo } from './program-info.js';
import { readFacts, readRecordedFacts } from './read-facts.js';
import { leftoverProblems } from './rollback.js';
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
  const guard = (folder: string) =>
    startWatchdog(host, folder, plan, { program, systemd: facts.init === 'systemd' });
  return withLock(host, () => carryOutPlan(context, plan, wanted, guard));
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

async function carryOutPlan(
  context: CliContext,
  plan: Plan,
  answers: Answers,
  guard: (folder: string) => Promise<void>,
): Promise<ExitCode> {
  const { host, output, signal } = context;
  const progress = stepProgress(output);
  const door = { ...applyDoor(host), progress };
  const outcome = await applyPlan(plan, { ...door, signal, guard });
  if (outcome.state === 'failed') {
    output.progress(`${output.style.bad('Failed')}: ${outcome.reason}\nTaking the host back …`, {
      event: 'rolling-back',
      step: outcome.step.id,
      reason: outcome.reason,
    });
    const result = await rollBack(door, outcome.folder);
    throw failure(outcome.step.title, outcome.reason, leftoverProblems(result?.leftovers ?? []));
  }
  const verification = await proveHost(context, answers);
  output.print(verificationText(verification, plan.bridge, output.style));
  output.document({ state: 'applied', plan, checkpoint: outcome.folder, verification });
  return verification.ok ? EXIT.ok : EXIT.checkFailed;
}

function failure(step: string, reason: string, left: ReturnType<typeof leftoverProblems>): SetupError {
  const what = `"${step}" failed: ${reason}`;
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

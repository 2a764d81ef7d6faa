import { applyPlan } from '../apply/apply.js';
import type { Confirmation } from '../apply/decision.js';
import { withLock } from '../apply/lock.js';
import { rollBack } from '../apply/rollback.js';
import type { Leftover } from '../apply/undo.js';
import { deadlineSeconds, guardRun } from '../apply/watchdog.js';
import { EXIT, type ExitCode, messageOf, SetupError, truthful } from '../errors.js';
import { collectTexts } from '../facts/texts.js';
import { affectedRules } from '../firewall/affected.js';
import { moveOf } from '../firewall/names.js';
import { keepEffects } from '../host/effects.js';
import type { Answers } from '../model/answers.js';
import type { HostFacts } from '../model/facts.js';
import type { RunKind } from '../model/journal.js';
import type { Plan, Program } from '../model/plan.js';
import { nameCommand } from '../ui/command-name.js';
import { replacedAddresses } from '../ui/known.js';
import type { CliContext } from './context.js';
import { applyDoor } from './live-network.js';
import { ownCommand } from './own-command.js';
import { leftoverProblems, repetition } from './rollback.js';
import { refuseUnfinished } from './unfinished.js';
import { printExample, proveHost, verificationText } from './verify.js';

/** A plan that is to be carried out, and what it was made of. */
export interface Work {
  readonly plan: Plan;
  readonly answers: Answers;
  readonly facts: HostFacts;
  readonly program: Program;
  /** Whether a person sits there who has to confirm the new network. */
  readonly attended: boolean;
}

/** Apply a plan, guarded; have it confirmed, and prove the result. What fails is taken back. */
export function carryOut(context: CliContext, work: Work): Promise<ExitCode> {
  const confirmation = confirmationFor(context, work);
  return applied(context, work, confirmation, (folder) => conclude(context, work, folder));
}

/**
 * Apply a plan, guarded, and do what belongs to it while nobody else may change the host. What fails is taken back, and
 * thrown.
 */
export function applied<T>(
  context: CliContext,
  {
    plan,
    facts,
    program,
    kind = 'set-up',
  }: Pick<Work, 'plan' | 'facts' | 'program'> & { readonly kind?: RunKind },
  confirmation: Confirmation | null,
  then: (folder: string) => Promise<T>,
): Promise<T> {
  const { host } = context;
  const guard = { program, systemd: facts.init === 'systemd', deadlineSeconds: deadlineSeconds(plan) };
  return withLock(host, async () => {
    // Again, now that nobody else can begin one.
    await refuseUnfinished(host);
    const outcome = await applyPlan(plan, {
      ...applyDoor(context),
      signal: context.signal,
      guard: (folder) => guardRun(host, folder, guard),
      texts: (uplink) => collectTexts(host, uplink),
      confirmation,
      kind,
    });
    if (outcome.state === 'applied') {
      keepEffects(host);
      context.output.command = await ownCommand(host);
      return then(outcome.folder).catch((error: unknown) => {
        // Unless this took it back, the change stays.
        throw error instanceof SetupError ? truthful(error, { done: [], undone: false, kept: true }) : error;
      });
    }
    const step = outcome.state === 'failed' ? outcome.step : null;
    const { folder, reason } = outcome;
    const what = step === null ? 'The change was not kept' : `"${step.title}" failed`;
    return takeBack(context, { folder, what, reason, step: step?.id ?? null });
  });
}

const KEEP = 'Press Enter to keep it, or run `bridge-setup confirm` in a new session:';
const TO_CONFIRM = 'In a new session, `bridge-setup confirm` keeps it.';

/** A session that is there goes on by its state, whatever the firewall says of new ones. */
const TRY_FIRST =
  'The firewall has rules for the NIC. Open a NEW session to this host first: only that shows that you get in. Then run `bridge-setup confirm` there, or press Enter here:';

/** Whether the firewall had rules for the NIC; those for the bridge were added, or it stays as it is. */
const namesUplink = ({ uplink, bridge }: Plan, facts: HostFacts): boolean =>
  facts.session.ssh && affectedRules(facts.firewall?.rules ?? [], moveOf(facts, uplink, bridge)).length > 0;

/** Whether somebody has to say that the change stays; `null`: the probes are enough. */
function confirmationFor(
  { host, output, signal: interrupted }: CliContext,
  { answers: { safety }, attended, plan, facts }: Pick<Work, 'answers' | 'attended' | 'plan' | 'facts'>,
): Confirmation | null {
  const replaced = replacedAddresses(plan);
  const ends =
    replaced.length === 0
      ? ''
      : `\n${replaced.join(', ')} is removed once it is confirmed, and sessions to it end.`;
  const { confirm, confirmSeconds: seconds } = safety;
  if (confirm === 'never' || (confirm === 'attended' && !attended)) return null;
  output.detail(`The change has to be confirmed within ${seconds} s.`, { event: 'confirmation', seconds });
  return {
    seconds,
    ask: async (signal) => {
      // The runtime, and the command with it, may have been installed meanwhile.
      output.command = await ownCommand(host);
      const isAsked = process.stdin.isTTY === true && !output.json;
      const what = `The new network is up. It is taken back in ${seconds} s unless it is confirmed.${ends}`;
      output.progress(isAsked ? what : `${what} ${TO_CONFIRM}`, {
        event: 'awaiting-confirmation',
        seconds,
        command: `${output.command} confirm`,
      });
      if (!isAsked) return forever(signal);
      const { askerFor } = await import('./opening.js');
      const question = namesUplink(plan, facts) ? TRY_FIRST : KEEP;
      const asker = await askerFor(interrupted);
      return asker.enter(nameCommand(question, output.command), seconds, signal);
    },
  };
}

const forever = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** A change that does not stay. */
export interface Unwanted {
  /** Its checkpoint. */
  readonly folder: string;
  readonly what: string;
  readonly reason: string;
  /** Id of the step that failed. */
  readonly step: string | null;
}

/** Take one change back, and throw the error that says so. */
export async function takeBack(context: CliContext, unwanted: Unwanted): Promise<never> {
  const { output } = context;
  const { folder, what, reason, step } = unwanted;
  output.progress(`${output.style.bad('Failed')}: ${reason}\nTaking the host back …`, {
    event: 'rolling-back',
    step,
    reason,
  });
  const leftovers = await rollBack(applyDoor(context), { folder }).then(
    (result): readonly Leftover[] => result?.leftovers ?? [],
    // Its watchdog rolls the host back once this process has ended.
    (error: unknown) => [
      { what: messageOf(error), remedy: 'run `bridge-setup rollback`', repeats: true as const },
    ],
  );
  throw failure(`${what}: ${reason}`, leftovers);
}

async function conclude(
  context: CliContext,
  { plan, answers, attended }: Work,
  folder: string,
): Promise<ExitCode> {
  const { output } = context;
  const verification = await proveHost(context, answers, plan.uplink);
  output.advise(verificationText(verification, plan.bridge, output));
  // The wizard says more of what is next.
  if (verification.ok && !attended) await printExample(context, plan.bridge);
  output.document({ state: 'applied', plan, checkpoint: folder, verification });
  return verification.ok ? EXIT.ok : EXIT.checkFailed;
}

function failure(what: string, left: readonly Leftover[]): SetupError {
  return left.length === 0
    ? new SetupError('rolled-back', `${what}\nThe host was taken back and is as before.`, {
        exitCode: EXIT.rolledBack,
        hint: 'Run again with --verbose to see every command.',
      })
    : new SetupError('rollback-incomplete', `${what}\nThe host was rolled back, but not all of it.`, {
        exitCode: EXIT.rollbackIncomplete,
        problems: leftoverProblems(left),
        ...repetition(left),
      });
}

import { refusal } from '../errors.js';
import { runsInContainer } from '../model/runtime-container.js';
import { type Asker, Stopped } from '../ui/asker.js';
import type { FirstChoice } from './context.js';

/**
 * The wizard's first question, before anything is loaded that reads the host. `null` where nobody is asked: with an
 * answers file, for a plan only, without a terminal, or where the set-up says itself what is wrong.
 */
export async function opening(
  flags: Readonly<Record<string, unknown>>,
  args: readonly string[],
  signal: AbortSignal,
): Promise<FirstChoice | null> {
  // There is nothing to choose from where no rehearsal is possible.
  if (runsInContainer(process.env)) return null;
  const isAttended = process.stdin.isTTY === true && !flags.json;
  const isWizard = flags.answers === undefined && !flags.dryRun && flags.facts === undefined && !flags.root;
  if (!isAttended || !isWizard || args.length > 0 || process.geteuid?.() !== 0) return null;
  return stoppable(async () => askFirst(await askerFor(signal), false));
}

let asker: Asker | undefined;

/** One for the whole run: it may hold lines that were typed ahead. */
export async function askerFor(signal: AbortSignal): Promise<Asker> {
  if (asker === undefined) {
    asker =
      process.env.TERM === 'dumb'
        ? (await import('../ui/ask-lines.js')).lineAsker({
            input: process.stdin,
            output: process.stdout,
            signal,
          })
        : (await import('../ui/ask-terminal.js')).terminalAsker({ signal });
  }
  return asker;
}

/** Rehearse, or set up? What was rehearsed already is not offered first. */
export async function askFirst(person: Asker, rehearsed: boolean): Promise<FirstChoice> {
  const chosen = await person.choose<FirstChoice>({
    message: 'Containers of this host on the LAN: what shall be done?',
    choices: [
      {
        value: 'rehearse',
        name: 'Rehearse it on a throw-away copy of this host; nothing here changes',
        short: 'rehearse',
      },
      {
        value: 'set-up',
        name: 'Set this host up: some questions, then the plan, then it asks again',
        short: 'set up',
      },
      { value: 'leave', name: 'Leave' },
    ],
    offered: rehearsed ? 'set-up' : 'rehearse',
    canGoBack: false,
  });
  return typeof chosen === 'string' ? chosen : 'leave';
}

/** Ctrl-C at a question is an answer, too. */
export async function stoppable<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    throw refusal('stopped', 'Stopped; nothing was changed.');
  }
}

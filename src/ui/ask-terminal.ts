import inquirer from 'inquirer';
import { type Asker, BACK, Stopped } from './asker.js';
import { countdown } from './countdown.js';

/** No value of a choice, and not what somebody types by accident. */
const BACK_WORD = '<';

/** Where questions are asked; a test has its own. `signal` ends them, as SIGTERM does. */
export interface Terminal {
  readonly signal?: AbortSignal;
  readonly input?: NodeJS.ReadableStream;
  readonly output?: NodeJS.WritableStream;
}

/** Asks on a terminal that can redraw: lists with a cursor, and a word in place where a value cannot be taken. */
export function terminalAsker(terminal: Terminal = {}): Asker {
  const prompt = inquirer.createPromptModule(terminal);
  return {
    async choose({ message, choices, offered, canGoBack }) {
      const back = canGoBack ? [{ value: BACK_WORD, name: 'Back', short: 'back' }] : [];
      const { answer } = await stoppable(
        prompt([
          {
            type: 'select',
            name: 'answer',
            message,
            choices: [
              ...choices.map(({ value, name, short = name }) => ({ value: value as string, name, short })),
              ...back,
            ],
            default: offered,
            loop: false,
            pageSize: 12,
          },
        ]),
      );
      const found = choices.find(({ value }) => value === answer);
      return found === undefined ? BACK : found.value;
    },
    async text({ message, offered, problem, canGoBack }) {
      const isBack = (value: string) => canGoBack && value.trim() === BACK_WORD;
      const { answer } = await stoppable(
        prompt([
          {
            type: 'input',
            name: 'answer',
            message: canGoBack ? `${message} (${BACK_WORD} goes back):` : `${message}:`,
            ...(offered === '' ? {} : { default: offered }),
            validate: (value: string) => isBack(value) || (problem(value.trim()) ?? true),
          },
        ]),
      );
      return isBack(answer) ? BACK : answer.trim();
    },
    async enter(message, seconds, signal) {
      try {
        await countdown({ message, seconds }, { ...terminal, signal });
        return true;
      } catch (error) {
        if (isStop(error) && /SIGINT/.test((error as Error).message)) return false;
        throw error;
      }
    },
  };
}

const isStop = (error: unknown) => (error as Error).name === 'ExitPromptError';
const isAborted = (error: unknown) => (error as Error).name === 'AbortPromptError';

async function stoppable<T>(asking: Promise<T>): Promise<T> {
  try {
    return await asking;
  } catch (error) {
    throw isStop(error) || isAborted(error) ? new Stopped() : error;
  }
}

import { createInterface } from 'node:readline';
import { type Asker, BACK, Stopped } from './asker.js';

/** Where questions are asked; `signal` is aborted by Ctrl-C, since such a terminal has no raw mode. */
export interface LineTerminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: { write(text: string): unknown };
  readonly signal: AbortSignal;
}

/** Asks line by line, with numbers for choices: for TERM=dumb, where nothing can be drawn anew. */
export function lineAsker({ input, output, signal }: LineTerminal): Asker {
  const lines = new Lines(input, signal);
  const ask = async (words: string) => {
    output.write(words);
    return (await lines.next()).trim();
  };
  return {
    async choose({ message, choices, offered, canGoBack }) {
      output.write(`${message}\n`);
      choices.forEach(({ name }, index) => void output.write(`  ${index + 1}  ${name}\n`));
      if (canGoBack) output.write('  <  Back\n');
      const usual = choices.findIndex(({ value }) => value === offered) + 1;
      for (;;) {
        const said = (await ask(`Number [${usual}]: `)) || String(usual);
        if (said === '<' && canGoBack) return BACK;
        const choice = /^\d+$/.test(said) ? choices[Number(said) - 1] : undefined;
        if (choice !== undefined) return choice.value;
        output.write(`> a number from 1 to ${choices.length}${canGoBack ? ', or < to go back' : ''}\n`);
      }
    },
    async text({ message, offered, problem, canGoBack }) {
      const usual = offered === '' ? '' : ` [${offered}]`;
      for (;;) {
        const said = (await ask(`${message}${canGoBack ? ' (< goes back)' : ''}${usual}: `)) || offered;
        if (said === '<' && canGoBack) return BACK;
        const why = problem(said);
        if (why === null) return said;
        output.write(`> ${why}\n`);
      }
    },
    async enter(message, _seconds, decided) {
      output.write(`${message} `);
      try {
        await lines.next(decided);
        return true;
      } catch (error) {
        if (error instanceof Stopped && signal.aborted) return false;
        throw error;
      }
    },
  };
}

/** Lines as they come: what is typed ahead waits for its question. */
class Lines {
  private readonly waiting: string[] = [];
  private ended = false;
  private wake: () => void = () => {};

  constructor(
    input: NodeJS.ReadableStream,
    private readonly signal: AbortSignal,
  ) {
    createInterface({ input, terminal: false })
      .on('line', (line) => {
        this.waiting.push(line);
        this.wake();
      })
      .on('close', () => {
        this.ended = true;
        this.wake();
      });
    signal.addEventListener('abort', () => this.wake());
  }

  /** Rejects with `Stopped` at Ctrl-C or the end of the input, or with the reason of another signal. */
  async next(decided?: AbortSignal): Promise<string> {
    const onDecided = () => this.wake();
    decided?.addEventListener('abort', onDecided);
    try {
      for (;;) {
        const line = this.waiting.shift();
        if (decided?.aborted) throw decided.reason;
        if (line !== undefined) return line;
        if (this.ended || this.signal.aborted) throw new Stopped();
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    } finally {
      decided?.removeEventListener('abort', onDecided);
    }
  }
}

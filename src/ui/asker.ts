/** What somebody says who wants the question before. */
export const BACK = Symbol('back');
export type Back = typeof BACK;

/** One of several answers. */
export interface Choice<T extends string> {
  readonly value: T;
  /** As a person reads it, in less than 76 columns. */
  readonly name: string;
  /** What stays on the screen once it was chosen; the name when absent. */
  readonly short?: string;
}

interface Question {
  readonly message: string;
  readonly canGoBack: boolean;
}

/** A question with a choice. */
export interface ChoiceQuestion<T extends string> extends Question {
  readonly choices: readonly Choice<T>[];
  /** What Enter alone means. */
  readonly offered: T;
}

/** A question for a text. */
export interface TextQuestion extends Question {
  /** What Enter alone means; empty: nothing is offered. */
  readonly offered: string;
  /** Why a value cannot be taken; `null` when it can. */
  readonly problem: (value: string) => string | null;
}

/** Somebody who can be asked. Ctrl-C at a question rejects with `Stopped`. */
export interface Asker {
  choose<T extends string>(question: ChoiceQuestion<T>): Promise<T | Back>;
  text(question: TextQuestion): Promise<string | Back>;
  /**
   * Wait for Enter: that it arrives shows that the session has survived. `false`: Ctrl-C, which shows that too. Rejects
   * when the terminal is gone, or when the signal says that it was decided otherwise.
   * @param seconds how long that may take, to be shown; the end of them is not decided here
   */
  enter(message: string, seconds: number, signal: AbortSignal): Promise<boolean>;
}

/** Somebody has ended the conversation. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/**
 * Exit codes of the command line. Scripts rely on them; they never change meaning.
 * See the README, "Exit codes".
 */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  refused: 3,
  rolledBack: 4,
  rollbackIncomplete: 5,
  checkFailed: 6,
  /** Ctrl-C while it only waited, as a shell has it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One thing that is wrong, with where it stands and what to do about it. */
export interface Problem {
  /** JSON path of the answer concerned, e.g. `bridge.uplink`; absent when it is not about an answer. */
  readonly path?: string;
  readonly message: string;
  /** What to do now, as one sentence. */
  readonly remedy?: string;
}

interface SetupErrorOptions {
  readonly exitCode: ExitCode;
  readonly problems?: readonly Problem[];
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * An error meant for a person: what happened (`message`), why (`problems`), what to do now (`hint`).
 * Anything else that reaches `main` is a bug and exits 1.
 */
export class SetupError extends Error {
  override readonly name = 'SetupError';
  readonly exitCode: ExitCode;
  readonly problems: readonly Problem[];
  readonly hint: string | undefined;

  constructor(
    /** Stable, kebab-case name of the error; tests and scripts may match it. */
    readonly code: string,
    message: string,
    options: SetupErrorOptions,
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode;
    this.problems = options.problems ?? [];
    this.hint = options.hint;
  }
}

/** Wrong usage or invalid answers: exit 2, every problem listed. */
export function usageError(code: string, message: string, problems: readonly Problem[] = [], hint?: string) {
  return new SetupError(code, message, {
    exitCode: EXIT.usage,
    problems,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Refused before anything was changed: exit 3. */
export function refusal(code: string, message: string, problems: readonly Problem[] = [], hint?: string) {
  return new SetupError(code, message, {
    exitCode: EXIT.refused,
    problems,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What a run has done before an error. */
interface DoneBefore {
  /** In the words of a log; without what was undone. */
  readonly done: readonly string[];
  readonly undone: boolean;
  /** It stays whatever comes after it. */
  readonly kept: boolean;
}

/**
 * The same error with an exit code that is true. "Refused, nothing was changed" (and wrong usage) can only end a run that
 * has changed nothing yet. Later on it is a proof that could not be made, where the change stays; a failure that was rolled
 * back; or one that has left something changed.
 */
export function truthful(error: SetupError, { done, undone, kept }: DoneBefore): SetupError {
  const claimsNothing = error.exitCode === EXIT.refused || error.exitCode === EXIT.usage;
  if (!claimsNothing || (done.length === 0 && !undone && !kept)) return error;
  const [exitCode, what] = kept
    ? [EXIT.checkFailed, 'The change was made before this, and stays.']
    : done.length > 0
      ? [EXIT.rollbackIncomplete, `This run had changed something before, which stays: ${done.join('; ')}.`]
      : [EXIT.rolledBack, 'What this run had begun was undone.'];
  const message = error.message.replace(/[;,] nothing was changed\b/, '');
  return new SetupError(error.code, message, {
    exitCode,
    problems: [...error.problems, { message: what }],
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error,
  });
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the kernel refused this user the access: root would have got it. */
export function isDenied(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}

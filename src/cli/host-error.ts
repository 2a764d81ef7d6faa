import { messageOf, refusal, SetupError } from '../errors.js';
import { CommandError } from '../host/command.js';

/**
 * What was thrown, as an error for people: a command that failed, or that the kernel did not start, and a file that could
 * not be read or written, are the host's own problem, wherever they come up. `null`: it is a bug of this program.
 */
export function hostError(error: unknown): SetupError | null {
  if (error instanceof SetupError) return error;
  if (!(error instanceof CommandError) && !isOfSystem(error)) return null;
  return refusal(
    'host-error',
    'The host refused what was needed; nothing was changed.',
    [{ message: messageOf(error) }],
    'Run it again; if that fails too, repair what is named above first.',
  );
}

/** An error of a system call (errno(3)), unlike those of Node.js itself (`ERR_…`). */
const isOfSystem = (error: unknown): boolean => {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return error instanceof Error && typeof code === 'string' && /^E[A-Z0-9]+$/.test(code);
};

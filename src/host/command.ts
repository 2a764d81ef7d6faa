import type { CommandResult } from './host.js';

/** A command that failed, with what it was, how it ended and what it said. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(readonly result: CommandResult) {
    super(describeFailure(result));
  }
}

/**
 * Whether a command that failed leaves its question open: it was not started, its time was over, or another one held the
 * lock that it needs (iptables(8), `-w`). Anything else is the program's answer, such as "there is no such chain".
 */
export function isUnanswered({ exitCode, stderr }: Pick<CommandResult, 'exitCode' | 'stderr'>): boolean {
  return exitCode === null || exitCode === 126 || (exitCode !== 0 && /holding the xtables lock/.test(stderr));
}

/** A command as a person can paste it into a POSIX shell. */
export function pasteable(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

/** One sentence on how a command failed, then the last lines it said. */
export function describeFailure({ argv, exitCode, stdout, stderr }: CommandResult): string {
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-8).join('\n');
  const end = exitCode === null ? 'was ended by a signal or its time limit' : `exited ${exitCode}`;
  return `\`${pasteable(argv)}\` ${end}${said === '' ? '' : `:\n${said}`}`;
}

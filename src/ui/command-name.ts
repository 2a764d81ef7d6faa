/** What the program is called where it is on the PATH; so messages name it. */
export const PROGRAM_NAME = 'bridge-setup';

/** A command between backticks, or that something is piped into there, with what stands before its arguments. */
const NAMED = /(`|\| )(sudo )?(?:npx )?bridge-setup(?=[ `])/g;

/**
 * A text whose commands can be pasted: where the program is not on the PATH, they begin with what starts it.
 * @param command how the program is started here
 */
export function nameCommand(text: string, command: string): string {
  return command === PROGRAM_NAME
    ? text
    : text.replace(NAMED, (_, before: string, sudo = '') => `${before}${sudo}${command}`);
}

import { EXIT, type ExitCode } from '../errors.js';
import { bashCompletion } from './completion/bash.js';
import { fishCompletion } from './completion/fish.js';
import { commandWords } from './completion/words.js';
import { zshCompletion } from './completion/zsh.js';
import type { CliContext } from './context.js';
import { buildProgram, type SHELLS } from './program.js';

const COMPLETIONS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** `bridge-setup completion SHELL`: made from the commands themselves. */
export async function completion(
  { output }: CliContext,
  _flags: unknown,
  [shell = 'bash']: readonly string[],
): Promise<ExitCode> {
  // Its argument is one of those: the command line was parsed.
  const text = COMPLETIONS[shell as (typeof SHELLS)[number]](
    commandWords(buildProgram(() => async () => {})),
  );
  output.print(text.trimEnd());
  output.document({ shell, completion: text });
  return EXIT.ok;
}

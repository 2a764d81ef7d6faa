import { type Command, CommanderError } from 'commander';
import { EXIT, truthful, usageError } from '../errors.js';
import { type Effects, effectsOn, watchEffects } from '../host/effects.js';
import { type CliContext, type CommonFlags, createOutput, openHost, stopSignal } from './context.js';
import { hostError } from './host-error.js';
import { ownCommand } from './own-command.js';
import { type Act, buildProgram } from './program.js';
import { strayWord, unknownCommand } from './unknown-command.js';

/** Parse the command line, run the command; the exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.ok;

  /** Commands are loaded when they run: the help and small commands start fast. So does the first question. */
  const act: Act = (load, opening) =>
    async function (this: Command): Promise<void> {
      const flags = mergedFlags(this);
      const output = createOutput(flags);
      const signal = stopSignal();
      let effects: Effects | null = null;
      try {
        const first = opening === undefined ? null : await (await opening())(flags, this.args, signal);
        const host = watchEffects(await openHost(output));
        effects = effectsOn(host);
        output.command = await ownCommand(host);
        const context: CliContext = { host, output, signal, first };
        exitCode = await (await load())(context, flags, this.args);
      } catch (error) {
        const known = hostError(error);
        if (known === null) throw error;
        const told = effects === null ? known : truthful(known, effects);
        output.error(told);
        exitCode = told.exitCode;
      }
    };

  const program = buildProgram(act);
  const stray = strayWord(argv, program);
  if (stray !== null) {
    createOutput({ json: argv.includes('--json') }).error(unknownCommand(stray, program));
    return EXIT.usage;
  }
  try {
    await program.parseAsync(withFlagsFirst(argv), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander has said what was wrong, or has shown the help that was asked for.
    if (error.exitCode === 0) return EXIT.ok;
    if (argv.includes('--json')) createOutput({ json: true }).error(usageError('usage', error.message));
    return EXIT.usage;
  }
  return exitCode;
}

/** What all commands take, where it cannot be an argument of theirs. */
const COMMON = ['--json', '--verbose', '--quiet', '--no-color'];
/** Their arguments go as they are to a program in the container. */
const VERBATIM = /^(route|rule|tc)$/;

/** `attach` takes all that follows on its rule for a part of that: its flags are put before it. */
function withFlagsFirst(argv: readonly string[]): string[] {
  const at = argv.indexOf('attach');
  const rule = argv.slice(at + 1);
  const first = rule.find((word) => !word.startsWith('-')) ?? '';
  if (at === -1 || argv.slice(0, at).some((word) => !word.startsWith('-')) || VERBATIM.test(first)) {
    return [...argv];
  }
  const isFlag = (word: string) => COMMON.includes(word);
  return [...argv.slice(0, at + 1), ...rule.filter(isFlag), ...rule.filter((word) => !isFlag(word))];
}

/** Flags before and after the name of the command count alike. */
function mergedFlags(command: Command): CommonFlags & Record<string, unknown> {
  const before = command.parent?.opts() ?? {};
  const own = command.opts();
  // `color` is true unless somebody said --no-color, on either side.
  return { ...before, ...own, color: before.color !== false && own.color !== false };
}

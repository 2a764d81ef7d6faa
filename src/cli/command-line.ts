import { type Command, CommanderError } from 'commander';
import { EXIT, SetupError, truthful, usageError } from '../errors.js';
import { type Effects, effectsOn, watchEffects } from '../host/effects.js';
import { type CliContext, type CommonFlags, createOutput, openHost, stopSignal } from './context.js';
import { ownCommand } from './own-command.js';
import { type Act, buildProgram } from './program.js';

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
        if (!(error instanceof SetupError)) throw error;
        const told = effects === null ? error : truthful(error, effects);
        output.error(told);
        exitCode = told.exitCode;
      }
    };

  try {
    await buildProgram(act).parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander has said what was wrong, or has shown the help that was asked for.
    if (error.exitCode === 0) return EXIT.ok;
    if (argv.includes('--json')) createOutput({ json: true }).error(usageError('usage', error.message));
    return EXIT.usage;
  }
  return exitCode;
}

/** Flags before and after the name of the command count alike. */
function mergedFlags(command: Command): CommonFlags & Record<string, unknown> {
  const before = command.parent?.opts() ?? {};
  const own = command.opts();
  // `color` is true unless somebody said --no-color, on either side.
  return { ...before, ...own, color: before.color !== false && own.color !== false };
}

import type { Command } from 'commander';
import { type SetupError, usageError } from '../errors.js';
import { nearestOf } from '../suggest.js';

/** The error of a word that is no command, with the nearest one. */
export function unknownCommand(word: string, program: Command): SetupError {
  const known = program.createHelp().visibleCommands(program);
  const nearest = nearestOf(
    word,
    known.map((command) => command.name()),
  );
  const meant = nearest === null ? '' : `Did you mean \`bridge-setup ${nearest}\`? `;
  return usageError(
    'unknown-command',
    `There is no command "${word}".`,
    [],
    `${meant}See \`bridge-setup --help\`.`,
  );
}

/**
 * A word in the place of a command that is none; `null`: there is no such word. Asked before the rest is parsed: the flags
 * are those of the command that was meant, and the parser would blame them.
 */
export function strayWord(argv: readonly string[], program: Command): string | null {
  const withValue = program.options.filter(({ required }) => required).flatMap(({ long }) => long ?? []);
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') continue;
    if (withValue.includes(word)) at += 1;
    else if (!word.startsWith('-')) {
      const isKnown = word === 'help' || program.commands.some((command) => command.name() === word);
      return isKnown ? null : word;
    }
  }
  return null;
}

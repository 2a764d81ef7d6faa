import type { Command, Option } from 'commander';

/** A command, as far as a completion has to know it. */
export interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionWords[];
  readonly argument: ArgumentKind;
}

/** A flag. */
export interface OptionWords {
  /** `-v`; `null` where there is no short one. */
  readonly short: string | null;
  readonly long: string;
  readonly description: string;
  readonly takes: 'nothing' | 'file' | 'folder' | 'word';
}

/** What stands behind a command: words to choose from, containers that run, or nothing. */
type ArgumentKind = readonly string[] | 'containers' | 'nothing';

/** The commands of a program, hidden ones left out; the first one is the program itself. */
export function commandWords(program: Command): [CommandWords, ...CommandWords[]] {
  const visible = program.createHelp().visibleCommands(program);
  return [wordsOf(program), ...visible.filter((command) => command.name() !== 'help').map(wordsOf)];
}

function wordsOf(command: Command): CommandWords {
  return {
    name: command.name(),
    description: command.description(),
    options: command.createHelp().visibleOptions(command).map(optionWords),
    argument: argumentOf(command),
  };
}

function optionWords(option: Option): OptionWords {
  const { short = null, long = '', description, required, optional } = option;
  return {
    short,
    long: long ?? '',
    description,
    takes: required || optional ? valueKind(option) : 'nothing',
  };
}

function valueKind({ flags }: Option): OptionWords['takes'] {
  if (flags.includes('<file>')) return 'file';
  return flags.includes('<dir>') ? 'folder' : 'word';
}

function argumentOf({ registeredArguments: [first] }: Command): ArgumentKind {
  if (first?.argChoices) return first.argChoices;
  return first === undefined ? 'nothing' : 'containers';
}

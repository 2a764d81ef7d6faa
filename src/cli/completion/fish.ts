import type { CommandWords, OptionWords } from './words.js';

/** A completion for fish(1). */
export function fishCompletion([program, ...commands]: readonly [CommandWords, ...CommandWords[]]): string {
  const lines = commands.flatMap((command) => {
    const here = `-n ${quoted(`__fish_seen_subcommand_from ${command.name}`)}`;
    return [
      `complete -c bridge-setup -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.description)}`,
      ...command.options.map((option) => `complete -c bridge-setup ${here} ${optionText(option)}`),
      ...argumentLines(command, here),
    ];
  });
  return `# fish completion for bridge-setup: bridge-setup completion fish | source
complete -c bridge-setup -f
${program.options.map((option) => `complete -c bridge-setup -n __fish_use_subcommand ${optionText(option)}`).join('\n')}
${lines.join('\n')}
`;
}

function argumentLines({ argument }: CommandWords, here: string): string[] {
  if (argument === 'nothing') return [];
  const words =
    argument === 'containers'
      ? quoted("(docker ps --format '{{.Names}}' 2>/dev/null)")
      : quoted(argument.join(' '));
  return [`complete -c bridge-setup ${here} -a ${words}`];
}

/** `-F` allows files, which `-f` had switched off; folders are among them. */
function optionText({ short, long, description, takes }: OptionWords): string {
  const names = [...(short === null ? [] : [`-s ${short.slice(1)}`]), `-l ${long.slice(2)}`];
  const value = { nothing: [], file: ['-r', '-F'], folder: ['-r', '-F'], word: ['-x'] }[takes];
  return [...names, ...value, `-d ${quoted(description)}`].join(' ');
}

const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;

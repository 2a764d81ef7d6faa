import type { CommandWords, OptionWords } from './words.js';

/** A completion for zsh(1), by its function `_arguments` (zshcompsys(1)). */
export function zshCompletion([program, ...commands]: readonly [CommandWords, ...CommandWords[]]): string {
  return `#compdef bridge-setup
# zsh completion for bridge-setup: source <(bridge-setup completion zsh), or a file _bridge-setup on the fpath
_bridge_setup_containers() {
  local -a names
  names=(\${(f)"$(docker ps --format '{{.Names}}' 2>/dev/null)"})
  _describe -t containers container names
}
_bridge_setup() {
  local curcontext=$curcontext state line
  local -a commands
  commands=(
${commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`).join('\n')}
  )
  _arguments -C \\
${program.options.map((option) => `    ${specOf(option)} \\`).join('\n')}
    '1: :->command' '*:: :->rest'
  case $state in
    command) _describe -t commands command commands ;;
    rest)
      case $words[1] in
${commands.map(commandCase).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _bridge_setup || $funcstack[1] == _bridge-setup ]]; then
  _bridge_setup "$@"
else
  compdef _bridge_setup bridge-setup
fi
`;
}

function commandCase({ name, options, argument }: CommandWords): string {
  const specs = options.map(specOf);
  if (argument === 'containers') specs.push("'*:container:_bridge_setup_containers'");
  else if (argument !== 'nothing') specs.push(quoted(`1:choice:(${argument.join(' ')})`));
  return `        ${name}) _arguments ${specs.join(' ')} ;;`;
}

/** `optspec[explanation]:message:action`; of two names, one excludes the other. */
function specOf({ short, long, description, takes }: OptionWords): string {
  const explanation = `[${description.replace(/[[\]:\\]/g, '\\$&')}]`;
  const value = { nothing: '', file: ':file:_files', folder: ':folder:_files -/', word: ':name:' }[takes];
  return short === null
    ? quoted(`${long}${explanation}${value}`)
    : `'(${short} ${long})'{${short},${long}}${quoted(`${explanation}${value}`)}`;
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

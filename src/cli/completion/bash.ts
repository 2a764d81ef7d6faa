import type { CommandWords, OptionWords } from './words.js';

/** A completion for bash(1), without the package bash-completion. */
export function bashCompletion([program, ...commands]: readonly [CommandWords, ...CommandWords[]]): string {
  const all = [program, ...commands].flatMap(({ options }) => options);
  const taking = (...kinds: OptionWords['takes'][]) =>
    [...new Set(all.filter(({ takes }) => kinds.includes(takes)).flatMap(names))].join('|');
  return `# bash completion for bridge-setup and pipework: source <(bridge-setup completion bash)
_bridge_setup() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command='' flags='' words='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${taking('file', 'folder', 'word')}) ((i++)) ;;
      -*) ;;
      *) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case $before in
    ${taking('file')}) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    ${taking('folder')}) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
    ${taking('word')}) return ;;
  esac
  case $command in
    '') flags='${flagsOf(program)}' words='${commands.map(({ name }) => name).join(' ')}' ;;
${commands.map(commandCase).join('\n')}
  esac
  [[ $current == -* ]] && words=$flags
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
_bridge_setup_containers() {
  docker ps --format '{{.Names}}' 2>/dev/null
}
_bridge_setup_pipework() {
  mapfile -t COMPREPLY < <(compgen -W "$(_bridge_setup_containers)" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -F _bridge_setup bridge-setup
complete -F _bridge_setup_pipework pipework
`;
}

const names = ({ short, long }: OptionWords) => (short === null ? [long] : [short, long]);
const flagsOf = ({ options }: CommandWords) => options.flatMap(names).join(' ');

function commandCase(command: CommandWords): string {
  const { name, argument } = command;
  const words = {
    nothing: '',
    containers: ' words=$(_bridge_setup_containers)',
  };
  const more = typeof argument === 'string' ? words[argument] : ` words='${argument.join(' ')}'`;
  return `    ${name}) flags='${flagsOf(command)}'${more} ;;`;
}

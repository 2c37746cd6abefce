import type { Command, Option } from 'commander';

/** One line a command: its words, the words that may follow, the flags, and flags with a closed list of values. */
interface Entry {
  readonly path: string;
  readonly words: readonly string[];
}

/** Made from the program itself, so that it cannot say anything else than the program does. */
export function completionScript(program: Command, shell: 'bash' | 'zsh'): string {
  const entries = collect(program, program, []);
  const cases = entries.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`).join('\n');
  const head =
    shell === 'bash'
      ? '# Completion of the berth command for bash.'
      : '# Completion of the berth command for zsh, by its reader of bash completions.\nautoload -U +X bashcompinit && bashcompinit';
  return `${head}
_berth() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path='' word words='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case " $(_berth_words "$path") " in
      *" $word "*) case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac ;;
    esac
  done
  words="$(_berth_words "$path:$before")"
  if [ -z "$words" ]; then words="$(_berth_words "$path")"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}

_berth_words() {
  local words=''
  case "$1" in
${cases}
  esac
  printf '%s' "$words"
}

complete -o default -F _berth berth ./berth
`;
}

function collect(command: Command, program: Command, path: readonly string[]): Entry[] {
  const here = path.join(' ');
  const children = visible(command);
  const options = [...new Set([...command.options, ...program.options])].filter(({ hidden }) => !hidden);
  const words = [...children.map((child) => child.name()), ...options.flatMap(flagsOf), '--help'];
  const choices = options.flatMap((option) =>
    flagsOf(option).flatMap((flag) =>
      option.argChoices === undefined ? [] : [{ path: `${here}:${flag}`, words: option.argChoices }],
    ),
  );
  const operands = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  // An alias completes like the name that it stands for.
  const below = children.flatMap((child) =>
    [child.name(), ...child.aliases()].flatMap((name) => collect(child, program, [...path, name])),
  );
  return [{ path: here, words: [...operands, ...words] }, ...choices, ...below];
}

function visible(command: Command): readonly Command[] {
  const help = command.createHelp();
  return help.visibleCommands(command).filter((child) => child.name() !== 'help');
}

/** Long flags only; an option may have two. */
function flagsOf({ short, long }: Option): readonly string[] {
  return [short, long].filter((flag): flag is string => flag?.startsWith('--') === true);
}

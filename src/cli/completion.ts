// `vbx completion SHELL`: a script for the shell, made from the commands themselves.
import type { Command } from 'commander';
import { UsageError } from '../core/error.ts';

/** The script for bash, zsh or fish. Errors: UsageError for another shell. */
export function completion(shell: string, program: Command): string {
  const commands = program.commands.filter((command) => command.name() !== 'completion');
  const flags = (command: Command): string[] =>
    command.options.flatMap((option) =>
      option.hidden
        ? []
        : [option.long, option.short].filter((flag): flag is string => flag !== undefined && flag !== null),
    );
  const names = commands.map((command) => command.name()).join(' ');
  const cases = commands.map((command) => `      ${command.name()}) flags='${flags(command).join(' ')}' ;;`).join('\n');
  switch (shell) {
    case 'bash':
      return `# bash completion for vbx: eval "$(vbx completion bash)"\n${bash(names, cases)}`;
    case 'zsh':
      return `#compdef vbx\n# zsh completion for vbx: eval "$(vbx completion zsh)"\nautoload -U +X bashcompinit && bashcompinit\n${bash(names, cases)}`;
    case 'fish':
      return `# fish completion for vbx: vbx completion fish | source\ncomplete -c vbx -n __fish_use_subcommand -f -a '${names}'\n${commands
        .flatMap((command) =>
          command.options
            .filter((option) => !option.hidden)
            .map(
              (option) =>
                `complete -c vbx -n '__fish_seen_subcommand_from ${command.name()}'${option.long === undefined || option.long === null ? '' : ` -l ${option.long.replace(/^--/, '')}`}${option.short === undefined || option.short === null ? '' : ` -s ${option.short.replace(/^-/, '')}`} -d '${option.description.replaceAll("'", '')}'`,
            ),
        )
        .join('\n')}\n`;
    default:
      throw new UsageError(`there is no completion for the shell "${shell}"`, {
        hint: 'there is one for bash, zsh and fish',
      });
  }
}

function bash(names: string, cases: string): string {
  return `_vbx() {
  local current=\${COMP_WORDS[COMP_CWORD]} flags=
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${names} --help --version' -- "$current"))
    return
  fi
  if [[ $current == -* ]]; then
    case \${COMP_WORDS[1]} in
${cases}
    esac
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _vbx vbx
`;
}

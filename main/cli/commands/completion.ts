import { Argument, type Command } from 'commander';
import type { CliContext } from '../context.ts';

const shells = ['bash', 'zsh', 'powershell'] as const;

/** The words that may follow each command path, read off the program itself, so that the scripts cannot go stale. */
export const completionTable = (program: Command): Map<string, string[]> => {
  const table = new Map<string, string[]>();
  const visit = (command: Command, path: string): void => {
    const names = command.commands.filter((child) => child.name() !== 'help').map((child) => child.name());
    const options = command.options.flatMap((option) => [option.long, option.short]).filter((name) => name != null);
    const choices = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
    table.set(path, [...names, ...choices, ...options, '--help']);
    for (const child of command.commands) visit(child, path ? `${path} ${child.name()}` : child.name());
  };
  visit(program, '');
  return table;
};

const bashScript = (
  table: Map<string, string[]>,
): string => `# bash completion of quorate: eval "$(quorate completion bash)"
_quorate() {
  local path="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$path|$word" in
${[...table.keys()]
  .filter((path) => path !== '')
  .map((path) => {
    const at = path.lastIndexOf(' ');
    return `      "${at < 0 ? '' : path.slice(0, at)}|${path.slice(at + 1)}") path="${path}" ;;`;
  })
  .join('\n')}
    esac
  done
  local words=""
  case "$path" in
${[...table].map(([path, words]) => `    "${path}") words="${words.join(' ')}" ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [[ \${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o filenames -F _quorate quorate
`;

const zshScript = (table: Map<string, string[]>): string =>
  `# zsh completion of quorate: eval "$(quorate completion zsh)"\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(table)}`;

const powershellScript = (
  table: Map<string, string[]>,
): string => `# PowerShell completion of quorate: quorate completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName quorate, quorate.exe -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $table = @{
${[...table].map(([path, words]) => `    '${path}' = @(${words.map((word) => `'${word}'`).join(', ')})`).join('\n')}
  }
  $path = ''
  foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
    $next = ("$path $element").Trim()
    if ($table.ContainsKey($next)) { $path = $next }
  }
  $table[$path] | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;

/** `quorate completion SHELL`: prints the completion script of a shell. */
export const register = (program: Command, context: CliContext): void => {
  program
    .command('completion')
    .description('print the completion script for a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .action((shell: (typeof shells)[number]) => {
      const table = completionTable(program);
      const scripts = { bash: bashScript, zsh: zshScript, powershell: powershellScript };
      context.streams.stdout.write(scripts[shell](table));
    });
};

import type { Catalogue, Os } from './catalogue.ts';
import { allOs } from './catalogue.ts';
import { checkCall, type Finding } from './check-call.ts';
import { checkCim, checkWantedTables } from './check-cim.ts';
import { machineOs, type Machine } from './machine.ts';
import { ownPrograms } from './own-list.ts';
import type { Command, Syntax } from './syntax.ts';

/** Commands that a script has no use for, each with the reason. */
const forbidden: Readonly<Record<string, string>> = {
  'invoke-expression': 'text is not run as code',
  'read-host': 'nobody can answer it',
  'get-credential': 'nobody can answer it',
  'convertto-json': 'it differs between 5.1 and 7; use Send-Result',
  'convertfrom-json': 'it differs between 5.1 and 7',
  'add-type': 'compiling takes a second and is blocked in places',
  'write-host': 'it is not an answer; use Send-Result or Write-Verbose',
  'out-host': 'it is not an answer',
  'start-process': 'a native program has to be in the list of programs',
  'start-transcript': 'it would write secrets to a file',
  'get-wmiobject': 'PowerShell 7 does not have it; use Get-CimInstance',
  'invoke-wmimethod': 'PowerShell 7 does not have it; use Invoke-CimMethod',
};

const isVerbNoun = (name: string): boolean => /^[A-Za-z]+-[A-Za-z][A-Za-z0-9]*$/.test(name);

export interface ScriptReport {
  readonly findings: readonly Finding[];
  /** How many calls were checked, counted once per call and Windows Server. */
  readonly checked: number;
  /** How many calls were also checked against the machine's catalogue. */
  readonly onMachine: number;
  readonly os: readonly Os[];
}

const readOs = (text: string): Os[] | null => {
  const line = /^#quorate os: *(.+)$/m.exec(text)?.[1];
  if (!line) return null;
  const given = line.split(',').map((one) => one.trim());
  return given.every((one): one is Os => (allOs as readonly string[]).includes(one)) ? given : null;
};

/** The rules of docs/scripts.md for one script. `supportFunctions` are the names that the session brings. */
export const checkScript = (
  text: string,
  syntax: Syntax,
  catalogue: Catalogue,
  machine: Machine,
  supportFunctions: readonly string[],
): ScriptReport => {
  const findings: Finding[] = [];
  const add = (line: number, rule: string, what: string): void => void findings.push({ line, rule, text: what });
  const os = readOs(text);

  text.split('\n').forEach((line, index) => {
    if (/['"(\s](HKLM|HKCU|HKU|HKCR|Registry:|Env|Cert|WSMan):/i.test(line.replace(/^\s*#.*/, ''))) {
      add(
        index + 1,
        'forbidden',
        'a drive of a provider (registry, environment, certificates): read the registry through StdRegProv',
      );
    }
    if (/[^\x20-\x7e\t]/.test(line)) add(index + 1, 'ascii', 'a character that is not ASCII');
  });
  for (const problem of syntax.problems) add(problem.line, 'syntax', problem.message);
  for (const one of syntax.newer) add(one.line, '5.1', `${one.what}: ${one.text}`);
  for (const one of syntax.stops) add(one.line, 'forbidden', `${one.what}: ${one.text}`);
  if (!os) add(1, 'header', 'no line "#quorate os:" with Windows Servers that the catalogue knows');
  if (!/^#quorate changes: *(nothing|one|something) *$/m.test(text)) add(1, 'header', 'no line "#quorate changes:"');
  if (!syntax.synopsis) add(1, 'header', 'no comment-based help with .SYNOPSIS');
  if (!syntax.binding) add(1, 'header', 'no [CmdletBinding()] param');
  for (const name of syntax.parameters) {
    if (!syntax.helpParameters.some((one) => one.toLowerCase() === name.toLowerCase())) {
      add(1, 'header', `the help says nothing of -${name}`);
    }
  }
  if (
    !/^Set-StrictMode -Version 3\.0$/.test(syntax.statements[0] ?? '') ||
    syntax.statements[1] !== "$ErrorActionPreference = 'Stop'"
  ) {
    add(
      1,
      'header',
      "the first two statements are not Set-StrictMode -Version 3.0 and $ErrorActionPreference = 'Stop'",
    );
  }

  let checked = 0;
  let onMachine = 0;
  const ours = new Set([...supportFunctions, ...syntax.functions].map((name) => name.toLowerCase()));
  for (const command of syntax.commands) {
    const problem = judgeName(command, ours);
    if (problem === 'ours') continue;
    if (problem) {
      add(command.line, problem.rule, problem.text);
      continue;
    }
    const name = command.name!;
    const seen = new Set<string>();
    for (const one of os ?? []) {
      checked++;
      const view = catalogue.view(name, one);
      if (view === null) {
        add(
          command.line,
          'uncatalogued',
          `${name} is in no catalogue; run build/catalogue.mjs, or add it with its page to own-list.ts`,
        );
        break;
      }
      if (view === 'absent') {
        add(command.line, 'os', `${name} is not in Windows Server ${one}`);
        continue;
      }
      for (const finding of checkCall(command, syntax, view)) {
        if (seen.has(finding.text)) continue;
        seen.add(finding.text);
        add(finding.line, finding.rule, `${finding.text} (Windows Server ${one})`);
      }
    }
    const printed = os?.includes(machineOs) ? machine.view(name) : null;
    if (printed) {
      onMachine++;
      for (const finding of checkCall(command, syntax, printed))
        add(finding.line, 'machine', `${finding.text} (${finding.rule}, on a machine of build 14393)`);
    }
    findings.push(...checkCim(command, syntax, catalogue));
  }
  findings.push(...checkWantedTables(syntax, catalogue));
  return { findings, checked, onMachine, os: os ?? [] };
};

const judgeName = (command: Command, ours: ReadonlySet<string>): null | 'ours' | { rule: string; text: string } => {
  const { name } = command;
  if (name === null) {
    // & { ... } runs a block that is walked by itself; anything else could be any program.
    return command.headKind === 'ScriptBlockExpressionAst'
      ? 'ours'
      : { rule: 'native', text: `${command.head} is not a name that can be checked` };
  }
  if (ours.has(name.toLowerCase())) return 'ours';
  const why = forbidden[name.toLowerCase()];
  if (why) return { rule: 'forbidden', text: `${name}: ${why}` };
  if (isVerbNoun(name)) return null;
  const program = name.replace(/^.*[\\/]/, '').toLowerCase();
  if (ownPrograms.some((one) => one.program.toLowerCase() === program)) return 'ours';
  return { rule: 'native', text: `${name} is an alias or a native program that is not in the list` };
};

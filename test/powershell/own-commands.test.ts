import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineMissing, startEngine, type Engine } from '../support/engine.ts';
import { worldCommands } from './simulated/generate.ts';

/** What the scripts rely on in PowerShell's own Utility and Management commands, the same in 5.1 and 7. */
const cases: readonly (readonly [name: string, text: string, expected: readonly unknown[] | { error: RegExp }])[] = [
  ['Write-Output, list', 'Write-Output 1, 2, 3', ['1', '2', '3']],
  ['Write-Output -NoEnumerate', '@(Write-Output -NoEnumerate @(1, 2)).Count', ['1']],
  ['Write-Output from the pipeline', "'a', 'b' | Write-Output", ['a', 'b']],
  ['qualified names', 'Microsoft.PowerShell.Utility\\Write-Output 7', ['7']],
  ['Import-Module', "Import-Module -Name Microsoft.PowerShell.Utility, Microsoft.PowerShell.Management\n'ok'", ['ok']],
  [
    'Write-Warning',
    "Write-Warning -Message 'w' 3>&1 | ForEach-Object { $_.GetType().Name + ':' + $_.Message }",
    ['WarningRecord:w'],
  ],
  ['Write-Verbose, silent', "Write-Verbose -Message 'v' 4>&1", []],
  ['Write-Verbose, asked for', "Write-Verbose -Message 'v' -Verbose 4>&1 | ForEach-Object { $_.Message }", ['v']],
  ['Write-Debug, silent', "Write-Debug -Message 'd' 5>&1", []],
  [
    'Write-Information',
    "Write-Information -MessageData 'i' -Tags 'a' 6>&1 | ForEach-Object { [string] $_.MessageData + $_.Tags[0] }",
    ['ia'],
  ],
  ['Write-Progress', "Write-Progress -Activity 'a' -Status 's' -PercentComplete 5\n'ok'", ['ok']],
  [
    'Write-Progress, out of range',
    "Write-Progress -Activity 'a' -Status 's' -PercentComplete 101",
    { error: /^ParameterArgumentValidationError,/ },
  ],
  ['Write-Error stops', "Write-Error -Message 'm' -ErrorId 'My.Id' -Category ObjectNotFound", { error: /^My\.Id$/ }],
  ['Write-Error continues', "Write-Error -Message 'm' -ErrorAction SilentlyContinue\n'on'", ['on']],
  [
    'Write-Error without an id',
    "try { Write-Error -Message 'm' } catch { ($_.FullyQualifiedErrorId -split ',')[0] }",
    ['Microsoft.PowerShell.Commands.WriteErrorException'],
  ],
  [
    'Write-Error with an exception',
    "try { Write-Error -Exception ([System.InvalidOperationException]::new('x')) -Category InvalidData } catch { $_.CategoryInfo.Category; $_.Exception.Message }",
    ['InvalidData', 'x'],
  ],
  ['Select-Object -First', '1..5 | Select-Object -First 2', ['1', '2']],
  ['Select-Object -Last', '1..5 | Select-Object -Last 2', ['4', '5']],
  ['Select-Object -Skip', '1..5 | Select-Object -Skip 3', ['4', '5']],
  ['Select-Object -First -Skip', '1..5 | Select-Object -First 2 -Skip 1', ['2', '3']],
  ['Select-Object -Index', "'a', 'b', 'c' | Select-Object -Index 0, 2", ['a', 'c']],
  ['Select-Object -ExpandProperty', "'abc', 'de' | Select-Object -ExpandProperty Length", ['3', '2']],
  [
    'Select-Object -ExpandProperty of a list',
    '[pscustomobject]@{ a = 1, 2 } | Select-Object -ExpandProperty a',
    ['1', '2'],
  ],
  [
    'Select-Object -ExpandProperty, missing',
    "'abc' | Select-Object -ExpandProperty Nothing",
    { error: /^ExpandPropertyNotFound,/ },
  ],
  [
    'Select-Object properties',
    "$o = 'abc' | Select-Object Length, Nothing\n$o.Length\n$null -eq $o.Nothing\n@($o.PSObject.Properties).Count",
    ['3', true, '2'],
  ],
  [
    'Select-Object, calculated',
    "('abc' | Select-Object @{ Name = 'Twice'; Expression = { $_.Length * 2 } }).Twice",
    ['6'],
  ],
  [
    'Select-Object, wildcard',
    "$o = [pscustomobject]@{ ab = 1; ac = 2; b = 3 } | Select-Object -Property a*\n@($o.PSObject.Properties | ForEach-Object { $_.Name }) -join ','",
    ['ab,ac'],
  ],
  ['Select-Object, type name', "('abc' | Select-Object Length).PSObject.TypeNames[0]", ['Selected.System.String']],
  ['Select-Object -Unique', '1, 2, 1, 3, 2 | Select-Object -Unique', ['1', '2', '3']],
  ['Select-Object, key of a dictionary', '(@{ a = 5 } | Select-Object -Property a).a', ['5']],
  ['Sort-Object', "'b', 'C', 'a' | Sort-Object", ['a', 'b', 'C']],
  ['Sort-Object, numbers', '10, 9, 100 | Sort-Object', ['9', '10', '100']],
  ['Sort-Object -Descending', '1, 3, 2 | Sort-Object -Descending', ['3', '2', '1']],
  ['Sort-Object by property', "'ccc', 'a', 'bb' | Sort-Object -Property Length", ['a', 'bb', 'ccc']],
  ['Sort-Object by block', "'ccc', 'a', 'bb' | Sort-Object -Property { -$_.Length }", ['ccc', 'bb', 'a']],
  [
    'Sort-Object by two',
    "[pscustomobject]@{ a = 1; b = 2 }, [pscustomobject]@{ a = 1; b = 1 }, [pscustomobject]@{ a = 0; b = 3 } | Sort-Object a, b | ForEach-Object { '{0}{1}' -f $_.a, $_.b }",
    ['03', '11', '12'],
  ],
  [
    'Sort-Object, one column downwards',
    "[pscustomobject]@{ a = 1; b = 2 }, [pscustomobject]@{ a = 1; b = 3 }, [pscustomobject]@{ a = 0; b = 3 } | Sort-Object a, @{ Expression = 'b'; Descending = $true } | ForEach-Object { '{0}{1}' -f $_.a, $_.b }",
    ['03', '13', '12'],
  ],
  ['Sort-Object is stable', "'b1', 'a1', 'a2', 'b2' | Sort-Object -Property { $_[0] }", ['a1', 'a2', 'b1', 'b2']],
  ['Sort-Object -Unique', '2, 1, 2 | Sort-Object -Unique', ['1', '2']],
  ['Measure-Object', '(1, 2, 3 | Measure-Object).Count', ['3']],
  ['Measure-Object of nothing', '(@() | Measure-Object).Count', ['0']],
  [
    'Measure-Object -Sum',
    '$m = 1, 2, 3 | Measure-Object -Sum -Maximum -Minimum -Average\n$m.Sum\n$m.Maximum\n$m.Minimum\n$m.Average',
    ['6', '3', '1', '2'],
  ],
  ['Measure-Object by property', "('a', 'bbb' | Measure-Object -Property Length -Sum).Sum", ['4']],
  [
    'Group-Object',
    "1, 2, 3, 4 | Group-Object -Property { $_ % 2 } | ForEach-Object { $_.Name + ':' + $_.Count + ':' + ($_.Group -join ',') }",
    ['0:2:2,4', '1:2:1,3'],
  ],
  ['New-Object', "(New-Object -TypeName System.Text.StringBuilder -ArgumentList 'xyz').ToString()", ['xyz']],
  ['New-Object with two arguments', "(New-Object -TypeName System.String -ArgumentList ([char] 'x'), 3)", ['xxx']],
  ['New-Object PSObject', '(New-Object -TypeName PSObject -Property @{ a = 4 }).a', ['4']],
  ['New-Object, unknown', 'New-Object -TypeName No.Such.Type', { error: /^TypeNotFound,/ }],
  [
    'Start-Sleep',
    '$w = [System.Diagnostics.Stopwatch]::StartNew()\nStart-Sleep -Milliseconds 120\n$w.ElapsedMilliseconds -ge 110',
    [true],
  ],
  [
    'Get-Date',
    '(Get-Date).GetType().Name\n[math]::Abs(((Get-Date) - [datetime]::Now).TotalSeconds) -lt 5',
    ['DateTime', true],
  ],
  ['Join-Path', "(Join-Path -Path 'a' -ChildPath 'b') -replace '\\\\', '/'", ['a/b']],
  ['Join-Path, separator there', "(Join-Path -Path 'a/' -ChildPath '/b') -replace '\\\\', '/'", ['a/b']],
  ['Split-Path', "(Split-Path -Path 'a/b/c') -replace '\\\\', '/'\nSplit-Path -Path 'a/b/c' -Leaf", ['a/b', 'c']],
  [
    'Test-Path',
    "Test-Path -Path $PSHOME\nTest-Path -LiteralPath (Join-Path -Path $PSHOME -ChildPath 'no-such-file')",
    [true, false],
  ],
  [
    'Test-Path -PathType',
    'Test-Path -Path $PSHOME -PathType Container\nTest-Path -Path $PSHOME -PathType Leaf',
    [true, false],
  ],
];

interface Part {
  readonly ok: boolean;
  readonly data?: readonly unknown[];
  readonly error?: { readonly id: string; readonly message: string };
}

const root = resolve(import.meta.dirname, '../..');

describe.skipIf(engineMissing)("PowerShell's own commands", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ sources: [join(import.meta.dirname, 'simulated/fixtures')] });
  });
  afterAll(() => engine.close());

  it.each(cases)('%s', async (_name, text, expected) => {
    const answer = await engine.runner.run('Test-Snippet', { text });
    const part = (answer.ok ? answer.data : null) as Part;
    if ('error' in expected) expect(part.error?.id).toMatch(expected.error);
    else expect(part.error?.message ?? part.data).toEqual(expected);
  });
});

it('has a case for every one of them that a script names', () => {
  const modules = ['Utility', 'Management'].map(
    (name) =>
      JSON.parse(
        readFileSync(join(import.meta.dirname, `catalogue/powershell-5.1/Microsoft.PowerShell.${name}.json`), 'utf8'),
      ) as { cmdlets: Record<string, unknown> },
  );
  const scripts = ['scripts', 'session'].flatMap((folder) => {
    const path = join(root, 'main/powershell', folder);
    return readdirSync(path).map((name) => readFileSync(join(path, name), 'utf8'));
  });
  // A command that a comment names is not used.
  const text = scripts.join('\n').replace(/<#[\s\S]*?#>|^\s*#.*$/gm, '');
  const used = modules
    .flatMap(({ cmdlets }) => Object.keys(cmdlets))
    .filter((name) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text));
  const simulated = new Set(Object.values(worldCommands).flat());
  const plain = used.filter((name) => !simulated.has(name));
  expect(plain.length).toBeGreaterThan(0);
  for (const name of plain)
    expect(
      cases.some(([, text]) => text.includes(name)),
      name,
    ).toBe(true);
});

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { engineMissing, findEngine } from '../../support/engine.ts';
import { temporaryFolder } from '../../support/readiness.ts';

const root = fileURLToPath(new URL('../../../main/powershell', import.meta.url));

/** The function of a script, which reads the registry by two others that the test puts in their place. */
const readerOf = (script: string): string => {
  const text = readFileSync(join(root, script), 'utf8');
  const found = /^function Read-PendingReboot \{\r?\n[\s\S]*?^\}/m.exec(text);
  if (!found) throw new Error(`${script} has no Read-PendingReboot`);
  return found[0];
};

const netlogon = 'SYSTEM\\CurrentControlSet\\Services\\Netlogon';

describe('the sign of a join that waits for the restart', () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());

  it.skipIf(engineMissing).each(['scripts/Get-HostFact.ps1', 'collect/Collect-QuorateFacts.ps1'])(
    '%s sees it as a subkey and as a value, under both names',
    async (script) => {
      const { program } = findEngine();
      const wrapper = join(folder.path, 'wrapper.ps1');
      writeFileSync(
        wrapper,
        `
function Test-RegistryKey([string] $path) { return $keys -contains $path }
function Read-RegistryValue([string] $path, [string] $name) { if ($values -contains "$path|$name") { return 1 } else { return $null } }
${readerOf(script)}
foreach ($case in @(
    @{ keys = @(); values = @() }
    @{ keys = @('${netlogon}\\JoinDomain'); values = @() }
    @{ keys = @('${netlogon}\\AvoidSpnSet'); values = @() }
    @{ keys = @(); values = @('${netlogon}|JoinDomain') }
    @{ keys = @(); values = @('${netlogon}|AvoidSpnSet') }
)) {
    $keys = $case.keys
    $values = $case.values
    [Console]::Out.WriteLine("found: $((Read-PendingReboot) -join ', ')")
}
`,
      );
      const { stdout } = await promisify(execFile)(program.path, ['-NoProfile', '-NonInteractive', '-File', wrapper], {
        timeout: 300_000,
      });
      const found = [...stdout.matchAll(/^found: *(.*?)\r?$/gm)].map((match) => match[1]);
      expect(found).toEqual(['', 'domainJoin', 'domainJoin', 'domainJoin', 'domainJoin']);
    },
  );
});

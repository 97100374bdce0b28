import { execFile } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { localFiles } from '../../../main/agent/local-files.ts';
import { importFacts } from '../../../main/operations/readiness/import-facts.ts';
import { collectedSchema } from '../../../shared/model/collected.ts';
import { valueOf } from '../../../shared/model/fact.ts';
import { engineMissing, findEngine } from '../../support/engine.ts';
import { now, outcomesOf, temporaryFolder } from '../../support/readiness.ts';

const collector = join(import.meta.dirname, '../../../main/powershell/collect/Collect-QuorateFacts.ps1');
const source = readFileSync(collector, 'utf8');

/** Windows' own command, as a function: a Windows Server 2008 R2 with text in several scripts. */
const simulation = `
function Get-WmiObject {
    param([string] $Class, [string] $Namespace, [string] $Filter, $ErrorAction)
    switch ($Class) {
        'Win32_Processor' {
            foreach ($id in 'CPU0', 'CPU1') {
                [pscustomobject] @{ DeviceID = $id; Name = 'Intel(R) Xeon(R) CPU X5650 @ 2.67GHz'; Caption = 'Intel64 Family 6 Model 44 Stepping 2'; Manufacturer = 'GenuineIntel'; Level = [uint16] 6; Architecture = [uint16] 9; AddressWidth = [uint16] 64; DataWidth = [uint16] 64; NumberOfCores = [uint32] 6; SystemName = 'ALT' }
            }
        }
        'Win32_OperatingSystem' { [pscustomobject] @{ Caption = 'Microsoft Windows Server 2008 R2 Enterprise \u00e9\u4e2d'; Version = '6.1.7601'; BuildNumber = '7601'; OperatingSystemSKU = [uint32] 10; ProductType = [uint32] 3; ServicePackMajorVersion = [uint16] 1; CSName = 'ALT'; TotalVisibleMemorySize = [uint64] 50320484; DataExecutionPrevention_Available = $true; DataExecutionPrevention_SupportPolicy = [byte] 3 } }
        'Win32_ComputerSystem' { [pscustomobject] @{ Name = 'ALT'; Manufacturer = 'HP'; Model = 'ProLiant "DL380" \\ G7'; TotalPhysicalMemory = [uint64] 51528175616; PartOfDomain = $true; Domain = 'contoso.com'; DomainRole = [uint16] 3 } }
        'Win32_BIOS' { [pscustomobject] @{ Manufacturer = 'HP'; SMBIOSBIOSVersion = 'P67'; ReleaseDate = '20110505000000.000000+000'; SerialNumber = $null } }
        'Win32_PhysicalMemory' { foreach ($at in 1..6) { [pscustomobject] @{ Tag = "Physical Memory $at"; Capacity = [uint64] 8589934592 } } }
        'Win32_QuickFixEngineering' { [pscustomobject] @{ HotFixID = 'KB976902' } }
        'Win32_Service' { [pscustomobject] @{ Name = 'W32Time'; State = 'Running'; Started = $true; StartMode = 'Auto' } }
        'Win32_NetworkAdapter' { foreach ($at in 1..4) { [pscustomobject] @{ DeviceID = "$at"; Name = "NIC $at"; NetConnectionID = "LAN $at"; PhysicalAdapter = $true; PNPDeviceID = "B06BDRV\\L2ND&PCI_163914E4&SUBSYS_7055103C\\$at"; MACAddress = "00:10:18:00:00:0$at"; SystemName = 'ALT' } } }
        default { throw "Invalid namespace '$Namespace'" }
    }
}
`;

describe('the collector for a stick', () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());

  it('uses nothing that PowerShell 2.0 does not have', () => {
    const code = source.replace(/#[^\n]*/g, '');
    // What 3.0 and later brought: types, operators, parameters and commands.
    for (const newer of [
      /\[ordered\]/i,
      /\[pscustomobject\]/i,
      /\s-(not)?in\s/i,
      /\s-sh[lr]\s/i,
      /ConvertTo-Json/i,
      /\$PSScriptRoot/i,
      /\$PSItem/i,
      /::new\(/i,
      /\?\?|\?\.|&&|\|\|/,
      /-Raw\b/i,
      /Get-CimInstance(?! -ClassName)/,
      /\busing\s+(namespace|module)/i,
      /ForEach-Object\s+-Member/i,
      /IsNullOrWhiteSpace/i,
    ])
      expect(code, String(newer)).not.toMatch(newer);
  });

  it('needs no file but itself', () => {
    expect(source).not.toMatch(/Import-Module|^\s*\.\s+['"$]|Add-Type/im);
  });

  it.skipIf(engineMissing)('writes one facts file that comes out right', async () => {
    const { program } = findEngine();
    const wrapper = join(folder.path, 'wrapper.ps1');
    const out = join(folder.path, 'facts-ALT.json');
    writeFileSync(wrapper, `${simulation}\n. '${collector}' -OutFile '${out}'\n`);
    const { stdout } = await promisify(execFile)(program.path, ['-NoProfile', '-NonInteractive', '-File', wrapper], {
      timeout: 300_000,
    });
    expect(stdout).toMatch(/Written: .*facts-ALT\.json/);
    expect(stdout).toMatch(/Not read: MSFT_NetAdapter/);
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.new'))).toEqual([]);

    const text = readFileSync(out, 'utf8');
    expect(text).toMatch(/^[ -~]*$/);
    const collected = collectedSchema.parse(JSON.parse(text));
    expect(collected.errors['Win32_DeviceGuard']).toMatch(/Invalid namespace/);
    expect(collected.classes['Win32_ComputerSystem']).toEqual([
      expect.objectContaining({
        Model: 'ProLiant "DL380" \\ G7',
        TotalPhysicalMemory: '51528175616',
        PartOfDomain: true,
      }),
    ]);
    expect(collected.classes['Win32_QuickFixEngineering']).toEqual([{ HotFixID: 'KB976902' }]);

    const facts = await importFacts([{ kind: 'path', path: out }], { files: localFiles, version: '0', now });
    expect(valueOf(facts.os.caption)).toBe('Microsoft Windows Server 2008 R2 Enterprise \u00e9\u4e2d');
    expect(valueOf(facts.hypervisor.vmms)).toBe('absent');
    expect(valueOf(facts.memory.installedBytes)).toBe('51539607552');
    expect(outcomesOf(facts)).toMatchObject({
      'cpu.x64': 'pass',
      'cpu.dep': 'pass',
      'cpu.virtualization': 'unknown',
      'firmware.virtualization': 'unknown',
      hypervisor: 'unknown',
      'host.physical': 'pass',
      memory: 'pass',
      'os.version': 'pass',
      'os.edition': 'pass',
      'nic.count': 'pass',
      domain: 'pass',
      verdict: 'unknown',
    });
  });

  it.skipIf(engineMissing)('says so and writes nothing where no class could be read', async () => {
    const { program } = findEngine();
    const wrapper = join(folder.path, 'denied.ps1');
    const out = join(folder.path, 'facts-DENIED.json');
    writeFileSync(
      wrapper,
      `function Get-WmiObject { throw 'Access is denied.' }\n. '${collector}' -OutFile '${out}'\nexit $LASTEXITCODE\n`,
    );
    const ended = promisify(execFile)(program.path, ['-NoProfile', '-NonInteractive', '-File', wrapper], {
      timeout: 300_000,
    });
    const { code, stdout } = await ended.then(
      (answer) => ({ code: 0, stdout: answer.stdout }),
      (error: unknown) => error as { code: number; stdout: string },
    );
    expect(code).toBe(1);
    expect(stdout).toContain('Not read: Win32_Processor: Access is denied.');
    expect(stdout).toContain('Nothing could be read.');
    expect(stdout).not.toContain('Written');
    expect(readdirSync(folder.path).filter((name) => name.startsWith('facts-DENIED'))).toEqual([]);
  });
});

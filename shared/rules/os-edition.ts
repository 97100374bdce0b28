import { valueOf } from '../model/fact.ts';
import { windowsServerTitle } from '../model/windows-server.ts';
import { editionTitles, serverSkus, type OsProfile } from './os-profiles.ts';
import { runningServer } from './os-version.ts';
import { causeOf, evidenceOf, type Finding, type ReadinessRule } from './rule.ts';

const expectedBy = (profile: OsProfile): string =>
  `a 64-bit edition that clusters and has Hyper-V: ${profile.editions.map((edition) => editionTitles[edition]).join(' or ')}`;

export const osEdition: ReadinessRule = {
  id: 'os.edition',
  title: 'Windows Server edition',
  concerns: 'system',
  severity: () => 'critical',
  source: () => 'Microsoft, Win32_OperatingSystem class (OperatingSystemSKU) and the editions of each Windows Server',
  expected: expectedBy,
  judge: ({ facts, profile }): Finding => {
    const expected = expectedBy(profile);
    const { os } = facts;
    const evidence = [evidenceOf(os.sku), evidenceOf(os.widthBits), evidenceOf(os.caption)];
    const reinstall = { text: `Install ${windowsServerTitle(profile.server)} as ${expected}.` };
    if (valueOf(os.productType) === 1)
      return {
        outcome: 'fail',
        expected,
        observed: `${valueOf(os.caption) ?? 'Windows'}, a client edition`,
        evidence: [...evidence, evidenceOf(os.productType)],
        remediation: reinstall,
      };
    // The width alone comes with the processor's class; without the system's own class the edition stays unknown.
    if (valueOf(os.widthBits) === 32 && (os.version.known || os.sku.known))
      return {
        outcome: 'fail',
        expected,
        observed: 'A 32-bit edition runs. Hyper-V is in the x64 editions only.',
        evidence,
        remediation: reinstall,
      };
    const version = valueOf(os.version);
    if (version !== undefined && Number.parseInt(version, 10) < 6)
      return {
        outcome: 'fail',
        expected,
        observed: `Version ${version} is older than Hyper-V.`,
        evidence: [...evidence, evidenceOf(os.version)],
        remediation: reinstall,
      };
    const number = valueOf(os.sku);
    const collect = {
      text: 'Collect Win32_OperatingSystem on the server itself.',
      manual: 'wmic os get OperatingSystemSKU /value',
      script: 'Get-CimInstance Win32_OperatingSystem | Format-List OperatingSystemSKU',
    };
    if (number === undefined)
      return {
        outcome: 'unknown',
        because: causeOf(os.sku),
        expected,
        observed: 'not known',
        evidence,
        remediation: collect,
      };
    const row = serverSkus[number];
    if (!row)
      return {
        outcome: 'unknown',
        because: `The edition number ${number} is not one that this check knows.`,
        expected,
        observed: `edition number ${number}`,
        evidence,
        remediation: {
          text: "Look up in Microsoft's edition comparison whether this edition has Failover Clustering.",
        },
      };
    if (row.edition === null || !row.hasHyperV)
      return { outcome: 'fail', expected, observed: row.title, evidence, remediation: reinstall };
    if (!profile.editions.includes(row.edition)) {
      // The free Hyper-V Server after 2008 R2 is said to cluster, but no document that was read says so.
      if (row.edition === 'hyperVServer' && profile.server !== '2008')
        return {
          outcome: 'unknown',
          because: 'No document that this check rests on says whether this edition clusters in this release.',
          expected,
          observed: row.title,
          evidence,
          remediation: {
            text: 'Look whether the Failover Clustering feature can be installed.',
            script: 'Get-WindowsFeature -Name Failover-Clustering',
          },
        };
      const running = runningServer(facts);
      return {
        outcome: 'fail',
        expected,
        observed: running && running !== profile.server ? `${row.title} of ${windowsServerTitle(running)}` : row.title,
        evidence,
        remediation: reinstall,
      };
    }
    if (row.isEvaluation === true)
      return {
        outcome: 'warn',
        expected,
        observed: row.title,
        evidence,
        remediation: { text: 'Convert it to the full edition before the evaluation ends, and before production.' },
      };
    return { outcome: 'pass', expected, observed: row.title, evidence };
  },
};

import { valueOf } from '../model/fact.ts';
import type { HostFacts } from '../model/facts.ts';
import { windowsServerTitle, type WindowsServer } from '../model/windows-server.ts';
import { serverOfVersion } from './os-profiles.ts';
import { causeOf, evidenceOf, type Finding, type ReadinessRule } from './rule.ts';

/** `Win32_OperatingSystem.ProductType` 1 is a workstation. */
const workstation = 1;

/** The Windows Server release that the facts show to run; null when they show another system, undefined when unknown. */
export const runningServer = (facts: HostFacts): WindowsServer | null | undefined => {
  if (facts.platform === 'linux') return null;
  const productType = valueOf(facts.os.productType);
  const version = valueOf(facts.os.version);
  if (productType === workstation) return null;
  if (version === undefined) return undefined;
  if (Number.parseInt(version, 10) < 6) return null;
  if (productType === undefined) return undefined;
  return serverOfVersion(version, valueOf(facts.os.build));
};

const nameOf = (facts: HostFacts): string =>
  valueOf(facts.os.caption) ?? `Windows ${valueOf(facts.os.version) ?? 'of unknown version'}`;

export const osVersion: ReadinessRule = {
  id: 'os.version',
  title: 'Windows Server release',
  concerns: 'system',
  severity: () => 'critical',
  source: () => 'Microsoft, Windows Server release information; Win32_OperatingSystem class (Version, ProductType)',
  expected: (profile) => windowsServerTitle(profile.server),
  judge: ({ facts, profile }): Finding => {
    const expected = windowsServerTitle(profile.server);
    const { os } = facts;
    const evidence = [evidenceOf(os.version), evidenceOf(os.build), evidenceOf(os.productType), evidenceOf(os.caption)];
    const running = runningServer(facts);
    if (running === undefined)
      return {
        outcome: 'unknown',
        because: causeOf(os.version, os.productType),
        expected,
        observed: 'not known',
        evidence,
        remediation: {
          text: 'Collect Win32_OperatingSystem on the server itself.',
          manual: 'wmic os get Version,BuildNumber,ProductType,OperatingSystemSKU /value',
          script:
            'Get-CimInstance Win32_OperatingSystem | Format-List Version, BuildNumber, ProductType, OperatingSystemSKU',
        },
      };
    if (running === profile.server)
      return { outcome: 'pass', expected, observed: windowsServerTitle(running), evidence };
    const observed =
      running !== null
        ? windowsServerTitle(running)
        : valueOf(os.productType) === workstation
          ? `${nameOf(facts)}, a client and not a server`
          : `${nameOf(facts)} (${valueOf(os.version) ?? ''}), not a release that this check knows`;
    return {
      outcome: 'fail',
      expected,
      observed,
      evidence,
      remediation: {
        text:
          running === null
            ? `Install ${expected}.`
            : `Install ${expected}, or judge for the release that runs: --for ${running}.`,
      },
    };
  },
};

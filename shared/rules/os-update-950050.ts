import { valueOf } from '../model/fact.ts';
import { windowsServerTitle } from '../model/windows-server.ts';
import { column } from './os-profiles.ts';
import { causeOf, evidenceOf, type Finding, type ReadinessRule } from './rule.ts';

const expected = 'Service Pack 2, or update 950050, before the Hyper-V role';

/** True when a list of updates names 950050, with or without "KB". */
const holdsUpdate = (updates: readonly string[]): boolean => updates.some((update) => /^(KB)?950050\b/i.test(update));

export const osUpdate950050: ReadinessRule = {
  id: 'os.update.950050',
  title: 'Update 950050 (Hyper-V of Windows Server 2008)',
  concerns: 'system',
  severity: (profile) => (profile.needsUpdate950050 ? 'critical' : 'info'),
  source: () => `${column} (update KB950050)`,
  expected: () => expected,
  judge: ({ facts, profile }): Finding => {
    const { servicePack, updates, version } = facts.os;
    const evidence = [evidenceOf(servicePack), evidenceOf(updates)];
    if (!profile.needsUpdate950050)
      return {
        outcome: 'notApplicable',
        because: `${windowsServerTitle(profile.server)} does not need it.`,
        expected,
        observed: 'not looked at',
        evidence: [],
      };
    const installed = valueOf(version);
    if (installed !== undefined && !installed.startsWith('6.0'))
      return {
        outcome: 'notApplicable',
        because: `Version ${installed} runs there, and the update is for Windows Server 2008.`,
        expected,
        observed: 'not looked at',
        evidence: [evidenceOf(version)],
      };
    const pack = valueOf(servicePack);
    if (pack !== undefined && pack >= 2)
      return { outcome: 'pass', expected, observed: `Service Pack ${pack} is installed.`, evidence };
    const list = valueOf(updates);
    if (list !== undefined && holdsUpdate(list))
      return { outcome: 'pass', expected, observed: 'Update 950050 is installed.', evidence };
    if (pack === undefined || list === undefined)
      return {
        outcome: 'unknown',
        because: causeOf(servicePack, updates),
        expected,
        observed: 'not known',
        evidence,
        remediation: {
          text: 'Collect the service pack and the list of updates.',
          manual: 'wmic os get ServicePackMajorVersion /value   and   wmic qfe get HotFixID /value',
        },
      };
    return {
      outcome: 'fail',
      expected,
      observed: `Service Pack ${pack}, and update 950050 is not in the list of updates.`,
      evidence,
      remediation: { text: 'Install Service Pack 2 or update KB950050 before you add the Hyper-V role.' },
    };
  },
};

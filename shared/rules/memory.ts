import { valueOf } from '../model/fact.ts';
import { formatSize } from '../model/size.ts';
import { captureOnLinux } from './proofs.ts';
import type { OsProfile } from './os-profiles.ts';
import { causeOf, evidenceOf, type Finding, type ReadinessRule } from './rule.ts';

const gibibyte = 1024n * 1024n * 1024n;

const expectedBy = (profile: OsProfile): string => `at least ${formatSize(profile.leastMemoryBytes)} of memory`;

/**
 * What the system sees is a little less than what is built in, because firmware and devices keep a part: an eighth below
 * the least is not yet proof of too little. A 32-bit system sees 4 GB at the most.
 */
const judgeVisible = (visible: bigint, least: bigint, osWidthBits: number | undefined): 'pass' | 'fail' | 'unknown' => {
  if (visible >= least) return 'pass';
  if (visible >= least - least / 8n) return 'unknown';
  return osWidthBits === 32 && visible >= 5n * (gibibyte / 2n) ? 'unknown' : 'fail';
};

export const memory: ReadinessRule = {
  id: 'memory',
  title: 'Memory',
  concerns: 'hardware',
  severity: () => 'critical',
  source: (profile) => profile.memorySource,
  expected: expectedBy,
  judge: ({ facts, profile }): Finding => {
    const expected = expectedBy(profile);
    const { installedBytes, visibleBytes } = facts.memory;
    const evidence = [evidenceOf(installedBytes), evidenceOf(visibleBytes)];
    const tooLittle = { text: `Install more memory: ${expected}, and what the virtual machines need besides.` };
    const installed = valueOf(installedBytes);
    if (installed !== undefined) {
      const bytes = BigInt(installed);
      return bytes >= profile.leastMemoryBytes
        ? { outcome: 'pass', expected, observed: `${formatSize(bytes)} built in.`, evidence }
        : { outcome: 'fail', expected, observed: `${formatSize(bytes)} built in.`, evidence, remediation: tooLittle };
    }
    const visible = valueOf(visibleBytes);
    const onWindows = {
      text: 'Collect the memory modules (Win32_PhysicalMemory) on the server itself.',
      manual: 'wmic memorychip get Capacity /value',
      script: 'Get-CimInstance Win32_PhysicalMemory | Format-List Tag, Capacity',
    };
    const howToProve =
      facts.platform !== 'linux'
        ? onWindows
        : visible === undefined
          ? captureOnLinux('the memory', '/proc/meminfo')
          : { text: 'Count the memory modules of the machine.', manual: 'dmidecode --type memory' };
    if (visible === undefined)
      return {
        outcome: 'unknown',
        because: causeOf(visibleBytes, installedBytes),
        expected,
        observed: 'not known',
        evidence,
        remediation: howToProve,
      };
    const bytes = BigInt(visible);
    const outcome = judgeVisible(bytes, profile.leastMemoryBytes, valueOf(facts.os.widthBits));
    const observed = `${formatSize(bytes)} visible to the system.`;
    if (outcome === 'pass') return { outcome, expected, observed, evidence };
    if (outcome === 'fail') return { outcome, expected, observed, evidence, remediation: tooLittle };
    return {
      outcome,
      because: 'The system sees a little less than the minimum; how much is built in is not known.',
      expected,
      observed,
      evidence,
      remediation: howToProve,
    };
  },
};

import { valueOf } from '../model/fact.ts';
import type { ProcessorFacts } from '../model/facts.ts';
import { judgeEachSocket, type SocketFinding } from './each-socket.ts';
import { column } from './os-profiles.ts';
import { isForeignArchitecture } from './processor-families.ts';
import { captureOnLinux } from './proofs.ts';
import { evidenceOf, evidenceOfEach, type Finding, type ReadinessRule } from './rule.ts';

const expected = 'hardware data execution prevention is available to the operating system';

const howToProve = {
  text: 'Collect Win32_OperatingSystem on the server itself, or look for "Execute Disable" or "NX" in its firmware.',
  manual: 'wmic os get DataExecutionPrevention_Available /value',
  script: 'Get-CimInstance Win32_OperatingSystem | Format-List DataExecutionPrevention_Available',
};

const inFirmware = {
  text: 'Check the firmware setup for "Execute Disable", "NX" or "No-Execute", and whether the kernel was started with noexec=off.',
  manual: 'cat /proc/cmdline',
};

const judgeSocket = (processor: ProcessorFacts): SocketFinding => {
  const fact = processor.executeDisable;
  if (!fact.known) return { outcome: 'unknown', says: fact.because };
  return fact.value
    ? { outcome: 'pass', says: 'The processor has the NX/XD bit and it is switched on.' }
    : { outcome: 'fail', says: 'The processor does not have the NX/XD bit.' };
};

const judgeLinux = (processors: readonly ProcessorFacts[]): Finding => {
  const { outcome, says } = judgeEachSocket(processors, judgeSocket);
  return {
    outcome,
    ...(outcome === 'unknown' ? { because: says } : {}),
    expected,
    observed: says,
    evidence: evidenceOfEach(processors, (processor) => processor.executeDisable),
    ...(outcome === 'pass' ? {} : { remediation: inFirmware }),
  };
};

/** The hardware question is `DataExecutionPrevention_Available`; `_SupportPolicy` is another one (what it is used for). */
export const cpuDep: ReadinessRule = {
  id: 'cpu.dep',
  title: 'Hardware data execution prevention',
  concerns: 'hardware',
  severity: () => 'critical',
  source: () => `${column}; Microsoft, Win32_OperatingSystem class (DataExecutionPrevention_Available)`,
  expected: () => expected,
  judge: ({ facts }) => {
    const processors = valueOf(facts.processors);
    if (isForeignArchitecture(processors))
      return {
        outcome: 'notApplicable',
        because: 'The processor is not x64, so it has no NX/XD bit to ask for.',
        expected,
        observed: 'not checked',
        evidence: evidenceOfEach(processors ?? [], (processor) => processor.architecture),
      };
    const available = facts.os.depAvailable;
    if (available.known) {
      const evidence = [evidenceOf(available), evidenceOf(facts.os.depSupportPolicy)];
      if (available.value)
        return { outcome: 'pass', expected, observed: 'Hardware DEP is available to the system.', evidence };
      return {
        outcome: 'fail',
        expected,
        observed: 'Hardware DEP is not available to the operating system.',
        evidence,
        remediation: {
          text: 'Look whether it is switched off: in the firmware setup under "Execute Disable", "NX" or "No-Execute", and in the boot options under nx. Only if both are on does the processor lack it.',
          manual: 'bcdedit /enum {current}   (the line nx; AlwaysOff switches it off)',
          script: 'Get-CimInstance Win32_OperatingSystem | Format-List DataExecutionPrevention_SupportPolicy',
        },
      };
    }
    if (facts.platform === 'linux' && processors) return judgeLinux(processors);
    return {
      outcome: 'unknown',
      because: available.because,
      expected,
      observed: 'not known',
      evidence: [evidenceOf(available)],
      remediation: facts.platform === 'linux' ? captureOnLinux('the processors', '/proc/cpuinfo') : howToProve,
    };
  },
};

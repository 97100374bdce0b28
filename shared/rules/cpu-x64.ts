import { valueOf } from '../model/fact.ts';
import type { ProcessorFacts } from '../model/facts.ts';
import { judgeEachSocket, type SocketFinding } from './each-socket.ts';
import { column } from './os-profiles.ts';
import { captureOnLinux } from './proofs.ts';
import { causeOf, evidenceOf, evidenceOfEach, type ReadinessRule } from './rule.ts';

const expected = 'a 64-bit processor of the x64 kind';

const collectArchitecture = {
  text: 'Collect Win32_Processor on the server itself.',
  manual: 'wmic cpu get Architecture,DataWidth,Manufacturer,Name /value',
  script: 'Get-CimInstance Win32_Processor | Format-List Architecture, DataWidth, Manufacturer, Name',
};

const judgeSocket = (processor: ProcessorFacts): SocketFinding => {
  const architecture = valueOf(processor.architecture);
  const width = valueOf(processor.dataWidthBits);
  const vendor = valueOf(processor.vendor);
  if (architecture !== undefined && architecture !== 'x64' && architecture !== 'x86')
    return { outcome: 'fail', says: `The processor is ${architecture}, not x64.` };
  if (width === 32) return { outcome: 'fail', says: 'The processor is 32 bits wide.' };
  if (architecture === 'x64') return { outcome: 'pass', says: 'The processor is x64.' };
  // A 32-bit system on a 64-bit processor reports Architecture 0 (x86) and DataWidth 64.
  const isX86 = architecture === 'x86' || vendor === 'GenuineIntel' || vendor === 'AuthenticAMD';
  if (width === 64 && isX86) return { outcome: 'pass', says: 'The processor is x86 with 64 bits: x64.' };
  if (width === 64) return { outcome: 'unknown', says: 'The processor has 64 bits, but its kind is not known.' };
  return { outcome: 'unknown', says: causeOf(processor.architecture, processor.dataWidthBits) };
};

/** DataWidth is the processor's width; AddressWidth would be the width of the running system. */
export const cpuX64: ReadinessRule = {
  id: 'cpu.x64',
  title: '64-bit processor (x64)',
  concerns: 'hardware',
  severity: () => 'critical',
  source: () => `${column}; Microsoft, Win32_Processor class (Architecture, DataWidth)`,
  expected: () => expected,
  judge: ({ facts }) => {
    const { processors } = facts;
    const collect =
      facts.platform === 'linux' ? captureOnLinux('the processors', '/proc/cpuinfo') : collectArchitecture;
    if (!processors.known)
      return {
        outcome: 'unknown',
        because: processors.because,
        expected,
        observed: 'not known',
        evidence: [evidenceOf(processors)],
        remediation: collect,
      };
    const { outcome, says } = judgeEachSocket(processors.value, judgeSocket);
    return {
      outcome,
      ...(outcome === 'unknown' ? { because: says } : {}),
      expected,
      observed: says,
      evidence: [
        ...evidenceOfEach(processors.value, (processor) => processor.architecture),
        ...evidenceOfEach(processors.value, (processor) => processor.dataWidthBits),
        ...evidenceOfEach(processors.value, (processor) => processor.name),
      ],
      ...(outcome === 'pass'
        ? {}
        : outcome === 'fail'
          ? { remediation: { text: 'Use a server with an x64 processor; this one cannot be upgraded into one.' } }
          : { remediation: collect }),
    };
  },
};

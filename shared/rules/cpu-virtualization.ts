import { valueOf } from '../model/fact.ts';
import type { ProcessorFacts } from '../model/facts.ts';
import { judgeEachSocket, type SocketFinding } from './each-socket.ts';
import {
  areFlagsContradictory,
  areFlagsTrustworthy,
  contradiction,
  hypervisorState,
  isProvenByRunningHypervisor,
  whyFlagIsUnclear,
  type HypervisorState,
} from './hypervisor-state.ts';
import { column } from './os-profiles.ts';
import { familyWithoutVirtualization, isX86Family } from './processor-families.ts';
import { collectProcessor, exposeToGuest, onLinux } from './proofs.ts';
import { evidenceOf, evidenceOfEach, type Finding, type ReadinessRule } from './rule.ts';

const expected = 'the processor has Intel VT-x or AMD-V';

const judgeSocket =
  (state: HypervisorState, isProven: boolean) =>
  (processor: ProcessorFacts): SocketFinding => {
    if (isX86Family(processor) === false)
      return {
        outcome: 'fail',
        says: `The processor is ${valueOf(processor.architecture) ?? 'foreign'}: it has neither VT-x nor AMD-V.`,
      };
    if (isProven) return { outcome: 'pass', says: 'Proven: a hypervisor runs on this hardware.' };
    const fact = processor.virtualizationExtensions;
    if (areFlagsContradictory(state, processor)) return { outcome: 'unknown', says: contradiction };
    if (valueOf(fact) === true || valueOf(processor.virtualizationFirmwareEnabled) === true)
      return { outcome: 'pass', says: 'The processor has hardware virtualization.' };
    if (fact.known && areFlagsTrustworthy(state))
      return { outcome: 'fail', says: 'The processor reports no hardware virtualization, and no hypervisor hides it.' };
    const family = state.kind === 'guest' ? null : familyWithoutVirtualization(processor);
    if (family !== null)
      return { outcome: 'fail', says: `The processor is of a family without hardware virtualization (${family}).` };
    return { outcome: 'unknown', says: whyFlagIsUnclear(state, fact) };
  };

const evidenceFor = (facts: Parameters<ReadinessRule['judge']>[0]['facts'], processors: readonly ProcessorFacts[]) => [
  ...evidenceOfEach(processors, (processor) => processor.virtualizationExtensions),
  ...evidenceOfEach(processors, (processor) => processor.name),
  ...evidenceOfEach(processors, (processor) => processor.family),
  evidenceOf(facts.hypervisor.present),
  evidenceOf(facts.hypervisor.guestOf),
  ...(facts.platform === 'linux' ? [] : [evidenceOf(facts.hypervisor.vmms)]),
];

export const cpuVirtualization: ReadinessRule = {
  id: 'cpu.virtualization',
  title: 'Hardware virtualization (VT-x or AMD-V)',
  concerns: 'hardware',
  severity: () => 'critical',
  source: () =>
    `${column}; Microsoft, Win32_Processor class (VMMonitorModeExtensions) and Win32_ComputerSystem class (HypervisorPresent)`,
  expected: () => expected,
  judge: ({ facts }): Finding => {
    const state = hypervisorState(facts);
    const isProven = isProvenByRunningHypervisor(facts, state);
    const processors = valueOf(facts.processors) ?? [];
    const evidence = evidenceFor(facts, processors);
    const isForeign = processors.some((processor) => isX86Family(processor) === false);
    if (state.kind === 'guest' && state.isReported && facts.platform !== 'linux' && !isForeign)
      return {
        outcome: 'warn',
        expected,
        observed: `This is a virtual machine (${state.product}): whether it may virtualize is decided by the outer host.`,
        evidence,
        remediation: exposeToGuest(state.product),
      };
    if (processors.length === 0) {
      if (isProven)
        return { outcome: 'pass', expected, observed: 'Proven: a hypervisor runs on this hardware.', evidence };
      return {
        outcome: 'unknown',
        because: facts.processors.known ? 'No processor is listed.' : facts.processors.because,
        expected,
        observed: 'not known',
        evidence: [...evidence, evidenceOf(facts.processors)],
        remediation: state.kind === 'guest' ? exposeToGuest(state.product) : collectProcessor,
      };
    }
    const { outcome, says } = judgeEachSocket(processors, judgeSocket(state, isProven));
    return {
      outcome,
      ...(outcome === 'unknown' ? { because: says } : {}),
      expected,
      observed: says,
      evidence,
      ...(outcome === 'pass'
        ? {}
        : outcome === 'fail'
          ? { remediation: { text: 'Use a server whose processor has Intel VT-x or AMD-V.' } }
          : {
              remediation:
                state.kind === 'guest'
                  ? exposeToGuest(state.product)
                  : facts.platform === 'linux'
                    ? onLinux
                    : collectProcessor,
            }),
    };
  },
};

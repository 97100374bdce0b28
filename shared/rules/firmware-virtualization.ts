import { valueOf } from '../model/fact.ts';
import type { HostFacts, ProcessorFacts } from '../model/facts.ts';
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
import { familyWithoutVirtualization, isForeignArchitecture } from './processor-families.ts';
import { collectProcessor, enableInFirmware, exposeToGuest, onLinux, startWithoutHypervisor } from './proofs.ts';
import { evidenceOf, evidenceOfEach, type Finding, type ReadinessRule } from './rule.ts';

const expected = 'hardware virtualization is switched on in firmware';

const judgeSocket =
  (state: HypervisorState) =>
  (processor: ProcessorFacts): SocketFinding => {
    const fact = processor.virtualizationFirmwareEnabled;
    if (areFlagsContradictory(state, processor)) return { outcome: 'unknown', says: contradiction };
    if (valueOf(fact) === true) return { outcome: 'pass', says: 'It is switched on in firmware.' };
    if (fact.known && areFlagsTrustworthy(state))
      return { outcome: 'fail', says: 'It is switched off in firmware, and no hypervisor hides the flag.' };
    return { outcome: 'unknown', says: whyFlagIsUnclear(state, fact) };
  };

const proofFor = (facts: HostFacts, state: HypervisorState) => {
  if (state.kind === 'guest') return exposeToGuest(state.product);
  if (facts.platform === 'linux') return onLinux;
  return state.kind === 'unclear' ? startWithoutHypervisor : collectProcessor;
};

export const firmwareVirtualization: ReadinessRule = {
  id: 'firmware.virtualization',
  title: 'Virtualization switched on in firmware',
  concerns: 'hardware',
  severity: () => 'critical',
  source: () =>
    `${column}; Microsoft, Win32_Processor class (VirtualizationFirmwareEnabled) and Win32_ComputerSystem class (HypervisorPresent)`,
  expected: () => expected,
  judge: ({ facts }): Finding => {
    const state = hypervisorState(facts);
    const processors = valueOf(facts.processors) ?? [];
    const evidence = [
      ...evidenceOfEach(processors, (processor) => processor.virtualizationFirmwareEnabled),
      evidenceOf(facts.hypervisor.present),
      ...(facts.platform === 'linux' ? [evidenceOf(facts.hypervisor.kvmDevice)] : [evidenceOf(facts.hypervisor.vmms)]),
    ];
    if (processors.length > 0 && isForeignArchitecture(processors))
      return {
        outcome: 'notApplicable',
        because: 'The processor is not x64, so there is no VT-x or AMD-V to switch on.',
        expected,
        observed: 'not checked',
        evidence: evidenceOfEach(processors, (processor) => processor.architecture),
      };
    if (isProvenByRunningHypervisor(facts, state))
      return { outcome: 'pass', expected, observed: 'Proven: a hypervisor runs on this hardware.', evidence };
    // The node alone may have been made by hand; a processor that shows the flag as well makes it a proof.
    const areAllCapable =
      processors.length > 0 && processors.every((processor) => valueOf(processor.virtualizationExtensions) === true);
    if (valueOf(facts.hypervisor.kvmDevice) === true && areAllCapable)
      return { outcome: 'pass', expected, observed: 'Proven: the device /dev/kvm is there.', evidence };
    if (processors.length === 0)
      return {
        outcome: 'unknown',
        because: facts.processors.known ? 'No processor is listed.' : facts.processors.because,
        expected,
        observed: 'not known',
        evidence,
        remediation: proofFor(facts, state),
      };
    if (state.kind !== 'guest' && processors.every((processor) => familyWithoutVirtualization(processor) !== null))
      return {
        outcome: 'notApplicable',
        because: 'The processor is of a family without hardware virtualization: there is nothing to switch on.',
        expected,
        observed: 'not checked',
        evidence: evidenceOfEach(processors, (processor) => processor.name),
      };
    const { outcome, says } = judgeEachSocket(processors, judgeSocket(state));
    return {
      outcome,
      ...(outcome === 'unknown' ? { because: says } : {}),
      expected,
      observed: says,
      evidence,
      ...(outcome === 'pass' ? {} : { remediation: outcome === 'fail' ? enableInFirmware : proofFor(facts, state) }),
    };
  },
};

import { valueOf } from '../model/fact.ts';
import type { HostFacts, ProcessorFacts } from '../model/facts.ts';
import { judgeEachSocket, type SocketFinding } from './each-socket.ts';
import {
  areFlagsContradictory,
  areFlagsTrustworthy,
  contradiction,
  hypervisorState,
  isMicrosoftHypervisorShown,
  whyFlagIsUnclear,
  type HypervisorState,
} from './hypervisor-state.ts';
import { firstBuildWithSlat, hyperVRequirements, type OsProfile } from './os-profiles.ts';
import { familyWithoutVirtualization, isForeignArchitecture } from './processor-families.ts';
import { collectProcessor, exposeToGuest, onLinux, startWithoutHypervisor } from './proofs.ts';
import { evidenceOf, evidenceOfEach, type Finding, type ReadinessRule } from './rule.ts';

const expectedBy = (profile: OsProfile): string =>
  profile.needsSlat
    ? 'the processor has second-level address translation (EPT or NPT)'
    : 'second-level address translation (EPT or NPT) is of use, but this release does not require it';

/**
 * Microsoft's hypervisor requires SLAT from Windows Server 2016 on: where that one runs on this hardware, SLAT is there.
 * Virtualization-based security exists from that build on, so its running proves the build as well.
 */
const isProvenByMicrosoftHypervisor = (facts: HostFacts, state: HypervisorState): boolean => {
  if (facts.platform === 'linux' || state.kind !== 'own' || !isMicrosoftHypervisorShown(facts)) return false;
  if (valueOf(facts.hypervisor.virtualizationBasedSecurity) === 2) return true;
  return (valueOf(facts.os.build) ?? 0) >= firstBuildWithSlat;
};

const judgeSocket =
  (state: HypervisorState, lacking: 'fail' | 'warn') =>
  (processor: ProcessorFacts): SocketFinding => {
    const fact = processor.secondLevelAddressTranslation;
    if (areFlagsContradictory(state, processor)) return { outcome: 'unknown', says: contradiction };
    if (valueOf(fact) === true) return { outcome: 'pass', says: 'The processor has it.' };
    if (fact.known && areFlagsTrustworthy(state))
      return { outcome: lacking, says: 'The processor does not have second-level address translation.' };
    const family = state.kind === 'guest' ? null : familyWithoutVirtualization(processor);
    if (family !== null)
      return { outcome: lacking, says: `The processor is of a family without any virtualization (${family}).` };
    return { outcome: 'unknown', says: whyFlagIsUnclear(state, fact) };
  };

const proofFor = (facts: HostFacts, state: HypervisorState) => {
  if (state.kind === 'guest') return exposeToGuest(state.product);
  if (facts.platform === 'linux') return onLinux;
  return state.kind === 'own' || state.kind === 'unclear' ? startWithoutHypervisor : collectProcessor;
};

export const cpuSlat: ReadinessRule = {
  id: 'cpu.slat',
  title: 'Second-level address translation (EPT or NPT)',
  concerns: 'hardware',
  severity: (profile) => (profile.needsSlat ? 'critical' : 'warning'),
  source: () => hyperVRequirements,
  expected: expectedBy,
  judge: ({ facts, profile }): Finding => {
    const expected = expectedBy(profile);
    const state = hypervisorState(facts);
    const processors = valueOf(facts.processors) ?? [];
    const evidence = [
      ...evidenceOfEach(processors, (processor) => processor.secondLevelAddressTranslation),
      evidenceOf(facts.hypervisor.present),
      ...(facts.platform === 'linux'
        ? []
        : [
            evidenceOf(facts.hypervisor.virtualizationBasedSecurity),
            evidenceOf(facts.hypervisor.vmms),
            evidenceOf(facts.os.build),
          ]),
    ];
    if (processors.length > 0 && isForeignArchitecture(processors))
      return {
        outcome: 'notApplicable',
        because: 'The processor is not x64, so it has neither EPT nor NPT to ask for.',
        expected,
        observed: 'not looked at',
        evidence: evidenceOfEach(processors, (processor) => processor.architecture),
      };
    if (isProvenByMicrosoftHypervisor(facts, state))
      return {
        outcome: 'pass',
        expected,
        observed: "Proven: Microsoft's hypervisor runs on this hardware, and this version of it requires EPT or NPT.",
        evidence,
      };
    if (processors.length === 0)
      return {
        outcome: 'unknown',
        because: facts.processors.known ? 'No processor is listed.' : facts.processors.because,
        expected,
        observed: 'not known',
        evidence,
        remediation: proofFor(facts, state),
      };
    const { outcome, says } = judgeEachSocket(processors, judgeSocket(state, profile.needsSlat ? 'fail' : 'warn'));
    return {
      outcome,
      ...(outcome === 'unknown' ? { because: says } : {}),
      expected,
      observed: says,
      evidence,
      ...(outcome === 'pass'
        ? {}
        : {
            remediation:
              outcome === 'unknown'
                ? proofFor(facts, state)
                : {
                    text: 'Use a server whose processor has EPT (Intel) or NPT (AMD), or a release before Windows Server 2016.',
                  },
          }),
    };
  },
};

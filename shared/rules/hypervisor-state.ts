import { valueOf, type Fact } from '../model/fact.ts';
import type { HostFacts, ProcessorFacts } from '../model/facts.ts';

/**
 * Where a hypervisor is, seen from the operating system. Every rule about virtualization starts here, because while any
 * hypervisor runs the flags of Win32_Processor read False or blank (the hypervisor trap).
 *
 * `none`: no hypervisor runs, the flags speak the truth. `own`: one runs, and this is hardware, so it runs on this
 * hardware. `guest`: this is a virtual machine. `unclear`: one runs, but whether this is hardware is not known.
 * `unknown`: not known whether one runs (2008 and 2008 R2 cannot say).
 */
export type HypervisorState =
  | { readonly kind: 'none' }
  | { readonly kind: 'own'; readonly isMicrosoft: boolean }
  | { readonly kind: 'guest'; readonly product: string; readonly isReported: boolean }
  | { readonly kind: 'unclear' }
  | { readonly kind: 'unknown' };

/** `VirtualizationBasedSecurityStatus` 2 is "running"; the Hyper-V management service is the other witness. */
export const isMicrosoftHypervisorShown = ({ hypervisor }: HostFacts): boolean =>
  valueOf(hypervisor.vmms) === 'running' || valueOf(hypervisor.virtualizationBasedSecurity) === 2;

export const hypervisorState = (facts: HostFacts): HypervisorState => {
  const present = valueOf(facts.hypervisor.present);
  const guestOf = valueOf(facts.hypervisor.guestOf);
  if (typeof guestOf === 'string') return { kind: 'guest', product: guestOf, isReported: present === true };
  if (present === undefined) return { kind: 'unknown' };
  if (!present) return { kind: 'none' };
  return guestOf === null ? { kind: 'own', isMicrosoft: isMicrosoftHypervisorShown(facts) } : { kind: 'unclear' };
};

/**
 * A hypervisor that Windows reports on hardware proves that virtualization is there and switched on. On Linux it does
 * not: Xen runs its first domain without hardware virtualization, and there the flags can be read all the same.
 */
export const isProvenByRunningHypervisor = (facts: HostFacts, state: HypervisorState): boolean =>
  facts.platform !== 'linux' && state.kind === 'own';

/**
 * Firmware that has switched on what the processor does not have, or address translation without virtualization: where no hypervisor is known
 * to hide one of the flags, one of them is wrong, and nobody can say which.
 */
export const areFlagsContradictory = (state: HypervisorState, processor: ProcessorFacts): boolean =>
  (state.kind === 'none' || state.kind === 'unknown') &&
  valueOf(processor.virtualizationExtensions) === false &&
  (valueOf(processor.virtualizationFirmwareEnabled) === true ||
    valueOf(processor.secondLevelAddressTranslation) === true);

/** What is said of them. */
export const contradiction =
  'The flags contradict each other: the processor is said to have no virtualization, and that it is switched on or has address translation.';

/** Win32_Processor's flags mean what they say only while no hypervisor runs. */
export const areFlagsTrustworthy = (state: HypervisorState): boolean => state.kind === 'none';

/** Why a flag that does not read TRUE says nothing. */
export const whyFlagIsUnclear = ({ kind }: HypervisorState, flag: Fact<boolean>): string => {
  if (!flag.known) return flag.because;
  return kind === 'unknown'
    ? 'The flag reads FALSE, but it is not known whether a hypervisor runs and hides it.'
    : 'The flag reads FALSE, as it does while a hypervisor runs.';
};

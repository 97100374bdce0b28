import { captureOnLinux, proofOfHardware } from './proofs.ts';
import { evidenceOf, type ReadinessRule } from './rule.ts';

const expected = 'hardware, not a virtual machine';

export const hostPhysical: ReadinessRule = {
  id: 'host.physical',
  title: 'Physical server',
  concerns: 'hardware',
  severity: () => 'warning',
  source: () => 'DMTF DSP0134 (SMBIOS) type 1; Microsoft, Win32_ComputerSystem class (Manufacturer, Model)',
  expected: () => expected,
  judge: ({ facts }) => {
    const { guestOf } = facts.hypervisor;
    const evidence = [evidenceOf(guestOf), evidenceOf(facts.machine.manufacturer), evidenceOf(facts.machine.model)];
    if (!guestOf.known)
      return {
        outcome: 'unknown',
        because: guestOf.because,
        expected,
        observed: 'not known',
        evidence,
        remediation:
          facts.platform === 'linux'
            ? captureOnLinux('make and model', '/sys/class/dmi/id/*')
            : proofOfHardware(guestOf),
      };
    if (guestOf.value === null)
      return { outcome: 'pass', expected, observed: 'Nothing shows that it is a virtual machine.', evidence };
    return {
      outcome: 'warn',
      expected,
      observed: `A virtual machine (${guestOf.value}).`,
      evidence,
      remediation: { text: 'Use it for a laboratory only. Build the production cluster on physical servers.' },
    };
  },
};

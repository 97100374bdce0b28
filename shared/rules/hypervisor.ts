import { valueOf } from '../model/fact.ts';
import { hypervisorState } from './hypervisor-state.ts';
import { isForeignArchitecture } from './processor-families.ts';
import { captureOnLinux, collectMachine, exposeToGuest, proofOfHardware } from './proofs.ts';
import { causeOf, evidenceOf, evidenceOfEach, type Finding, type ReadinessRule } from './rule.ts';

const expected = 'no hypervisor below this system, or one that runs on this hardware';

export const hypervisor: ReadinessRule = {
  id: 'hypervisor',
  title: 'Hypervisor that runs now',
  concerns: 'hardware',
  severity: () => 'warning',
  source: () =>
    'Microsoft, Win32_ComputerSystem class (HypervisorPresent); Microsoft, Run Hyper-V in a virtual machine with nested virtualization',
  expected: () => expected,
  judge: ({ facts }): Finding => {
    const state = hypervisorState(facts);
    const processors = valueOf(facts.processors);
    const evidence = [
      evidenceOf(facts.hypervisor.present),
      evidenceOf(facts.hypervisor.guestOf),
      ...(facts.platform === 'linux'
        ? []
        : [
            evidenceOf(facts.hypervisor.vmms),
            evidenceOf(facts.hypervisor.virtualizationBasedSecurity),
            evidenceOf(facts.hypervisor.securityServicesRunning),
          ]),
    ];
    switch (state.kind) {
      case 'guest':
        return {
          outcome: 'warn',
          expected,
          observed: `This machine is itself a virtual machine (${state.product}): a hypervisor here would be nested.`,
          evidence,
          remediation: exposeToGuest(state.product),
        };
      case 'own':
        return {
          outcome: 'pass',
          expected,
          observed: state.isMicrosoft
            ? "Microsoft's hypervisor runs on this hardware. The processor flags of Windows say nothing while it does."
            : 'A hypervisor runs on this hardware; which one, the facts do not show.',
          evidence,
        };
      case 'none':
        return { outcome: 'pass', expected, observed: 'No hypervisor runs.', evidence };
      case 'unclear':
        return {
          outcome: 'unknown',
          because: `A hypervisor runs, but whether below a virtual machine or on this hardware is not known: ${causeOf(facts.hypervisor.guestOf)}`,
          expected,
          observed: 'A hypervisor runs.',
          evidence,
          remediation:
            facts.platform === 'linux'
              ? captureOnLinux('make and model', '/sys/class/dmi/id/*')
              : facts.hypervisor.guestOf.known
                ? collectMachine
                : proofOfHardware(facts.hypervisor.guestOf),
        };
      case 'unknown':
        if (isForeignArchitecture(processors))
          return {
            outcome: 'notApplicable',
            because: 'The processor is not x64, so Hyper-V cannot run on it.',
            expected,
            observed: 'not checked',
            evidence: evidenceOfEach(processors ?? [], (processor) => processor.architecture),
          };
        return {
          outcome: 'unknown',
          because: causeOf(facts.hypervisor.present),
          expected,
          observed: 'not known',
          evidence,
          remediation:
            facts.platform === 'linux'
              ? captureOnLinux('the processors', '/proc/cpuinfo')
              : {
                  text: 'Collect Win32_ComputerSystem on Windows Server 2012 or newer. On 2008 and 2008 R2 look whether the Hyper-V role is installed.',
                  manual: 'wmic computersystem get HypervisorPresent /value',
                  script: 'Get-CimInstance Win32_ComputerSystem | Format-List HypervisorPresent',
                },
        };
    }
  },
};

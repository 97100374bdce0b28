import { evidenceOf, type ReadinessRule } from './rule.ts';

const expected = 'a member server, not a domain controller';

/** `Win32_ComputerSystem.DomainRole`: 4 is a backup, 5 the primary domain controller. */
const isDomainController = (role: number): boolean => role >= 4;

export const domainRole: ReadinessRule = {
  id: 'domain.role',
  title: 'Domain role',
  concerns: 'system',
  severity: () => 'warning',
  source: () =>
    'Microsoft, Understanding Requirements for Failover Clusters (the recommended domain role is member server)',
  expected: () => expected,
  judge: ({ facts }) => {
    const { role } = facts.domain;
    const evidence = [evidenceOf(role)];
    if (!role.known)
      return {
        outcome: 'unknown',
        because: role.because,
        expected,
        observed: 'not known',
        evidence,
        remediation: {
          text: 'Collect Win32_ComputerSystem on the server itself.',
          manual: 'wmic computersystem get DomainRole /value',
          script: 'Get-CimInstance Win32_ComputerSystem | Format-List DomainRole',
        },
      };
    if (!isDomainController(role.value))
      return { outcome: 'pass', expected, observed: 'It is no domain controller.', evidence };
    return {
      outcome: 'warn',
      expected,
      observed: 'It is a domain controller.',
      evidence,
      remediation: {
        text: 'Move the domain controller to a machine that is no cluster node, a virtual machine for instance, and demote this server.',
        manual: 'Server Manager, Manage, Remove Roles and Features, Active Directory Domain Services',
        script: 'Uninstall-ADDSDomainController',
      },
    };
  },
};

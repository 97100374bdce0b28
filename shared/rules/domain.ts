import { valueOf } from '../model/fact.ts';
import { windowsServerTitle } from '../model/windows-server.ts';
import type { OsProfile } from './os-profiles.ts';
import { evidenceOf, type Finding, type ReadinessRule } from './rule.ts';

const expectedBy = (profile: OsProfile): string =>
  profile.workgroupCluster
    ? 'a member of the domain of the other nodes (a cluster without a domain is possible, with limits)'
    : 'a member of the domain of the other nodes';

export const domain: ReadinessRule = {
  id: 'domain',
  title: 'Domain membership',
  concerns: 'system',
  severity: (profile) => (profile.workgroupCluster ? 'warning' : 'critical'),
  source: () => 'Microsoft, Create a failover cluster (prerequisites); Microsoft, Create a workgroup cluster',
  expected: expectedBy,
  judge: ({ facts, profile }): Finding => {
    const expected = expectedBy(profile);
    const { joined, name, role } = facts.domain;
    const evidence = [evidenceOf(joined), evidenceOf(name), evidenceOf(role)];
    if (!joined.known)
      return {
        outcome: 'unknown',
        because: joined.because,
        expected,
        observed: 'not known',
        evidence,
        remediation: {
          text: 'Collect Win32_ComputerSystem on the server itself.',
          manual: 'wmic computersystem get PartOfDomain,Domain,DomainRole /value',
          script: 'Get-CimInstance Win32_ComputerSystem | Format-List PartOfDomain, Domain, DomainRole',
        },
      };
    if (joined.value)
      return {
        outcome: 'pass',
        expected,
        observed: `Member of ${valueOf(name) ?? 'a domain'}.`,
        evidence,
      };
    const join = {
      text: 'Join the server to the domain of the other nodes.',
      manual: 'System Properties, Computer Name, Change',
      script: 'Add-Computer -DomainName <domain> -Restart',
    };
    return profile.workgroupCluster
      ? {
          outcome: 'warn',
          expected,
          observed: `In a workgroup (${valueOf(name) ?? 'no name'}).`,
          evidence,
          remediation: {
            ...join,
            // https://learn.microsoft.com/en-us/windows-server/failover-clustering/create-workgroup-cluster, Cluster workloads
            text: `Join the server to the domain of the other nodes, or plan a workgroup cluster with its limits${
              profile.server === '2025'
                ? ''
                : ': virtual machines in one are supported by Microsoft from Windows Server 2025 on'
            }.`,
          },
        }
      : {
          outcome: 'fail',
          expected,
          observed: `In a workgroup (${valueOf(name) ?? 'no name'}); ${windowsServerTitle(profile.server)} clusters in a domain only.`,
          evidence,
          remediation: join,
        };
  },
};

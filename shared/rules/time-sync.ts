import { causeOf, evidenceOf, type Finding, type ReadinessRule } from './rule.ts';

const expected = 'the Windows Time service runs and takes its time from a time source';

export const timeSync: ReadinessRule = {
  id: 'time.sync',
  title: 'Clock',
  concerns: 'system',
  severity: () => 'warning',
  source: () =>
    'Microsoft, Windows Time service tools and settings (Parameters\\Type); Kerberos clock tolerance, 5 minutes',
  expected: () => expected,
  judge: ({ facts }): Finding => {
    const { service, type, server } = facts.time;
    const evidence = [evidenceOf(service), evidenceOf(type), evidenceOf(server)];
    const start = {
      text: 'Start the Windows Time service and let it take its time from the domain or from a time server.',
      manual: 'w32tm /query /status',
      script: 'Set-Service -Name W32Time -StartupType Automatic; Start-Service -Name W32Time',
    };
    if (service.known && service.value !== 'running')
      return {
        outcome: 'warn',
        expected,
        observed:
          service.value === 'absent' ? 'There is no Windows Time service.' : 'The Windows Time service is stopped.',
        evidence,
        remediation: start,
      };
    if (type.known && type.value.toLowerCase() === 'nosync')
      return {
        outcome: 'warn',
        expected,
        observed: 'The Windows Time service does not synchronize (NoSync).',
        evidence,
        remediation: start,
      };
    if (!service.known || !type.known)
      return {
        outcome: 'unknown',
        because: causeOf(service, type),
        expected,
        observed: 'not known',
        evidence,
        remediation: {
          text: 'Run the check on the server itself or use the collector.',
          manual: 'w32tm /query /status',
        },
      };
    return {
      outcome: 'pass',
      expected,
      observed: type.value.toUpperCase() === 'NT5DS' ? 'It follows the domain (NT5DS).' : `It follows ${type.value}.`,
      evidence,
    };
  },
};

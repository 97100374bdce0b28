import { restartSignWord } from '../model/restart-signs.ts';
import { evidenceOf, type ReadinessRule } from './rule.ts';

const expected = 'no restart is waiting';

export const osPendingReboot: ReadinessRule = {
  id: 'os.pendingReboot',
  title: 'Pending restart',
  concerns: 'system',
  severity: () => 'warning',
  source: () => 'Microsoft, registry keys of Component Based Servicing, Windows Update and Session Manager',
  expected: () => expected,
  judge: ({ facts }) => {
    const fact = facts.os.pendingReboot;
    const evidence = [evidenceOf(fact)];
    if (!fact.known)
      return {
        outcome: 'unknown',
        because: fact.because,
        expected,
        observed: 'not known',
        evidence,
        remediation: {
          text: 'Run the check on the server itself or use the collector; wmic alone cannot read it.',
          manual: 'Restart the server once; nothing waits afterwards.',
        },
      };
    if (fact.value.length === 0) return { outcome: 'pass', expected, observed: 'Nothing waits.', evidence };
    return {
      outcome: 'warn',
      expected,
      observed: `Waiting for a restart: ${fact.value.map(restartSignWord).join(', ')}.`,
      evidence,
      remediation: { text: 'Restart the server before you add a role.', script: 'Restart-Computer' },
    };
  },
};

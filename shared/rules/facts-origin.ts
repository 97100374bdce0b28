import type { HostFacts } from '../model/facts.ts';
import type { ReadinessRule } from './rule.ts';

const expected = 'all facts are of one machine';

/** The names differ in length between sources (`a`, `a.contoso.com`): the first label in one case is compared. */
export const distinctMachineNames = (facts: HostFacts): string[] => [
  ...new Map(
    facts.machine.names.map((name) => [(name.split('.')[0] ?? name).toUpperCase().slice(0, 15), name]),
  ).values(),
];

/** Shown only where it does not hold: facts of several machines make no verdict about one. */
export const factsOrigin: ReadinessRule = {
  id: 'facts.origin',
  title: 'Facts of one machine',
  concerns: 'hardware',
  severity: () => 'critical',
  source: () => 'Win32_Processor, Win32_NetworkAdapter (SystemName), Win32_OperatingSystem (CSName)',
  expected: () => expected,
  judge: ({ facts }) => {
    const names = distinctMachineNames(facts);
    const evidence = names.map((name) => ({ fact: 'machine name', value: name, from: facts.source.names.join(', ') }));
    return names.length > 1
      ? {
          outcome: 'unknown',
          because: `The files name different machines: ${names.join(', ')}.`,
          expected,
          observed: names.join(', '),
          evidence,
          remediation: { text: 'Give the files of one machine only.' },
        }
      : { outcome: 'pass', expected, observed: names[0] ?? 'one source', evidence };
  },
};

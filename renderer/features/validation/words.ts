import type { Mark, StateMark } from '../../ui/marks.ts';
import { parseServerRef } from '../../../shared/model/server-ref.ts';
import { standingOf, type Standing } from '../../../shared/validation/standing.ts';
import type { Judged, Report, ReportTest } from './store.ts';

/** How a test stands, worst first: the order in which the table is read. */
export const standingMarks: Readonly<Record<Standing, StateMark>> = {
  blocks: { outcome: 'fail', word: 'Blocks' },
  new: { outcome: 'warn', word: 'To be accepted' },
  accepted: { outcome: 'pass', word: 'Accepted' },
  expected: { outcome: 'pass', word: 'Expected' },
  clean: { outcome: 'pass', word: 'No finding' },
};

/** Windows' own words for the results of its tests. */
export const resultWords: Readonly<Record<ReportTest['result'], string>> = {
  success: 'Success',
  warning: 'Warning',
  failed: 'Failed',
  notApplicable: 'Not applicable',
  cancelled: 'Canceled',
  unknown: 'Unknown',
};

export const overallOutcome: Readonly<Record<Report['overall']['result'], Mark>> = {
  success: 'pass',
  warning: 'warn',
  failed: 'fail',
  notApplicable: 'notApplicable',
  cancelled: 'interrupted',
  unknown: 'unknown',
};

export const levelOutcomes: Readonly<Record<ReportTest['messages'][number]['level'], Mark>> = {
  info: 'info',
  warning: 'warn',
  error: 'fail',
  notApplicable: 'notApplicable',
  cancelled: 'interrupted',
};

/** A test as a row of the table. */
export interface Finding {
  readonly key: string;
  readonly test: ReportTest;
  readonly standing: Standing;
  readonly isNew: boolean;
}

const rank: Readonly<Record<Standing, number>> = { blocks: 0, new: 1, accepted: 2, expected: 3, clean: 4 };

const sorted = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted(
    (left, right) => rank[left.standing] - rank[right.standing] || Number(right.isNew) - Number(left.isNew),
  );

const keyOf = ({ category, name }: ReportTest, at: number): string => `${at} ${category} ${name}`;

/** What a kept validation found, what needs a person first. */
export const findingsOf = ({ report, tests }: Pick<Judged, 'report' | 'tests'>): Finding[] =>
  sorted(
    report.tests.map((test, at) => ({
      key: keyOf(test, at),
      test,
      standing: tests[at]?.standing ?? 'blocks',
      isNew: tests[at]?.isNew ?? false,
    })),
  );

/** The same of a report that was opened from a file: nothing was accepted of it here. */
export const findingsOfReport = ({ tests }: Report): Finding[] =>
  sorted(tests.map((test, at) => ({ key: keyOf(test, at), test, standing: standingOf(test, []), isNew: false })));

/** `2 blocking, 1 to be accepted, 3 expected, 40 without a finding`. */
export const countText = (findings: readonly Finding[]): string => {
  const count = (standing: Standing): number => findings.filter((one) => one.standing === standing).length;
  const parts: readonly (readonly [number, string])[] = [
    [count('blocks'), 'blocking'],
    [count('new'), 'to be accepted'],
    [count('accepted'), 'accepted'],
    [count('expected'), 'expected'],
    [count('clean'), 'without a finding'],
  ];
  return parts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(', ');
};

/** Where a validation was run that was not run from the server that is open: the servers of a rehearsed formation share one. */
export const fromElsewhere = (server: string, host: string): string => {
  const ref = parseServerRef(server);
  return server !== host && ref?.kind === 'rehearsal' && ref.server !== null ? `, from ${ref.server}` : '';
};

import type {
  CaseVerdict,
  Purpose,
  QualificationCase,
  QualificationReport,
  QualificationVerdict,
} from '../../../shared/model/qualification.ts';
import { groupAlike } from '../../../shared/model/alike.ts';
import type { StateMark } from '../../ui/marks.ts';
import { capital } from '../../../shared/availability/words.ts';

/** As a choice, and inside a sentence after "for". */
export const purposeWords: Readonly<Record<Purpose, { readonly choice: string; readonly inSentence: string }>> = {
  witness: { choice: 'Witness', inSentence: 'a witness' },
  vm: { choice: 'Virtual machines', inSentence: 'virtual machines' },
  data: { choice: 'Data', inSentence: 'data' },
};

export const verdictMarks: Readonly<Record<QualificationVerdict, StateMark>> = {
  qualified: { outcome: 'pass', word: 'Qualified' },
  notQualified: { outcome: 'fail', word: 'Not qualified' },
  inconclusive: { outcome: 'unknown', word: 'Inconclusive' },
};

export const caseMarks: Readonly<Record<CaseVerdict, StateMark>> = {
  passed: { outcome: 'pass', word: 'Passed' },
  failed: { outcome: 'fail', word: 'Failed' },
  skipped: { outcome: 'notApplicable', word: 'Skipped' },
  inconclusive: { outcome: 'unknown', word: 'Inconclusive' },
};

const rank: Readonly<Record<CaseVerdict, number>> = { failed: 0, inconclusive: 1, skipped: 2, passed: 3 };

/** What decides first: what the verdict rests on and did not pass, then the rest in the order of the catalogue. */
export const sortCases = (cases: readonly QualificationCase[]): QualificationCase[] =>
  [...cases].sort(
    (left, right) =>
      Number(right.required && right.verdict !== 'passed') - Number(left.required && left.verdict !== 'passed') ||
      rank[left.verdict] - rank[right.verdict],
  );

/**
 * The cases as they are listed, those with one reason together: `count` is of how many it is said at the first of them, and 0 at the others. What
 * differs only in a name is one reason.
 */
export const groupCases = (
  cases: readonly QualificationCase[],
): { readonly one: QualificationCase; readonly count: number }[] =>
  groupAlike(sortCases(cases), ({ because, id, verdict, required }) =>
    because === null ? id : `${verdict} ${String(required)} ${because}`,
  ).flatMap(({ all }) => all.map((one, at) => ({ one, count: at === 0 ? all.length : 0 })));

/** Where a report stands in the page. */
export const idOfReport = ({ machine, startedAt }: Pick<QualificationReport, 'machine' | 'startedAt'>): string =>
  `qualification ${machine} ${startedAt}`.replace(/[^\p{L}\p{N}]+/gu, '-');

/** A reason as a sentence of its own. */
export const asSentence = (because: string): string => {
  const first = capital(because);
  return /[.!?]$/.test(first) ? first : `${first}.`;
};

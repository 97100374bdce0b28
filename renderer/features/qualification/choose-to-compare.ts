import type { QualificationReport } from '../../../shared/model/qualification.ts';

/** One unit as it is known everywhere: by its identity, else by target and LUN. */
const unitOf = ({ target, lun }: QualificationReport): string => lun.identity ?? `${target} ${lun.lun}`;

const newestBy = (
  reports: readonly QualificationReport[],
  keyOf: (report: QualificationReport) => string,
): QualificationReport[] => {
  const newest = new Map<string, QualificationReport>();
  for (const report of reports) {
    const known = newest.get(keyOf(report));
    if (!known || known.startedAt < report.startedAt) newest.set(keyOf(report), report);
  }
  return [...newest.values()];
};

/**
 * What a person most probably wants to see side by side: the newest views of one unit from several servers, of the unit that
 * was qualified last; where no unit was seen from two servers, the newest view of each unit.
 */
export const chooseToCompare = (reports: readonly QualificationReport[]): QualificationReport[] => {
  const byTime = [...reports].sort((left, right) => right.startedAt.localeCompare(left.startedAt));
  for (const unit of new Set(byTime.map(unitOf))) {
    const views = newestBy(
      byTime.filter((report) => unitOf(report) === unit),
      ({ machine }) => machine,
    );
    if (views.length > 1) return views;
  }
  return newestBy(byTime, unitOf);
};

import { useState, type JSX } from 'react';
import type { CheckResult, Outcome } from '../../../shared/model/check.ts';
import type { ReadinessReport } from '../../../shared/model/readiness-report.ts';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { countOutcomes } from '../../ui/outcome-words.ts';
import { useShortcut } from '../../ui/shortcuts.ts';
import { CheckDetail } from './check-detail.tsx';
import { groupChecks, type Group } from './group-checks.ts';

const countWords: Readonly<Record<Outcome, (count: number) => string>> = {
  fail: (count) => `${count} failed`,
  unknown: (count) => `${count} unknown`,
  warn: (count) => `${count} ${count === 1 ? 'warning' : 'warnings'}`,
  pass: (count) => `${count} passed`,
  notApplicable: (count) => `${count} not applicable`,
};

const CheckRow = ({
  check,
  report,
  isOpen,
  onToggle,
}: {
  check: CheckResult;
  report: ReadinessReport;
  isOpen: boolean;
  onToggle: () => void;
}): JSX.Element => {
  const detailId = `detail-${check.id}`;
  return (
    <li className="r-check" data-check={check.id} data-outcome={check.outcome}>
      <button
        type="button"
        className="r-check-row"
        aria-expanded={isOpen}
        {...(isOpen ? { 'aria-controls': detailId } : {})}
        onClick={onToggle}
      >
        <OutcomeMark outcome={check.outcome} />
        <span className="r-check-title">{check.title}</span>
        <span className="r-check-observed">
          <bdi>{check.because ?? check.observed}</bdi>
        </span>
        <span className="r-check-arrow" aria-hidden="true">
          {isOpen ? '−' : '+'}
        </span>
      </button>
      {isOpen ? <CheckDetail id={detailId} check={check} report={report} /> : null}
    </li>
  );
};

/** All checks of a report in their groups; each opens in place. */
export const CheckList = ({ report, groups }: { report: ReadinessReport; groups: readonly Group[] }): JSX.Element => {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const counts = countOutcomes(report.checks);
  const allIds = report.checks.map(({ id }) => id);
  const isAllOpen = open.size === allIds.length;
  const toggleAll = (): void => setOpen(isAllOpen ? new Set() : new Set(allIds));
  useShortcut('d', 'Open or close the details of all checks', toggleAll);
  const toggle = (id: string): void => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  return (
    <>
      <p className="r-counts">
        {(['fail', 'unknown', 'warn', 'pass', 'notApplicable'] as const)
          .filter((outcome) => counts[outcome] > 0)
          .map((outcome) => (
            <OutcomeMark key={outcome} outcome={outcome} word={countWords[outcome](counts[outcome])} />
          ))}
        <button type="button" className="q-link" onClick={toggleAll} aria-keyshortcuts="D">
          {isAllOpen ? 'Close all ' : 'Open all '}
          <u>d</u>etails
        </button>
      </p>
      {groupChecks(report.checks, groups).map((group) => (
        <section key={group.id} className="r-group" aria-labelledby={`group-${group.id}`}>
          <h2 id={`group-${group.id}`}>{group.title}</h2>
          <ul className="r-checks">
            {group.checks.map((check) => (
              <CheckRow
                key={check.id}
                check={check}
                report={report}
                isOpen={open.has(check.id)}
                onToggle={() => toggle(check.id)}
              />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
};

import { Button } from '@fluentui/react-components';
import type { JSX } from 'react';
import { envelopeOf } from '../../api/core.ts';
import { chooseFiles } from '../../api/files.ts';
import { CompareTable } from '../../ui/compare-table.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { outcomeOfComparison } from '../../ui/outcome-of-verdict.ts';
import { When } from '../../ui/when.tsx';
import { ReportView } from './report-view.tsx';
import { compareReports, openReports, setReportFailure, stopComparing, useQualification } from './store.ts';
import { verdictMarks } from './words.ts';

const groupTitles = {
  unit: 'The logical unit',
  asked: 'What was asked',
  case: 'Cases',
  access: 'Who may do what under a reservation',
  figure: 'Figures',
} as const;

const Comparison = (): JSX.Element | null => {
  const comparison = useQualification((state) => state.comparison);
  if (!comparison) return null;
  const groups = (Object.keys(groupTitles) as (keyof typeof groupTitles)[]).map((id) => ({
    id,
    title: groupTitles[id],
    rows: comparison.rows.filter((row) => row.group === id),
  }));
  return (
    <section aria-label="Qualifications side by side" data-comparison={comparison.verdict}>
      <h3 className="g-verdict">
        <OutcomeIcon outcome={outcomeOfComparison[comparison.verdict]} />
        <bdi>{comparison.sentence}</bdi>
      </h3>
      <CompareTable
        label="The qualifications as a table"
        heads={comparison.reports.map((report) => (
          <>
            <bdi>{report.name}</bdi>
            <OutcomeMark {...verdictMarks[report.verdict]} />
            <span className="c-why">
              <When at={report.at} />
            </span>
          </>
        ))}
        groups={groups.filter(({ rows }) => rows.length > 0)}
      />
    </section>
  );
};

/** What was qualified here and what was brought from another server, one below the other or side by side. */
export const ReportsPart = (): JSX.Element => {
  const { reports, comparison, reportFailure } = useQualification();
  const open = async (): Promise<void> => {
    try {
      const filter = { name: 'Quorate qualification', extensions: ['json'] };
      const files = await chooseFiles('Open qualifications of other servers', filter, true);
      if (files.length > 0) await openReports(files);
    } catch (error) {
      setReportFailure(envelopeOf(error));
    }
  };
  return (
    <>
      <p className="q-actions">
        <Button onClick={() => void open()}>Open the qualification of another server</Button>
        {reports.length > 1 ? (
          <Button
            aria-pressed={comparison !== null}
            appearance={comparison ? 'primary' : 'secondary'}
            onClick={() => (comparison ? stopComparing() : void compareReports())}
          >
            Compare qualifications
          </Button>
        ) : null}
      </p>
      {reportFailure ? <FailureNote envelope={reportFailure} onDismiss={() => setReportFailure(null)} /> : null}
      <Comparison />
      {comparison
        ? null
        : reports.map((report) => <ReportView key={`${report.machine} ${report.startedAt}`} report={report} />)}
    </>
  );
};

import { Button, Checkbox } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { QualificationReport } from '../../../shared/model/qualification.ts';
import { envelopeOf } from '../../api/core.ts';
import { chooseFiles } from '../../api/files.ts';
import { CompareTable } from '../../ui/compare-table.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { localTime } from '../../../shared/model/time.ts';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { outcomeOfComparison } from '../../ui/outcome-of-verdict.ts';
import { Panel } from '../../ui/panel.tsx';
import { When } from '../../ui/when.tsx';
import { ReportView } from './report-view.tsx';
import { chooseToCompare } from './choose-to-compare.ts';
import {
  compareReports,
  keyOfReport,
  openReports,
  setReportFailure,
  stopComparing,
  useQualification,
} from './store.ts';
import { verdictMarks } from './words.ts';
import { usePart } from '../../ui/use-part.ts';

const groupTitles = {
  unit: 'The logical unit',
  asked: 'What was tested',
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
      <p className="q-actions">
        <Button onClick={stopComparing}>Back to the qualifications</Button>
      </p>
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

/** Which reports are put side by side; the views of one unit from several servers are proposed where there are some. */
const CompareForm = ({
  reports,
  onClose,
}: {
  reports: readonly QualificationReport[];
  onClose: () => void;
}): JSX.Element => {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(chooseToCompare(reports).map(keyOfReport)));
  const compared = reports.filter((report) => chosen.has(keyOfReport(report)));
  return (
    <Panel level="h3" title="Compare qualifications" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (compared.length < 2) return;
          void compareReports(compared);
          onClose();
        }}
      >
        <fieldset className="g-paths">
          <legend>Two or more of these</legend>
          {reports.map((report) => (
            <Checkbox
              key={keyOfReport(report)}
              checked={chosen.has(keyOfReport(report))}
              onChange={(_event, { checked }) => {
                const next = new Set(chosen);
                if (checked === true) next.add(keyOfReport(report));
                else next.delete(keyOfReport(report));
                setChosen(next);
              }}
              label={`LUN ${report.lun.lun} of ${report.target}, seen from ${report.machine}, ${localTime(report.startedAt)}: ${verdictMarks[report.verdict].word}`}
            />
          ))}
        </fieldset>
        <p className="q-actions">
          <Button type="submit" appearance="primary" disabledFocusable={compared.length < 2 || compared.length > 16}>
            Put them side by side
          </Button>
        </p>
      </form>
    </Panel>
  );
};

/** What was qualified here and what was brought from another server, one below the other or side by side. */
export const ReportsPart = (): JSX.Element => {
  const { reports, comparison, reportFailure } = usePart(useQualification, 'reports', 'comparison', 'reportFailure');
  const [isChoosing, setIsChoosing] = useState(false);
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
          <Button aria-expanded={isChoosing} onClick={() => setIsChoosing(!isChoosing)}>
            Compare qualifications
          </Button>
        ) : null}
      </p>
      {isChoosing && reports.length > 1 ? <CompareForm reports={reports} onClose={() => setIsChoosing(false)} /> : null}
      {reportFailure ? <FailureNote envelope={reportFailure} onDismiss={() => setReportFailure(null)} /> : null}
      <Comparison />
      {comparison ? null : reports.map((report) => <ReportView key={keyOfReport(report)} report={report} />)}
    </>
  );
};

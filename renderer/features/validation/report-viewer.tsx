import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { envelopeOf } from '../../api/core.ts';
import { chooseFiles } from '../../api/files.ts';
import { Facts } from '../../ui/facts.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { Panel } from '../../ui/panel.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { FindingsTable } from './findings-table.tsx';
import { readReportFile, type Report } from './store.ts';
import { findingsOfReport, overallOutcome } from './words.ts';
import { localTime } from '../../../shared/model/time.ts';

/** What the report says of itself, and what was odd in the file. */
export const ReportFacts = ({ report }: { report: Report }): JSX.Element => (
  <>
    <p className="q-said">
      <OutcomeIcon outcome={overallOutcome[report.overall.result]} /> <bdi>{report.overall.text}</bdi>
    </p>
    <Facts
      rows={[
        ['Servers', <bdi key="nodes">{report.nodes.join(', ') || 'None named'}</bdi>],
        ['Started', report.startedAt === null ? report.startedText : localTime(report.startedAt)],
        ['Completed', report.completedAt === null ? report.completedText : localTime(report.completedAt)],
        ['Times', 'By the clock and in the time zone of the server that validated'],
      ]}
    />
    {report.notes.map((note) => (
      <p key={note} className="q-said">
        <OutcomeIcon outcome="unknown" /> <bdi>{note}</bdi>
      </p>
    ))}
  </>
);

/** Opens a validation report wherever it was made: a file that is none, cut or too large is told as that. */
export const ReportViewer = (): JSX.Element => {
  const [opened, setOpened] = useState<{ readonly name: string; readonly report: Report } | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isReading, setIsReading] = useState(false);
  const open = async (): Promise<void> => {
    const [file] = await chooseFiles(
      'Open a validation report',
      { name: 'Validation report', extensions: ['htm', 'html', 'mht', 'xml'] },
      false,
    );
    if (!file) return;
    setIsReading(true);
    setFailure(null);
    setOpened(null);
    try {
      setOpened({ name: file.name, report: await readReportFile(file) });
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsReading(false);
  };
  useShortcut('o', 'Open a validation report', () => void open());
  return (
    <StagePart
      id="viewer"
      title="Report of another run"
      says="Opens the report of Test-Cluster or of Failover Cluster Manager, also from servers that are not reached from here."
    >
      <p className="q-actions">
        <Button onClick={() => void open()} disabledFocusable={isReading} aria-keyshortcuts="O">
          <KeyLabel text="Open report" letter="o" />
        </Button>
        <span role="status" className="q-quiet">
          {isReading ? 'Reading the report' : ''}
        </span>
      </p>
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
      {opened ? (
        <Panel title={opened.name} level="h3" onClose={() => setOpened(null)}>
          <ReportFacts report={opened.report} />
          <FindingsTable
            key={opened.name}
            name="validation-file"
            findings={findingsOfReport(opened.report)}
            accepted={[]}
            isCompared={false}
            onAccept={null}
          />
        </Panel>
      ) : null}
    </StagePart>
  );
};

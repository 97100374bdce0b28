import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { readReport, type Report } from './store.ts';
import { reportLineMarks } from './words.ts';

/** The report that a failure names, read on the server and shown beside it. */
export const ReportNote = ({ host, path }: { host: string; path: string }): JSX.Element => {
  const [report, setReport] = useState<Report | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isReading, setIsReading] = useState(false);
  const read = async (): Promise<void> => {
    setIsReading(true);
    setFailure(null);
    try {
      setReport(await readReport(host, path));
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsReading(false);
  };
  return (
    <>
      {report ? (
        <section aria-label={report.title || 'Report'}>
          <ul className="c-report">
            {report.lines.map(({ level, text }, at) => (
              // A report may say the same line twice.
              <li key={at} className="q-said">
                <OutcomeIcon outcome={reportLineMarks[level]} />
                <bdi>{text}</bdi>
              </li>
            ))}
          </ul>
          <p className="q-quiet">
            Kept in <bdi className="q-mono">{report.kept}</bdi>
          </p>
        </section>
      ) : (
        <p className="q-actions">
          <Button disabledFocusable={isReading} onClick={() => void read()}>
            Open report
          </Button>
        </p>
      )}
      {failure ? <FailureNote envelope={failure} onRetry={() => void read()} /> : null}
    </>
  );
};

import { Button } from '@fluentui/react-components';
import { memo, useState, type JSX } from 'react';
import type { Envelope } from '../../../shared/errors/failure.ts';
import {
  describeOneName,
  type AccessRow,
  type QualificationCase,
  type QualificationReport,
} from '../../../shared/model/qualification.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { countAlike } from '../../../shared/model/alike.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { chooseDestination, download } from '../../api/files.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { Mono } from '../../ui/facts.tsx';
import { fileNameOf } from '../../ui/format.ts';
import { localTime } from '../../../shared/model/time.ts';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { When } from '../../ui/when.tsx';
import { StepTable } from './step-table.tsx';
import { closeReport } from './store.ts';
import { asSentence, caseMarks, groupCases, idOfReport, verdictMarks } from './words.ts';

/** The reason, what follows from it, the figures and the steps of a case. */
const CaseDetail = ({ one, count }: { one: QualificationCase; count: number }): JSX.Element => (
  <div className="g-case-detail">
    {one.because ? (
      <p className="q-strong">
        <bdi>{asSentence(one.because)}</bdi>
        {count > 1 ? <span className="q-quiet"> So for {count} cases.</span> : null}
      </p>
    ) : null}
    {one.verdict === 'passed' ? null : (
      <>
        <p>
          What it means for the cluster: <bdi>{one.meaning}</bdi>
        </p>
        <p>
          What to ask the storage vendor: <bdi>{one.askVendor}</bdi>
        </p>
      </>
    )}
    {Object.entries(one.figures).length > 0 ? (
      <p>
        {Object.entries(one.figures).map(([name, value]) => (
          <span key={name} className="g-figure">
            {name}: <Mono>{String(value)}</Mono>
          </span>
        ))}
      </p>
    ) : null}
    <StepTable label={`Steps of ${one.id}`} steps={one.steps} />
    <p className="q-quiet">
      <code>{one.id}</code>. <bdi>{one.source}</bdi>
    </p>
  </div>
);

/** `count`: of so many cases the reason is said here; 0: it was said of the one before. */
const Case = ({ one, count }: { one: QualificationCase; count: number }): JSX.Element => {
  const [isOpen, setIsOpen] = useState(one.required && one.verdict === 'failed' && count > 0);
  return (
    <li className="g-case" data-case={one.id} data-verdict={one.verdict}>
      <details open={isOpen} onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
        <summary>
          <OutcomeMark {...caseMarks[one.verdict]} /> <bdi>{one.title}</bdi>{' '}
          {one.required ? null : (
            <span className="q-quiet">{one.verdict === 'skipped' ? '(not run)' : '(for information)'}</span>
          )}
        </summary>
        {isOpen ? <CaseDetail one={one} count={count} /> : null}
      </details>
    </li>
  );
};

const may = (value: boolean | null): string => (value === null ? 'not tested' : value ? 'yes' : 'no');

const AccessTable = ({ rows }: { rows: readonly AccessRow[] }): JSX.Element | null =>
  rows.length === 0 ? null : (
    <details>
      <summary>Who may do what under each type of reservation</summary>
      <table className="t-table" aria-label="Access by type of reservation">
        <thead>
          <tr>
            <th scope="col">Type</th>
            <th scope="col">Registered reads</th>
            <th scope="col">Registered writes</th>
            <th scope="col">Others read</th>
            <th scope="col">Others write</th>
            <th scope="col">As the standard says</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.type}>
              <th scope="row">{row.type}</th>
              <td>{may(row.registeredMayRead)}</td>
              <td>{may(row.registeredMayWrite)}</td>
              <td>{may(row.unregisteredMayRead)}</td>
              <td>{may(row.unregisteredMayWrite)}</td>
              <td>
                {row.isAsTheStandardSays === null ? (
                  <OutcomeMark outcome="unknown" word="Not tested" />
                ) : row.isAsTheStandardSays ? (
                  <OutcomeMark outcome="pass" word="Yes" />
                ) : (
                  <OutcomeMark outcome="fail" word="No" />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );

/** What tells a report from others that are open beside it. */
const nameOf = ({ lun, machine, startedAt }: QualificationReport): string =>
  `LUN ${lun.lun}, seen from ${machine}, ${localTime(startedAt)}`;

const Export = ({ report, onClose }: { report: QualificationReport; onClose: () => void }): JSX.Element => {
  const [said, setSaid] = useState('');
  const [failure, setFailure] = useState<Envelope | null>(null);
  const write = async (format: 'html' | 'pdf' | 'json'): Promise<void> => {
    setFailure(null);
    setSaid('');
    try {
      const to = await chooseDestination(
        `Export the qualification as ${format.toUpperCase()}`,
        fileNameOf(report.lun.serial ?? `lun-${report.lun.lun}`, 'qualification', report.endedAt, format),
        { name: format.toUpperCase(), extensions: [format] },
      );
      if (to === null) return;
      const written = await call('iscsi.exportReport', { report, format, to });
      if (written.base64 !== null) download(written.name, written.mediaType, written.base64);
      setSaid(`Written: ${written.path ?? written.name} (${formatSize(written.sizeBytes)})`);
    } catch (error) {
      setFailure(envelopeOf(error));
    }
  };
  return (
    <>
      <p className="q-actions">
        {(['html', 'pdf', 'json'] as const).map((format) => (
          <Button key={format} size="small" onClick={() => void write(format)}>
            Export {format.toUpperCase()}
            <span className="q-hidden"> of {nameOf(report)}</span>
          </Button>
        ))}
        <Button size="small" onClick={onClose}>
          Close report<span className="q-hidden"> of {nameOf(report)}</span>
        </Button>
        <span role="status">
          <bdi>{said}</bdi>
        </span>
      </p>
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
    </>
  );
};

/** A qualification: the verdict first, then every case with its steps. */
const Report = ({ report }: { report: QualificationReport }): JSX.Element => {
  const mark = verdictMarks[report.verdict];
  const oneName = describeOneName(report);
  return (
    <section
      id={idOfReport(report)}
      tabIndex={-1}
      className="g-report"
      aria-label={`Qualification of ${nameOf(report)}`}
      data-verdict={report.verdict}
    >
      <h3 className="g-verdict">
        <OutcomeIcon outcome={mark.outcome} label={mark.word} />
        <bdi>{report.sentence}</bdi>
      </h3>
      {report.isRehearsal ? <p className="q-strong">REHEARSAL: the storage is simulated.</p> : null}
      <p className="q-quiet">
        LUN {report.lun.lun} of <Mono>{report.target}</Mono>, seen from <bdi>{report.machine}</bdi>, for {report.nodes}{' '}
        nodes with {report.paths} {report.paths === 1 ? 'path' : 'paths'} each. <When at={report.endedAt} />.
        {oneName === null ? '' : ` ${oneName}`}
      </p>
      <p className="q-quiet">
        Tested over{' '}
        {report.portals.map((portal, at) => (
          <span key={portal}>
            {at === 0 ? null : ' and '}
            <Mono>{portal}</Mono>
            {report.sourceIps[at] ? (
              <>
                {' from '}
                <Mono>{report.sourceIps[at] ?? ''}</Mono>
              </>
            ) : null}
          </span>
        ))}
        .
      </p>
      {report.portalEnds
        .filter(({ portal, end }) => portal !== end)
        .map(({ portal, end }) => (
          <p key={portal}>
            The portal <Mono>{portal}</Mono> sent the session on to <Mono>{end}</Mono>.
          </p>
        ))}
      {report.leftBehind.length > 0 ? (
        <div className="q-note q-note-fail" role="alert">
          <OutcomeIcon outcome="fail" />
          <div className="q-note-text">
            <p className="q-strong">Something could not be cleaned up:</p>
            <ul>
              {countAlike(report.leftBehind).map((one) => (
                <li key={one}>
                  <bdi>{one}</bdi>
                </li>
              ))}
            </ul>
          </div>
        </div>
      ) : null}
      <Export report={report} onClose={() => closeReport(report)} />
      <ul className="g-cases">
        {groupCases(report.cases).map(({ one, count }) => (
          <Case key={one.id} one={one} count={count} />
        ))}
      </ul>
      <AccessTable rows={report.accessTable} />
    </section>
  );
};

/** A report never changes: what else happens on the page does not draw its hundreds of steps again. */
export const ReportView = memo(Report);

import { Button } from '@fluentui/react-components';
import { useMemo, useState, type JSX } from 'react';
import { isGrave } from '../../../shared/availability/grades.ts';
import type { AvailabilityReport } from '../../../shared/availability/report.ts';
import type { Impact } from '../../../shared/availability/single-points.ts';
import { capital, elementName, gradeWords } from '../../../shared/availability/words.ts';
import { chooseFiles } from '../../api/files.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { useServer } from '../../ui/server-store.ts';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { When } from '../../ui/when.tsx';
import { Zone } from '../../ui/zone.tsx';
import { DrillsPart } from './drills/drills-part.tsx';
import ExportPart from './export-part.tsx';
import { Ladder } from './ladder.tsx';
import { LossView } from './loss-view.tsx';
import { Picture } from './picture.tsx';
import { QuestionsPart } from './questions-part.tsx';
import { gradeMarks } from './marks.ts';
import {
  cancelReading,
  dismissFailure,
  open,
  openCluster,
  openFacts,
  openState,
  outcomeOfReport,
  restoreAll,
  toggleLoss,
  useAvailability,
} from './store.ts';
import { usePart } from '../../ui/use-part.ts';

const purpose =
  'Shows what can still fail in a cluster, what is left then, and which investment helps next. It is computed; only a drill, which you start yourself, takes something away.';

const keyOf = ({ lose }: Impact): string => lose.join(' and ');
const nameOf = ({ lose }: Impact): string => capital(lose.map(elementName).join(' and '));

const columns: readonly Column<Impact>[] = [
  { id: 'lose', title: 'Loss of', value: nameOf },
  {
    id: 'grade',
    title: 'Stops',
    value: ({ grade }) => capital(gradeWords[grade]),
    render: ({ grade }) => <OutcomeMark outcome={gradeMarks[grade]} word={capital(gradeWords[grade])} />,
  },
  { id: 'down', title: 'Down', value: ({ counts }) => counts.down, isFigures: true },
  { id: 'depends', title: 'Depend', value: ({ counts }) => counts.depends, isFigures: true },
  { id: 'restarts', title: 'Restart', value: ({ counts }) => counts.restarts, isFigures: true },
  { id: 'sentence', title: 'Summary', value: ({ sentence }) => sentence, isExtra: true },
];

const Sources = ({ server }: { server: string }): JSX.Element => (
  <div className="q-actions">
    <Button
      appearance="primary"
      aria-keyshortcuts="O"
      onClick={() =>
        void chooseFiles(
          'Open a state file or an availability report',
          { name: 'State', extensions: ['json'] },
          false,
        ).then(openState)
      }
    >
      <KeyLabel text="Open a state file" letter="o" />
    </Button>
    <Button
      onClick={() =>
        void chooseFiles(
          'Open the facts of several servers',
          { name: 'Facts', extensions: ['json', 'txt'] },
          true,
        ).then(openFacts)
      }
    >
      Open facts of servers
    </Button>
    <Button aria-keyshortcuts="C" onClick={() => void openCluster(server)}>
      <KeyLabel text="Read this cluster" letter="c" />
    </Button>
  </div>
);

/** Was it read from servers, rather than from a file? */
const isRead = ({ source }: AvailabilityReport): boolean => source.kind === 'live' || source.kind === 'rehearsal';

const Lists = ({ report }: { report: AvailabilityReport }): JSX.Element => (
  <>
    <StagePart id="headroom" title="N+1 and N+2">
      <ul className="a-list">
        {report.headroom.map((one) => (
          <li key={`${one.losses} ${one.memory}`}>
            <bdi>{one.sentence}</bdi>
          </li>
        ))}
      </ul>
    </StagePart>
    {report.multiSite.sites.length > 0 ? (
      <StagePart id="sites" title="Sites">
        <ul className="a-list">
          {[...report.multiSite.sites.map(({ sentence }) => sentence), ...report.multiSite.remarks].map((text) => (
            <li key={text}>
              <bdi>{text}</bdi>
            </li>
          ))}
        </ul>
      </StagePart>
    ) : null}
    <QuestionsPart questions={report.questions} canAnswer={isRead(report)} />
    <StagePart id="assumptions" title="Assumptions">
      <ul className="a-list">
        {[...report.notes, ...report.assumptions].map((text) => (
          <li key={text}>
            <bdi>{text}</bdi>
          </li>
        ))}
      </ul>
    </StagePart>
    <StagePart id="vmm" title="Hand-over to System Center VMM">
      <dl className="s-facts">
        {report.vmm.inventory.map(({ what, value }) => (
          <div key={what} className="s-fact">
            <dt>{what}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <ol className="a-list">
        {report.vmm.checklist.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ol>
    </StagePart>
  </>
);

/** What can still fail: the picture, the tables, the ladder. */
const AvailabilityScreen = (): JSX.Element => {
  const { report, model, source, isReading, failure, lost, results } = usePart(
    useAvailability,
    'report',
    'model',
    'source',
    'isReading',
    'failure',
    'lost',
    'results',
  );
  const server = useServer(({ host }) => host);
  const [isExporting, setIsExporting] = useState(false);
  const chooseState = (): void =>
    void chooseFiles(
      'Open a state file or an availability report',
      { name: 'State', extensions: ['json'] },
      false,
    ).then(openState);
  useShortcut('o', 'Open a state file', chooseState);
  useShortcut('c', 'Read this cluster', () => void openCluster(server));
  useShortcut('e', 'Export the report', () => setIsExporting(true), report !== null);
  useShortcut('b', 'Bring everything back', restoreAll, lost.length > 0);
  const grades = useMemo(
    () => new Map(report?.singlePoints.map(({ lose, grade }) => [lose[0] ?? '', grade]) ?? []),
    [report],
  );
  const failed = failure ? (
    <FailureNote
      envelope={failure}
      onDismiss={dismissFailure}
      {...(source ? { onRetry: () => void open(source) } : {})}
    />
  ) : null;
  const progress = isReading ? (
    <ProgressLine progress={null} waiting="Analyzing the configuration" onCancel={cancelReading} />
  ) : null;
  if (!report || !model)
    return (
      <div className="s-screen">
        <div className="s-answer">
          <h1 id="stage-title" tabIndex={-1}>
            Availability: no configuration is open.
          </h1>
        </div>
        <p className="s-purpose">{purpose}</p>
        {progress}
        {failed}
        <Sources server={server} />
        <p className="q-quiet">
          A state file names nodes, virtual machines, witness and targets. "quorate availability state" writes one from
          what is known; Help (F1), Availability, describes it.
        </p>
      </div>
    );
  const grave = report.singlePoints.filter(({ grade }) => isGrave(grade));
  return (
    <article className="s-screen" aria-labelledby="stage-title" aria-busy={isReading}>
      <header className="s-head">
        <div className="s-answer">
          <OutcomeIcon outcome={outcomeOfReport(report)} />
          <h1 id="stage-title" tabIndex={-1}>
            <bdi>{report.sentence}</bdi>
          </h1>
        </div>
        <p className="s-purpose">{purpose}</p>
        {report.source.kind === 'rehearsal' ? (
          <p className="q-strong">REHEARSAL: this is a simulated configuration.</p>
        ) : null}
        {progress}
        {failed}
        <Sources server={server} />
        <div className="q-actions a-tools">
          <Button onClick={() => setIsExporting(true)} aria-keyshortcuts="E">
            <KeyLabel text="Export" letter="e" />
          </Button>
          <span className="q-quiet">
            From <bdi>{report.source.names.map((name) => name.split(/[\\/]/).pop()).join(', ')}</bdi>, analyzed{' '}
            <When at={report.at} />. <Zone clock={null} />
          </span>
        </div>
      </header>
      {isExporting ? <ExportPart report={report} onClose={() => setIsExporting(false)} /> : null}
      <StagePart id="picture" title="The configuration">
        <Picture model={model} grades={grades} lost={lost} result={results.at(-1) ?? null} />
      </StagePart>
      {results.length > 0 ? <LossView results={results} /> : null}
      <StagePart
        id="singles"
        title="What can be lost"
        says={`${grave.length} of ${report.singlePoints.length} elements ${grave.length === 1 ? 'is a single point of failure' : 'are single points of failure'}. Open a row to simulate its failure.`}
      >
        <DataTable
          name="availability-singles"
          caption="What each loss stops"
          columns={columns}
          rows={report.singlePoints}
          keyOf={keyOf}
          labelOf={(impact) => `${nameOf(impact)}: what its loss means`}
          openKey={lost.length === 1 ? (lost[0] ?? null) : null}
          onOpen={(key) => {
            restoreAll();
            if (key !== null) toggleLoss(key);
          }}
          empty="The configuration names nothing that can be lost."
          detail={(impact) => <p>{impact.sentence}</p>}
        />
      </StagePart>
      <StagePart
        id="pairs"
        title="Pairs"
        says={`In ${report.pairs.length} of ${report.pairsCompared} pairs, losing both does more harm than losing either alone.${report.pairsLeftOut.length > 0 ? ` Pairs with a ${report.pairsLeftOut.join(', ')} were left out: there are too many.` : ''}`}
      >
        {report.pairs.length === 0 ? null : (
          <DataTable
            name="availability-pairs"
            caption="What each pair stops"
            columns={columns}
            rows={report.pairs.slice(0, 500)}
            keyOf={keyOf}
            labelOf={nameOf}
            empty="No pair of losses is worse than the two alone."
          />
        )}
      </StagePart>
      <DrillsPart
        model={model}
        servers={isRead(report) ? report.source.names : []}
        chosen={lost.length === 1 ? (lost[0] ?? null) : null}
      />
      <Ladder advice={report.advice} />
      <Lists report={report} />
    </article>
  );
};

export default AvailabilityScreen;

import { Button, Select } from '@fluentui/react-components';
import { lazy, Suspense, useId, useState, type JSX } from 'react';
import { readinessGroups, printedProcedureChecks } from '../../../shared/model/readiness-checks.ts';
import { windowsServers, windowsServerTitle, type WindowsServer } from '../../../shared/model/windows-server.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { useNavigation } from '../../ui/navigation.ts';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { outcomeOfComparison, outcomeOfVerdict } from '../../ui/outcome-of-verdict.ts';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { rehearsalOf, useServer } from '../../ui/server-store.ts';
import { useShortcut } from '../../ui/shortcuts.ts';
import { When } from '../../ui/when.tsx';
import { Zone } from '../../ui/zone.tsx';
import { CheckList } from './check-list.tsx';
import { PrintedFacts } from './printed-facts.tsx';
import { ServerStrip } from './server-strip.tsx';
import { splitSentence } from './split-sentence.ts';
import {
  cancelRunning,
  checkThisMachine,
  compareAll,
  dismissNotOpened,
  judgeFor,
  ownId,
  stopComparing,
  useReadiness,
  type OpenReport,
} from './store.ts';
import { usePart } from '../../ui/use-part.ts';
import './readiness.css';

const ExportPanel = lazy(() => import('./export-panel.tsx'));
const OpenPanel = lazy(() => import('./open-panel.tsx'));
const CollectPanel = lazy(() => import('./collect-panel.tsx'));
const CompareView = lazy(() => import('./compare-view.tsx'));

type PanelName = 'export' | 'open' | 'collect';

const waitingWords = {
  gather: 'Gathering the facts of this machine',
  judge: 'Judging the facts again',
  open: 'Opening',
  compare: 'Comparing',
} as const;

const scopeText = (opened: OpenReport): string => {
  const { report } = opened;
  const chosen = {
    chosen: 'as you chose',
    running: 'the release that runs there',
    default: 'the newest, because none was chosen',
  }[report.judgedForBecause];
  return `Judged for ${windowsServerTitle(report.judgedFor)}, ${chosen}.`;
};

const Verdict = ({ opened }: { opened: OpenReport }): JSX.Element => {
  const { report, fromFile } = opened;
  const { head, rest } = splitSentence(report.sentence);
  return (
    <div className="r-verdict" data-verdict={report.verdict}>
      <OutcomeIcon outcome={outcomeOfVerdict[report.verdict]} />
      <div>
        <h1 id="stage-title" tabIndex={-1}>
          <bdi>
            {head}
            {rest === '' ? null : <span className="r-verdict-rest"> {rest}</span>}
          </bdi>
        </h1>
        <p className="q-quiet">
          {fromFile === null ? (
            'This machine'
          ) : (
            <bdi>{`${report.machine.name ?? 'A server without a name'}, from ${fromFile}`}</bdi>
          )}
          . {scopeText(opened)} Facts read <When at={report.facts.collectedAt} />.{' '}
          <Zone clock={fromFile === null ? null : (report.machine.name ?? 'that server')} />
        </p>
      </div>
    </div>
  );
};

const Tools = ({
  panel,
  setPanel,
}: {
  panel: PanelName | null;
  setPanel: (panel: PanelName | null) => void;
}): JSX.Element => {
  const { reports, judgedFor, running, isComparing } = usePart(
    useReadiness,
    'reports',
    'judgedFor',
    'running',
    'isComparing',
  );
  const selectId = useId();
  const hasReport = reports.length > 0;
  const toggle = (name: PanelName) => (): void => setPanel(panel === name ? null : name);
  const runAgain = (): void => void checkThisMachine();
  const compare = (): void => (isComparing ? stopComparing() : void compareAll());
  useShortcut('r', 'Run the readiness check again', runAgain);
  useShortcut('e', 'Export the report that is shown', toggle('export'), hasReport && !isComparing);
  useShortcut('o', 'Open the report or the facts of another server', toggle('open'));
  useShortcut('c', 'Compare the open servers side by side', compare, reports.length > 1);
  useShortcut('t', 'Write the collector for a server without Quorate', toggle('collect'));
  useShortcut('j', 'Judge for another release of Windows Server', () => document.getElementById(selectId)?.focus());
  return (
    <div className="r-tools" role="toolbar" aria-label="Readiness">
      <Button onClick={runAgain} aria-keyshortcuts="R">
        <KeyLabel text="Run again" letter="r" />
      </Button>
      <Button
        onClick={toggle('export')}
        disabled={!hasReport || isComparing}
        aria-expanded={panel === 'export'}
        aria-keyshortcuts="E"
      >
        <KeyLabel text="Export" letter="e" />
      </Button>
      <Button onClick={toggle('open')} aria-expanded={panel === 'open'} aria-keyshortcuts="O">
        <KeyLabel text="Open another server" letter="o" />
      </Button>
      {reports.length > 1 ? (
        <Button
          onClick={compare}
          appearance={isComparing ? 'primary' : 'secondary'}
          aria-pressed={isComparing}
          aria-keyshortcuts="C"
        >
          <KeyLabel text="Compare" letter="c" />
        </Button>
      ) : null}
      <Button onClick={toggle('collect')} aria-expanded={panel === 'collect'} aria-keyshortcuts="T">
        <KeyLabel text="Collector" letter="t" />
      </Button>
      <span className="r-judge">
        <label htmlFor={selectId}>
          <KeyLabel text="Judge for" letter="j" />
        </label>
        <Select
          id={selectId}
          value={judgedFor ?? ''}
          disabled={running !== null}
          aria-keyshortcuts="J"
          onChange={(_event, { value }) => void judgeFor(value === '' ? null : (value as WindowsServer))}
        >
          <option value="">The release that runs there</option>
          {windowsServers.toReversed().map((server) => (
            <option key={server} value={server}>
              {windowsServerTitle(server)}
            </option>
          ))}
        </Select>
      </span>
    </div>
  );
};

const Gathering = (): JSX.Element => (
  <div className="r-verdict">
    <div>
      <h1 id="stage-title" tabIndex={-1}>
        Checking this machine
      </h1>
      <p className="q-quiet">The verdict appears here. Nothing is changed while facts are read.</p>
    </div>
  </div>
);

const NoReport = (): JSX.Element => (
  <div className="r-verdict">
    <OutcomeIcon outcome="unknown" />
    <div>
      <h1 id="stage-title" tabIndex={-1}>
        This machine has not been checked yet.
      </h1>
      <p className="q-quiet">Its facts could not be read. The reason and the next step are below.</p>
    </div>
  </div>
);

const ComparisonHead = (): JSX.Element => {
  const comparison = useReadiness((state) => state.comparison);
  return (
    <div className="r-verdict" data-comparison={comparison?.verdict}>
      {comparison ? <OutcomeIcon outcome={outcomeOfComparison[comparison.verdict]} /> : null}
      <div>
        <h1 id="stage-title" tabIndex={-1}>
          <bdi>{comparison?.sentence ?? 'The servers side by side'}</bdi>
        </h1>
        <p className="q-quiet">
          Each server's facts have the time of its own clock. <Zone clock={null} />
        </p>
      </div>
    </div>
  );
};

/** On a machine that is no Windows Server, the first thing to do is to rehearse. */
const RehearsalOffer = ({ report }: { report: OpenReport['report'] }): JSX.Element | null => {
  const go = useNavigation((state) => state.go);
  const { platform, os } = report.facts;
  const isServer = platform === 'windows' && !(os.productType.known && os.productType.value === 1);
  if (isServer || platform === 'unknown') return null;
  return (
    <div className="q-note">
      <div className="q-note-text">
        <p>
          This machine does not run Windows Server. Try the whole procedure on simulated servers; nothing real is
          changed.
        </p>
        <p>
          <Button onClick={() => go('form')}>Rehearse forming a cluster</Button>
        </p>
      </div>
    </div>
  );
};

/** The first stage: can this machine be a Hyper-V cluster node, and if not, why, and what to do. */
export const ReadinessScreen = (): JSX.Element => {
  const { reports, shownId, running, failure, notOpened, isComparing } = usePart(
    useReadiness,
    'reports',
    'shownId',
    'running',
    'failure',
    'notOpened',
    'isComparing',
  );
  const [panel, setPanel] = useState<PanelName | null>(null);
  const rehearsal = useServer((state) => rehearsalOf(state.host));
  const shown = reports.find(({ id }) => id === shownId);
  const close = (): void => setPanel(null);
  return (
    <article className="r-screen" aria-labelledby="stage-title" aria-busy={running !== null}>
      {rehearsal === null ? null : (
        <p className="q-note q-note-warn r-real">
          Readiness checks the real machine that Quorate runs on, not the simulated server of the rehearsal.
        </p>
      )}
      {isComparing ? null : shown ? <Verdict opened={shown} /> : failure ? <NoReport /> : <Gathering />}
      {isComparing ? <ComparisonHead /> : null}
      {running ? (
        <ProgressLine
          progress={running.progress}
          waiting={waitingWords[running.what]}
          onCancel={cancelRunning}
          cancelLabel={`Cancel: ${waitingWords[running.what]}`}
        />
      ) : null}
      {failure && shownId === ownId && !running ? (
        <FailureNote envelope={failure} onRetry={() => void checkThisMachine()} />
      ) : null}
      {notOpened.map(({ name, envelope }) => (
        <FailureNote key={name} envelope={envelope} onDismiss={dismissNotOpened}>
          <p>
            Not opened: <bdi>{name}</bdi>
          </p>
        </FailureNote>
      ))}
      {shown?.id === ownId && !isComparing ? <RehearsalOffer report={shown.report} /> : null}
      {shown && !isComparing ? <PrintedFacts checks={shown.report.checks} ids={printedProcedureChecks} /> : null}
      <Tools panel={panel} setPanel={setPanel} />
      <Suspense fallback={null}>
        {panel === 'export' && shown && !isComparing ? <ExportPanel opened={shown} onClose={close} /> : null}
        {panel === 'open' ? <OpenPanel onClose={close} /> : null}
        {panel === 'collect' ? <CollectPanel onClose={close} /> : null}
        {reports.length > 1 || (reports.length === 1 && reports[0]?.id !== ownId) ? <ServerStrip /> : null}
        {isComparing ? <CompareView /> : null}
      </Suspense>
      {shown && !isComparing ? <CheckList key={shown.id} report={shown.report} groups={readinessGroups} /> : null}
    </article>
  );
};

import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StageEmpty } from '../../ui/stage-empty.tsx';
import { StageHead, StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { useStage } from '../../ui/use-stage.ts';
import { When } from '../../ui/when.tsx';
import { CheckPart } from './check-part.tsx';
import { FindingsTable } from './findings-table.tsx';
import { ReportFacts, ReportViewer } from './report-viewer.tsx';
import { RunForm } from './run-form.tsx';
import {
  acceptWarning,
  dismissFailure,
  readKept,
  useRuns,
  validationReadings,
  type Judged,
  type Kept,
} from './store.ts';
import { selectionWords } from '../../../shared/validation/selection.ts';
import { findingsOf, fromElsewhere } from './words.ts';
import { localTime } from '../../../shared/model/time.ts';
import './validation.css';

const purpose = "Runs Windows' own validation (Test-Cluster) before the servers become a cluster, and explains it.";

const columns: readonly Column<Kept>[] = [
  { id: 'at', title: 'Time', value: ({ at }) => at, render: ({ at }) => <When at={at} isEvent /> },
  { id: 'nodes', title: 'Servers', value: ({ nodes }) => nodes.join(', ') },
  { id: 'selection', title: 'Tests', value: ({ selection }) => selectionWords[selection.kind] },
  { id: 'file', title: 'Report', value: ({ file }) => file, isFigures: true, isExtra: true },
];

/** A kept run as it is judged now. */
const Found = ({
  judged,
  host,
  onAccept,
}: {
  judged: Judged;
  host: string;
  onAccept: (test: string, because: string) => Promise<unknown>;
}): JSX.Element => (
  <>
    <p className="q-quiet">
      {selectionWords[judged.kept.selection.kind]}, run <When at={judged.kept.at} />
      {fromElsewhere(judged.kept.server, host)}
      {judged.comparedWith ? (
        <>
          , compared with the run <When at={judged.comparedWith.at} isEvent />
        </>
      ) : null}
      .
    </p>
    <ReportFacts report={judged.report} />
    {judged.kept.disagreements.map((line) => (
      <p key={line} className="q-said">
        <OutcomeIcon outcome="unknown" /> The report shows no finding for this test, but Windows warned:{' '}
        <bdi>{line}</bdi>
      </p>
    ))}
    <FindingsTable
      key={judged.kept.id}
      name="validation"
      findings={findingsOf(judged)}
      accepted={judged.accepted}
      isCompared={judged.comparedWith !== null}
      onAccept={onAccept}
    />
    <p className="q-quiet">
      Kept as <bdi className="q-mono">{judged.kept.file}</bdi>
    </p>
  </>
);

/** Earlier runs; each opens in place. */
const Earlier = ({ host, kept }: { host: string; kept: readonly Kept[] }): JSX.Element | null => {
  const [judged, setJudged] = useState<Judged | null>(null);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const open = async (id: string | null): Promise<void> => {
    setOpenKey(id);
    setJudged(null);
    setFailure(null);
    if (id === null) return;
    try {
      setJudged(await readKept(host, id));
    } catch (error) {
      setFailure(envelopeOf(error));
    }
  };
  if (kept.length < 2) return null;
  return (
    <StagePart id="earlier" title="Earlier runs">
      <DataTable
        name="validations"
        caption="Earlier validations"
        columns={columns}
        rows={kept.slice(1)}
        keyOf={({ id }) => id}
        labelOf={({ at }) => `The run of ${localTime(at)}`}
        openKey={openKey}
        onOpen={(id) => void open(id)}
        empty="None."
        detail={({ id }) =>
          failure ? (
            <FailureNote envelope={failure} onRetry={() => void open(id)} />
          ) : judged?.kept.id === id ? (
            <Found
              judged={judged}
              host={host}
              onAccept={async (test, because) => setJudged(await acceptWarning(host, id, test, because))}
            />
          ) : (
            <p role="status">Reading the report</p>
          )
        }
      />
    </StagePart>
  );
};

/** Validation: what blocks, what waits, what is expected, and what is new. */
const ValidationScreen = (): JSX.Element => {
  const { host, reading } = useStage(validationReadings);
  const run = useRuns(({ runs }) => runs[host]);
  const runFailure = useRuns(({ failures }) => failures[host]);
  const [isAsking, setIsAsking] = useState(false);
  const { data } = reading;
  const read = (): void => void validationReadings.read(host);
  const ask = (): void => setIsAsking(!isAsking);
  useShortcut('r', 'Read the validations again', read);
  useShortcut('v', 'Run the validation', ask, data !== null && !run);
  if (!data)
    return (
      <>
        <StageEmpty
          title="Validate"
          purpose={purpose}
          reading={reading}
          onRead={read}
          onCancel={() => validationReadings.cancel(host)}
        />
        {reading.failure ? <ReportViewer /> : null}
      </>
    );
  const { judged, server } = data;
  const others = (judged?.kept.nodes ?? []).filter((node) => node.toLowerCase() !== server.computerName.toLowerCase());
  return (
    <article className="s-screen" aria-labelledby="stage-title" aria-busy={reading.isReading || run !== undefined}>
      <StageHead
        outcome={data.standing.outcome}
        answer={data.standing.text}
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => validationReadings.cancel(host)}
      >
        <Button onClick={ask} aria-expanded={isAsking} disabledFocusable={run !== undefined} aria-keyshortcuts="V">
          <KeyLabel text="Validate" letter="v" />
        </Button>
      </StageHead>
      {reading.failure ? <FailureNote envelope={reading.failure} onRetry={read} /> : null}
      {run ? <ProgressLine progress={run.progress} waiting="Starting the validation" onCancel={run.cancel} /> : null}
      {runFailure ? <FailureNote envelope={runFailure} onDismiss={() => dismissFailure(host)} /> : null}
      {isAsking && !run ? (
        <RunForm
          key={`run ${host}`}
          host={host}
          others={others}
          hasLast={judged !== null}
          onClose={() => setIsAsking(false)}
        />
      ) : null}
      {judged ? (
        <StagePart id="found" title="Last validation">
          <Found
            judged={judged}
            host={host}
            onAccept={(test, because) => acceptWarning(host, judged.kept.id, test, because)}
          />
        </StagePart>
      ) : (
        <StagePart id="found" title="Last validation">
          <p>
            {data.elsewhere === null
              ? 'No report is kept. Validate the servers while their shared disks are still empty.'
              : `No report is kept here. The report of the formation is on ${data.elsewhere}.`}
          </p>
        </StagePart>
      )}
      <CheckPart key={`check ${host}`} host={host} others={others} />
      <Earlier key={`earlier ${host}`} host={host} kept={data.kept} />
      <ReportViewer />
    </article>
  );
};

export default ValidationScreen;

import { Button } from '@fluentui/react-components';
import { useEffect, useState, type JSX } from 'react';
import { chooseFiles } from '../../api/files.ts';
import type { FormationPlan, FormationStage } from '../../../shared/model/formation.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatDuration } from '../../ui/format.ts';
import { useNavigation } from '../../ui/navigation.ts';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { rehearsalOf, useServer } from '../../ui/server-store.ts';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { BeginPart } from './begin-part.tsx';
import { ConsentPart } from './consent-part.tsx';
import { FilePart } from './file-part.tsx';
import { Picture, pictureLegend, type Shown } from './picture.tsx';
import { TopologyTable } from './topology-table.tsx';
import { PlanPart } from './plan-part.tsx';
import { allSteps, canRetry, isRunning, type Run } from './run.ts';
import { headlineOf, Rail, RunControls, RunView, StopPart } from './run-view.tsx';
import { SaveAs } from './save-as.tsx';
import { StageView } from './stage-view.tsx';
import { isOver } from '../../../shared/model/topology.ts';
import {
  cancel,
  dismissFailure,
  goOn,
  leaveRun,
  lookElsewhere,
  openFile,
  pause,
  planRunAgain,
  rehearse,
  useFormation,
  watch,
} from './store.ts';
import { runMarks } from './stage-words.ts';
import { When } from '../../ui/when.tsx';
import { Zone } from '../../ui/zone.tsx';
import { usePart } from '../../ui/use-part.ts';

const purpose =
  'Turns bare servers into a highly available Hyper-V cluster: one plan for all servers, which you read before anything changes.';

const waiting = {
  reading: 'Reading the file',
  drafting: 'Asking this server, its peers and the target',
  planning: 'Asking every server what it plans',
} as const;

/** A run that came to no end of its own: what is certain, what is not, and how it goes on. */
const Stopped = ({ run }: { run: Run }): JSX.Element => {
  const { direction } = run;
  const steps = allSteps(run);
  const cut = steps.filter(({ state }) => state === 'interrupted');
  const done = steps.filter(isOver).length;
  return (
    <>
      {done === 0 ? 'No step was completed. ' : `${done === 1 ? 'One step is' : `${done} steps are`} done and kept. `}
      {cut.length === 0 ? null : (
        <>
          Not known whether {cut.length === 1 ? 'this was' : 'these were'} done:{' '}
          {cut.map(({ id, node, title }, index) => (
            <bdi key={id}>{`${index > 0 ? '; ' : ''}${node}: ${title}`}</bdi>
          ))}
          .{' '}
        </>
      )}
      {direction === 'form'
        ? 'When you continue, Quorate checks every server first: completed steps are not repeated. '
        : 'When you continue, Quorate checks every server first and undoes what is left. '}
    </>
  );
};

/** What to do with a run that has ended. */
const Ended = ({ run }: { run: Run }): JSX.Element => {
  const openHost = useServer((state) => state.openHost);
  const go = useNavigation((state) => state.go);
  const { rehearsal, wanted, state, machines } = run;
  const took = run.endedAt ? Date.parse(run.endedAt) - Date.parse(run.startedAt) : null;
  return (
    <>
      <p>
        {state === 'formed' ? (
          <>
            {wanted ? `${wanted.servers.map(({ name }) => name).join(', ')} form the cluster ${wanted.cluster}. ` : ''}
            {machines.map(
              ({ name, node, state: runs, highlyAvailable }) =>
                `${name} is ${runs} on ${node}${highlyAvailable ? ', highly available. ' : '. '}`,
            )}
          </>
        ) : state === 'undone' ? (
          'What formations did on these servers is undone. Data on disks stays. '
        ) : (
          <Stopped run={run} />
        )}
        {took === null ? null : <span className="q-quiet">It took {formatDuration(took)}.</span>}
      </p>
      <div className="q-actions">
        {rehearsal !== null && state !== 'formed' && state !== 'undone' && !canRetry(run) ? (
          <Button
            appearance="primary"
            onClick={() =>
              void rehearse({
                name: rehearsal,
                nodes: 2,
                os: '2022',
                resume: true,
                direction: run.direction,
                withFile: false,
              })
            }
          >
            Continue the rehearsal
          </Button>
        ) : null}
        {rehearsal === null && run.coordinator === null && state !== 'formed' && state !== 'undone' && run.file ? (
          <Button appearance="primary" onClick={() => void planRunAgain(run)}>
            Review what is left
          </Button>
        ) : null}
        {run.coordinator === null ? <SaveAs formats={['html', 'pdf']} rehearsal={rehearsal} /> : null}
        {rehearsal !== null && wanted ? (
          <Button
            onClick={() => {
              openHost(`rehearsal:${rehearsal}/${wanted.servers[0]?.name ?? ''}`);
              go('server');
            }}
          >
            Look at {wanted.servers[0]?.name}
          </Button>
        ) : null}
        <Button onClick={leaveRun}>Begin another formation</Button>
      </div>
    </>
  );
};

const RunScreen = ({ run }: { run: Run }): JSX.Element => {
  const [openStage, setOpenStage] = useState<FormationStage | null>(null);
  return (
    <article className="s-screen" aria-labelledby="stage-title" aria-busy={isRunning(run)}>
      <header className="s-head">
        <div className="s-answer">
          <OutcomeIcon outcome={runMarks[run.state]} />
          <h1 id="stage-title" tabIndex={-1}>
            <bdi>{headlineOf(run)}</bdi>
          </h1>
        </div>
        {run.rehearsal === null ? null : (
          <p className="q-strong">REHEARSAL {run.rehearsal}: simulated servers, nothing real is changed.</p>
        )}
        {run.coordinator === null ? null : (
          <p>
            <bdi>{run.coordinator}</bdi> coordinates this formation. Continue or cancel it there; this page shows the
            same.
          </p>
        )}
        {isRunning(run) ? (
          <RunControls
            run={run}
            onPause={() => void pause()}
            onContinue={() => void goOn()}
            onCancel={() => void cancel()}
          />
        ) : (
          <Ended run={run} />
        )}
        <p className="q-quiet">
          Begun <When at={run.startedAt} isEvent />.{' '}
          <Zone {...(run.coordinator === null ? {} : { clock: run.coordinator })} />
        </p>
      </header>
      <StopPart run={run} />
      <Rail run={run} openStage={openStage} onOpen={setOpenStage} />
      {openStage === null ? null : (
        <StageView key={openStage} stage={openStage} run={run} onClose={() => setOpenStage(null)} />
      )}
      {/* The servers were last read before their last steps were undone: a picture of them would be of what is gone. */}
      {run.state === 'undone' ? null : (
        <StagePart id="picture" title="Servers, networks and storage" says={pictureLegend(run)}>
          <Picture run={run} />
          <TopologyTable run={run} />
        </StagePart>
      )}
      <RunView run={run} />
    </article>
  );
};

/** The picture of a plan: nothing of it has been done. */
const planned = ({ servers, wanted }: FormationPlan): Shown => ({
  direction: 'form',
  // Like a run whose steps are all to come.
  state: 'running',
  servers,
  wanted,
  steps: [],
  earlier: [],
  machines: [],
});

/** The guided path: from nothing, or a file, over the plan to the cluster. */
const FormationScreen = (): JSX.Element => {
  const { run, draft, plan, busy, failure } = usePart(useFormation, 'run', 'draft', 'plan', 'busy', 'failure');
  const rehearsal = useServer((state) => rehearsalOf(state.host));
  useEffect(() => {
    void watch();
    const timer = setInterval(() => void lookElsewhere(), 2_000);
    return () => clearInterval(timer);
  }, []);
  const state = run?.state ?? null;
  useEffect(() => {
    // The button that began, paused or continued the run has gone, and the focus with it.
    if (document.activeElement === document.body)
      document.getElementById('stage-title')?.focus({ preventScroll: true });
  }, [state]);
  useShortcut(
    'o',
    'Open a cluster file',
    () =>
      void chooseFiles('Open a cluster file', { name: 'Cluster file', extensions: ['json', 'jsonc'] }, false).then(
        openFile,
      ),
    run === null,
  );
  if (run) return <RunScreen run={run} />;
  return (
    <article className="s-screen" aria-labelledby="stage-title">
      <header className="s-head">
        <div className="s-answer">
          <h1 id="stage-title" tabIndex={-1}>
            {draft === null
              ? 'Form a cluster'
              : plan === null
                ? 'Form a cluster: the file'
                : 'Form a cluster: the plan'}
          </h1>
        </div>
        <p className="s-purpose">{purpose}</p>
        {busy ? <ProgressLine progress={null} waiting={waiting[busy]} /> : null}
        {failure ? <FailureNote envelope={failure} onDismiss={dismissFailure} /> : null}
      </header>
      <ConsentPart />
      {draft !== null && rehearsal !== null ? (
        <p className="q-note q-note-warn">
          A cluster file is about real servers: this one and its peers, not the simulated server that is open. To try
          the file, use "Rehearse this file first" below its plan.
        </p>
      ) : null}
      {draft === null ? <BeginPart /> : <FilePart />}
      {plan ? (
        <>
          <StagePart id="picture" title="Servers, networks and storage" says={pictureLegend(plan)}>
            <Picture run={planned(plan)} />
            <TopologyTable run={planned(plan)} />
          </StagePart>
          <PlanPart />
        </>
      ) : null}
    </article>
  );
};

export default FormationScreen;

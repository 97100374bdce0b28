import { Button, Checkbox } from '@fluentui/react-components';
import { memo, useMemo, useState, type JSX } from 'react';
import type { FormationDirection, FormationStepResult } from '../../../shared/contract/formation.ts';
import { stageWords, type FormationStage } from '../../../shared/model/formation.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatDuration } from '../../ui/format.ts';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { useNow } from '../../ui/use-now.ts';
import { AcceptPart, openWarnings } from './accept-part.tsx';
import { isOver, machinesOf } from '../../../shared/model/topology.ts';
import { allSteps, canRetry, isRunning, type Run, type RunState } from './run.ts';
import { StepDetail } from './step-detail.tsx';
import { lanesOf, standingOf, stepWords, type Lane } from './standing.ts';
import { retry } from './store.ts';

/** The stages with how each stands; a stage opens what was found and done in it. */
export const Rail = ({
  run,
  openStage,
  onOpen,
}: {
  run: Run;
  openStage: FormationStage | null;
  onOpen: (stage: FormationStage | null) => void;
}): JSX.Element => (
  <ol className="g-rail" aria-label="Stages of the formation">
    {standingOf(allSteps(run), run.state).map(({ stage, outcome, word }) => (
      <li key={stage} title={stageWords[stage].purpose}>
        <button
          type="button"
          className="q-link q-strong"
          aria-expanded={openStage === stage}
          onClick={() => onOpen(openStage === stage ? null : stage)}
        >
          {stageWords[stage].title}
        </button>
        <div>
          <OutcomeMark outcome={outcome} word={word} />
        </div>
      </li>
    ))}
  </ol>
);

/** Since when a step runs, and how long it usually takes: by this page's clock, because the clocks of servers differ. */
const Since = ({ step }: { step: FormationStepResult }): JSX.Element => {
  const [sinceMs] = useState(() => Date.now());
  const elapsed = useNow(1_000) - sinceMs;
  const { expectedMs } = step;
  return (
    <span className="q-quiet q-figures">
      {formatDuration(elapsed)}
      {expectedMs === null
        ? ''
        : elapsed > expectedMs
          ? `, longer than the expected ${formatDuration(expectedMs)}. Look at the server's own screen. Pause starts nothing after it, Cancel ends the formation after it, and what is done stays done.`
          : `, about ${formatDuration(expectedMs - elapsed)} left`}
    </span>
  );
};

const noLane: Lane = { current: null, done: 0, total: 0 };

/** One server of the run. Kept as it is while nothing of it changes: there may be 64 of them. */
const ServerLane = memo(
  ({ node, current, done, total, state }: Lane & { node: string; state: RunState }): JSX.Element => (
    <li className="g-server" data-node={node}>
      <span className="q-strong">
        <bdi>{node}</bdi>
      </span>
      <span className="g-server-now">
        {current ? (
          <>
            <OutcomeMark {...stepWords[current.state]} /> <bdi>{current.title}</bdi>{' '}
            {current.state === 'running' ? <Since key={current.id} step={current} /> : null}
            {current.doing === null ? null : (
              <div className="q-quiet">
                <bdi>{current.doing}</bdi>
              </div>
            )}
          </>
        ) : state === 'running' || state === 'paused' ? (
          'Waiting'
        ) : (
          'Not started'
        )}
      </span>
      <span className="q-figures">
        {/* What a run that stopped would still have done is known to nobody. */}
        {state === 'failed' || state === 'cancelled' || state === 'interrupted'
          ? `${done} done`
          : `${done} of ${total}`}
      </span>
    </li>
  ),
);
ServerLane.displayName = 'ServerLane';

const columns: readonly Column<FormationStepResult>[] = [
  {
    id: 'node',
    title: 'Server',
    value: ({ node }) => node,
    render: ({ node }) => <bdi className="g-node">{node}</bdi>,
  },
  { id: 'stage', title: 'Stage', value: ({ stage }) => stageWords[stage as keyof typeof stageWords]?.title ?? stage },
  {
    id: 'state',
    title: 'State',
    value: ({ state }) => stepWords[state].word,
    render: ({ state }) => <OutcomeMark {...stepWords[state]} />,
  },
  { id: 'title', title: 'Step', value: ({ title }) => title },
  { id: 'id', title: 'Id', value: ({ id }) => id, isExtra: true },
];

const headlines: Readonly<Record<FormationDirection, Readonly<Record<Run['state'], string>>>> = {
  form: {
    running: 'Forming',
    paused: 'Paused: forming',
    formed: 'Formed:',
    undone: 'Undone:',
    failed: 'Stopped: forming',
    cancelled: 'Cancelled: forming',
    interrupted: 'Interrupted: forming',
  },
  undo: {
    running: 'Undoing',
    paused: 'Paused: undoing',
    formed: 'Formed:',
    undone: 'Undone:',
    failed: 'Stopped: undoing',
    cancelled: 'Cancelled: undoing',
    interrupted: 'Interrupted: undoing',
  },
};

export const headlineOf = ({ state, direction, wanted }: Run): string =>
  `${headlines[direction][state]} ${wanted?.cluster ?? 'the cluster'}`;

/** As many as can be read while it runs; a formation of 64 servers has thousands. */
const shownWhileRunning = 15;

/** What runs, and what ended last. */
export const recentOf = (steps: readonly FormationStepResult[]): readonly FormationStepResult[] => {
  const begun = steps.filter(({ state }) => state !== 'waiting');
  return [...begun.filter(({ state }) => state === 'running'), ...begun.filter(isOver).toReversed()].slice(
    0,
    shownWhileRunning,
  );
};

const Steps = ({ run }: { run: Run }): JSX.Element => {
  const [openKey, setOpenKey] = useState<string | null>(null);
  const [isWhole, setIsWhole] = useState(false);
  const runs = isRunning(run);
  const all = useMemo(() => allSteps({ steps: run.steps, earlier: run.earlier }), [run.steps, run.earlier]);
  const rows = runs && !isWhole ? recentOf(run.steps) : all;
  return (
    <StagePart id="steps" title="Steps">
      {runs ? (
        <p>
          <Checkbox
            label={`Show all ${all.length} steps`}
            checked={isWhole}
            onChange={(_event, { checked }) => setIsWhole(checked === true)}
          />
        </p>
      ) : null}
      <DataTable
        name="formation-steps"
        caption="Steps of the formation"
        columns={columns}
        rows={rows}
        keyOf={({ id }) => id}
        labelOf={({ node, title }) => `${node}: ${title}`}
        openKey={openKey}
        onOpen={setOpenKey}
        empty="No step has started yet."
        detail={(step) => <StepDetail step={step} run={run} />}
      />
    </StagePart>
  );
};

/** What a person can do with a formation that runs, and what it does now. */
export const RunControls = ({
  run,
  onPause,
  onContinue,
  onCancel,
}: {
  run: Run;
  onPause: () => void;
  onContinue: () => void;
  onCancel: () => void;
}): JSX.Element => (
  <div className="q-actions" role="group" aria-label="The formation">
    {run.state !== 'paused' ? (
      <Button onClick={onPause}>Pause</Button>
    ) : run.coordinator === null ? (
      <Button appearance="primary" onClick={onContinue}>
        Continue
      </Button>
    ) : null}
    {run.coordinator === null ? <Button onClick={onCancel}>Cancel</Button> : null}
    <span className="q-quiet" role="status">
      {run.state === 'paused' ? (
        run.coordinator === null ? (
          'Nothing more is started until you continue.'
        ) : (
          `Nothing more is started until it is continued on ${run.coordinator}.`
        )
      ) : (
        <bdi>{run.doing ?? 'Starting'}</bdi>
      )}
    </span>
  </div>
);

/** What stopped a run, and how it goes on from here. */
export const StopPart = ({ run }: { run: Run }): JSX.Element => (
  <>
    {run.error ? (
      <FailureNote
        envelope={run.error}
        {...(canRetry(run) ? { onRetry: () => void retry(run) } : {})}
        {...(canRetry(run) && openWarnings(run.error).length > 0
          ? { next: 'Fix the cause and try again, or accept each warning by its name below.' }
          : {})}
      />
    ) : null}
    <AcceptPart run={run} />
  </>
);

/** Lanes of servers with the step that each is at, then every step. */
export const RunView = ({ run }: { run: Run }): JSX.Element => {
  const { steps, earlier, wanted } = run;
  const lanes = useMemo(() => lanesOf(allSteps({ steps, earlier })), [steps, earlier]);
  const nodes = wanted ? machinesOf(wanted).map(({ name }) => name) : [...lanes.keys()];
  return (
    <>
      <StagePart id="servers" title="Servers">
        <ul className="g-lanes">
          {nodes.map((node) => (
            <ServerLane key={node} node={node} state={run.state} {...(lanes.get(node) ?? noLane)} />
          ))}
        </ul>
      </StagePart>
      <Steps run={run} />
    </>
  );
};

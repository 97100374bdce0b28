import { useState, type JSX } from 'react';
import type { StepResult } from '../../../shared/contract/apply.ts';
import type { PlanStepView } from '../../../shared/plan/plan.ts';
import { formatDuration } from '../format.ts';
import { localTime } from '../../../shared/model/time.ts';
import { useNow } from '../use-now.ts';

/** How long Quorate waits at most, as main/coordination counts: for an effect to show after its command, for a restart. */
const readBackLimitMs = 20_000;
const restartLimitMs = 20 * 60_000;

/** How long it has been shown, by this page's clock: a server's clock may be wrong, a rehearsal's is its own. `since`: it began before. */
const Elapsed = ({ since = null }: { since?: string | null }): JSX.Element => {
  const [shownMs] = useState(() => Date.now());
  const now = useNow(1_000);
  const sinceMs = since === null ? shownMs : new Date(since).getTime();
  return <span className="q-figures">{formatDuration(Math.max(0, now - sinceMs))}</span>;
};

/** The restart while it is waited for: until when, and what to do when the server does not come back. */
const RestartWait = ({ node, since }: { node: string; since: string | null }): JSX.Element => {
  const [shownMs] = useState(() => Date.now());
  const now = useNow(1_000);
  const dueMs = (since === null ? shownMs : new Date(since).getTime()) + restartLimitMs;
  return (
    <div className="p-restart">
      <p>
        {node} restarts. Quorate waits until {localTime(new Date(dueMs).toISOString())}, another{' '}
        <span className="q-figures">{formatDuration(Math.max(0, dueMs - now))}</span>.
      </p>
      <p className="q-quiet">
        If it does not come back: check its console (remote management card). Once it is up, go to History and select
        Continue. Steps that are done are not repeated.
      </p>
    </div>
  );
};

/** What runs now: the step, how many there are, since when, and how long it may take. */
export const RunStatus = ({
  node,
  steps,
  results,
  isResumed = false,
}: {
  node: string;
  steps: readonly Pick<PlanStepView, 'id' | 'title' | 'restart'>[];
  results: ReadonlyMap<string, StepResult>;
  /** It ran before it was shown here: what is known of its beginning is what the journal says of the step. */
  isResumed?: boolean;
}): JSX.Element => {
  const index = steps.findIndex(({ id }) => results.get(id)?.state === 'running');
  const step = steps[index];
  const since = (isResumed && step && results.get(step.id)?.at) || null;
  return (
    <div className="p-run">
      <p className="q-said q-strong">
        {step ? `Running step ${index + 1} of ${steps.length} on ${node}: ` : `Running on ${node}: checking the server`}
        {step ? <bdi>{step.title}</bdi> : null}
      </p>
      <p className="q-quiet">
        {isResumed ? null : (
          <>
            Running for <Elapsed />
          </>
        )}
        {step ? (
          <>
            {isResumed ? 'Running for ' : ', this step for '}
            <Elapsed key={step.id} since={since} />
            {step.restart === 'now'
              ? null
              : `. After the command, its effect has to show within ${formatDuration(readBackLimitMs)}`}
          </>
        ) : null}
        .
      </p>
      {step?.restart === 'now' ? <RestartWait key={step.id} node={node} since={since} /> : null}
    </div>
  );
};

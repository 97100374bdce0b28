import { useRef, type JSX } from 'react';
import type { StepResult } from '../../../shared/contract/apply.ts';
import type { PlanStepView } from '../../../shared/plan/plan.ts';
import { formatDuration, formatTime } from '../format.ts';
import { useNow } from '../use-now.ts';

/** How long Quorate waits at most, as main/coordination counts: for an effect to show after its command, for a restart. */
const readBackLimitMs = 20_000;
const restartLimitMs = 20 * 60_000;

/** Since when something has been so, by this page's clock: a server's clock may be wrong, a rehearsal's is its own. */
const useSince = (what: string): number => {
  const since = useRef({ what, atMs: Date.now() });
  if (since.current.what !== what) since.current = { what, atMs: Date.now() };
  return since.current.atMs;
};

/** The restart while it is waited for: until when, and what to do when the server does not come back. */
const RestartWait = ({ node, sinceMs, now }: { node: string; sinceMs: number; now: number }): JSX.Element => {
  const dueMs = sinceMs + restartLimitMs;
  return (
    <div className="p-restart">
      <p>
        {node} restarts. Quorate waits until {formatTime(new Date(dueMs).toISOString())}, another{' '}
        <span className="q-figures">{formatDuration(dueMs - now)}</span>.
      </p>
      <p className="q-quiet">
        If it does not come back: look at its console (remote management card). Once it is up, go to History and select
        Continue. Nothing that is done is done twice.
      </p>
    </div>
  );
};

/** What runs now: the step, how many there are, since when, and how long it may take. */
export const RunStatus = ({
  node,
  steps,
  results,
}: {
  node: string;
  steps: readonly Pick<PlanStepView, 'id' | 'title' | 'restart'>[];
  results: ReadonlyMap<string, StepResult>;
}): JSX.Element => {
  const now = useNow(1_000);
  const index = steps.findIndex(({ id }) => results.get(id)?.state === 'running');
  const step = steps[index];
  const startedMs = useSince('run');
  const sinceMs = useSince(step?.id ?? 'between');
  return (
    <div className="p-run">
      <p className="q-said q-strong">
        {step ? `Running step ${index + 1} of ${steps.length} on ${node}: ` : `Running on ${node}: checking the server`}
        {step ? <bdi>{step.title}</bdi> : null}
      </p>
      <p className="q-quiet">
        Running for <span className="q-figures">{formatDuration(now - startedMs)}</span>
        {step ? (
          <>
            , this step for <span className="q-figures">{formatDuration(now - sinceMs)}</span>
            {step.restart === 'now'
              ? null
              : `. After the command, its effect has to show within ${formatDuration(readBackLimitMs)}`}
          </>
        ) : null}
        .
      </p>
      {step?.restart === 'now' ? <RestartWait node={node} sinceMs={sinceMs} now={now} /> : null}
    </div>
  );
};

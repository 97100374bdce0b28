import { Button, Field, Input } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { FormationStepResult } from '../../../shared/contract/formation.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { When } from '../../ui/when.tsx';
import { canRetry, isRunning, type Run } from './run.ts';
import { retry, scriptOf, skipInRun } from './store.ts';

const none = 'No script: the step is already done, or it changes nothing in Windows.';

/** A step that has not begun: what it would run, and how it is left out. */
const Pending = ({ id, canSkip }: { id: string; canSkip: boolean }): JSX.Element => {
  const [script, setScript] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [failure, setFailure] = useState<Envelope | null>(null);
  const attempt = (work: () => Promise<void>): void => {
    setFailure(null);
    void work().catch((error: unknown) => setFailure(envelopeOf(error)));
  };
  return (
    <>
      <div className="q-actions">
        <Button onClick={() => attempt(async () => setScript((await scriptOf(id)) ?? none))}>Show the script</Button>
      </div>
      {script === null ? null : <pre className="g-script">{script}</pre>}
      {canSkip ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (reason.trim().length >= 10) attempt(() => skipInRun(id, reason.trim()));
          }}
        >
          <Field label="Why it is skipped" hint="At least 10 characters; the record keeps them.">
            <Input value={reason} onChange={(_event, { value }) => setReason(value)} />
          </Field>
          <Button type="submit" disabledFocusable={reason.trim().length < 10}>
            Skip the step
          </Button>
        </form>
      ) : null}
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
    </>
  );
};

/** What is behind a step: its proof or its failure, its times, and before it is done its script. */
export const StepDetail = ({ step, run }: { step: FormationStepResult; run: Run }): JSX.Element => {
  const { id, state, why, doing, proof, error, startedAt, endedAt } = step;
  const isPending = isRunning(run) && run.coordinator === null && (state === 'waiting' || state === 'running');
  return (
    <>
      {why ? (
        <p>
          Found, and why: <bdi>{why}</bdi>
        </p>
      ) : null}
      {doing ? (
        <p role="status">
          Now: <bdi>{doing}</bdi>
        </p>
      ) : null}
      {proof ? (
        <p>
          Read back: <bdi className="q-mono">{proof}</bdi>
        </p>
      ) : null}
      {error ? <FailureNote envelope={error} {...(canRetry(run) ? { onRetry: () => void retry(run) } : {})} /> : null}
      <p className="q-quiet">
        {startedAt ? (
          <>
            Begun <When at={startedAt} isEvent />
            {endedAt ? (
              <>
                , ended <When at={endedAt} isEvent />
              </>
            ) : null}
          </>
        ) : (
          'Not started.'
        )}
      </p>
      {isPending ? <Pending id={id} canSkip={step.canSkip && run.rehearsal === null && state === 'waiting'} /> : null}
    </>
  );
};

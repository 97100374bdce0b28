import type { JSX } from 'react';
import type { StepResult } from '../../../shared/contract/apply.ts';
import { isWriteToDisk, type PlanStepView } from '../../../shared/plan/plan.ts';
import { StepReason } from '../because.tsx';
import { CopyText } from '../copy-text.tsx';
import type { StateMark } from '../marks.ts';
import { OutcomeIcon, OutcomeMark } from '../outcome.tsx';

export const stepMarks: Readonly<Record<StepResult['state'], StateMark | null>> = {
  waiting: null,
  running: { outcome: 'running', word: 'Running' },
  alreadyDone: { outcome: 'alreadyDone', word: 'Already done' },
  done: { outcome: 'pass', word: 'Done' },
  failed: { outcome: 'fail', word: 'Failed' },
  unknown: { outcome: 'unknown', word: 'Not known whether it was done' },
  undone: { outcome: 'undone', word: 'Undone' },
};

const isProven = ({ state }: StepResult): boolean => state === 'done' || state === 'alreadyDone' || state === 'undone';

/** How a person does it without Quorate, and what Quorate runs. */
const How = ({ step, isOpen }: { step: PlanStepView; isOpen: boolean }): JSX.Element => {
  const how = (
    <div className="p-how">
      <p>
        <strong>Manually:</strong> <bdi>{step.manual}</bdi>
      </p>
      {step.script === null ? (
        <p className="q-quiet">Changes nothing in Windows; Quorate keeps it in its own data folder.</p>
      ) : (
        <CopyText text={step.script} label={`PowerShell: ${step.title}`} />
      )}
      <p className="q-quiet">
        {step.undo === null ? (
          step.destructive ? (
            'This cannot be undone.'
          ) : (
            'Quorate cannot undo this.'
          )
        ) : (
          <bdi>{`To undo: ${step.undo}`}</bdi>
        )}
      </p>
    </div>
  );
  return isOpen ? (
    how
  ) : (
    <details>
      <summary>
        PowerShell<span className="q-hidden">: {step.title}</span>
      </summary>
      {how}
    </details>
  );
};

/** One step of a plan: what and why, then how it stands and what was read back. */
export const Step = ({
  step,
  result,
  isOpen,
  losesData,
  hasBegun,
  saysWhy = false,
}: {
  step: PlanStepView;
  result: StepResult | undefined;
  isOpen: boolean;
  /** Something is on it: its serial number has to be typed. */
  losesData: boolean;
  /** It runs or ran: warnings of what may come are over, and its how stays one click away. */
  hasBegun: boolean;
  /** Nothing beside it says why it failed: its own failure is said here. */
  saysWhy?: boolean;
}): JSX.Element => {
  const mark = result ? stepMarks[result.state] : null;
  return (
    <li className="p-step" data-step={step.id} data-state={result?.state ?? 'waiting'}>
      <p className="p-step-title">
        <bdi>{step.title}</bdi> {mark ? <OutcomeMark {...mark} /> : null}
      </p>
      <p className="q-quiet">
        <bdi>{step.why}</bdi>
      </p>
      {step.destructive && !hasBegun ? (
        <p className="p-danger">
          <OutcomeIcon outcome={losesData ? 'fail' : 'warn'} />
          {losesData
            ? 'All data on it will be lost. This cannot be undone.'
            : `${isWriteToDisk(step) ? 'It is written to. ' : ''}This cannot be undone.`}
        </p>
      ) : null}
      {step.cutsConnection && !hasBegun && step.restart !== 'now' ? (
        <p className="p-danger">
          <OutcomeIcon outcome="warn" /> A remote connection may be cut. Unless you confirm in time, the server reverts
          the change by itself.
        </p>
      ) : null}
      {step.certainty === 'expected' ? (
        <p className="q-quiet">Expected: Quorate checks again before it runs this step.</p>
      ) : null}
      {step.restart === 'after' ? <p className="q-quiet">Takes effect after a restart.</p> : null}
      {step.restart === 'now' && !hasBegun ? (
        <p className="p-danger">
          <OutcomeIcon outcome="warn" /> The server restarts now. Everyone who works on it is disconnected.
        </p>
      ) : null}
      {isOpen || hasBegun ? <How step={step} isOpen={isOpen} /> : null}
      {saysWhy && result?.error ? (
        <p>
          <StepReason of={result} />
        </p>
      ) : null}
      {result?.proof ? (
        <p className="p-proof">
          {isProven(result) ? (
            <>
              <OutcomeIcon outcome="pass" /> Read back:
            </>
          ) : (
            // The server was asked about a step whose end nobody wrote.
            <>
              <OutcomeIcon outcome="unknown" /> On the server:
            </>
          )}{' '}
          <bdi className="q-mono">{result.proof}</bdi>
        </p>
      ) : null}
    </li>
  );
};

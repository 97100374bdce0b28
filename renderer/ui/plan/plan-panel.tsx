import { Button, Checkbox, Field, Input } from '@fluentui/react-components';
import { useState, type JSX, type ReactNode } from 'react';
import type { StepResult } from '../../../shared/contract/apply.ts';
import type { Outcome } from '../../../shared/model/check.ts';
import { isTyped } from '../../../shared/plan/answers.ts';
import type { PlanAnswers, PlanQuestion, PlanStepView, PlanView } from '../../../shared/plan/plan.ts';
import { CopyText } from '../copy-text.tsx';
import { FailureNote } from '../failure-note.tsx';
import { KeyLabel } from '../key-label.tsx';
import { OutcomeIcon, OutcomeMark } from '../outcome.tsx';
import { Panel } from '../panel.tsx';
import { useShortcut } from '../shortcuts.ts';
import { canApply, usePlanFlow, type PlanCalls, type PlanFlow } from './plan-flow.ts';
import './plan.css';

const stateMarks: Readonly<Record<StepResult['state'], { outcome: Outcome; word: string } | null>> = {
  waiting: null,
  running: { outcome: 'notApplicable', word: 'Being done' },
  alreadyDone: { outcome: 'pass', word: 'Was done already' },
  done: { outcome: 'pass', word: 'Done' },
  failed: { outcome: 'fail', word: 'Failed' },
  unknown: { outcome: 'unknown', word: 'Not known whether it was done' },
  undone: { outcome: 'notApplicable', word: 'Taken back' },
};

const Step = ({
  step,
  result,
  isOpen,
  losesData,
}: {
  step: PlanStepView;
  result: StepResult | undefined;
  isOpen: boolean;
  /** Something is on it: its serial number has to be typed. */
  losesData: boolean;
}): JSX.Element => {
  const mark = result ? stateMarks[result.state] : null;
  return (
    <li className="p-step" data-step={step.id} data-state={result?.state ?? 'waiting'}>
      <p className="p-step-title">
        <bdi>{step.title}</bdi> {mark ? <OutcomeMark {...mark} /> : null}
      </p>
      <p className="q-quiet">
        <bdi>{step.why}</bdi>
      </p>
      {step.destructive ? (
        <p className="p-danger">
          <OutcomeIcon outcome={losesData ? 'fail' : 'warn'} />
          {losesData
            ? 'What is on it is lost. It can not be taken back.'
            : 'It is written to. It can not be taken back.'}
        </p>
      ) : null}
      {step.cutsConnection && step.restart !== 'now' ? (
        <p className="p-danger">
          <OutcomeIcon outcome="warn" /> A connection from outside may be cut. Unless you confirm in time, the server
          takes the change back by itself.
        </p>
      ) : null}
      {step.certainty === 'expected' ? (
        <p className="q-quiet">Expected: it is planned again from what is found then, before it is done.</p>
      ) : null}
      {step.restart === 'after' ? <p className="q-quiet">It is in force after a restart.</p> : null}
      {step.restart === 'now' ? (
        <p className="p-danger">
          <OutcomeIcon outcome="warn" /> The server restarts now; everybody who works on it is cut off.
        </p>
      ) : null}
      {isOpen ? (
        <div className="p-how">
          <p>
            <strong>By hand:</strong> <bdi>{step.manual}</bdi>
          </p>
          {step.script === null ? (
            <p className="q-quiet">Nothing of Windows is changed; Quorate keeps it in its own folder.</p>
          ) : (
            <CopyText text={step.script} label={`PowerShell: ${step.title}`} />
          )}
          <p className="q-quiet">
            {step.undo === null ? 'It can not be taken back.' : <bdi>{`To take it back: ${step.undo}`}</bdi>}
          </p>
        </div>
      ) : null}
      {result?.proof ? (
        <p className="p-proof">
          <OutcomeIcon outcome="pass" /> Read back: <bdi className="q-mono">{result.proof}</bdi>
        </p>
      ) : null}
    </li>
  );
};

const Question = ({
  question,
  answers,
  onAnswer,
  onCheck,
}: {
  question: PlanQuestion;
  answers: PlanAnswers;
  onAnswer: (answers: PlanAnswers, waitMs: number) => void;
  onCheck: () => void;
}): JSX.Element => {
  const { id, kind, text, expected } = question;
  const given = answers[id];
  if (isTyped(question)) {
    return (
      <Field
        label={<bdi>{text}</bdi>}
        hint={
          kind === 'serialNumber' ? (
            'Type the serial number as it is shown on the disk or in its table.'
          ) : (
            <>
              Type: <strong className="q-mono">{expected}</strong>
            </>
          )
        }
        {...(question.answered ? { validationState: 'success', validationMessage: 'Agreed.' } : {})}
      >
        <Input
          className="q-mono"
          dir="ltr"
          autoComplete="off"
          value={typeof given === 'string' ? given : ''}
          onChange={(_event, { value }) =>
            // A serial number that is typed half is a wrong one: it is judged once the person is done.
            onAnswer({ ...answers, [id]: value }, kind === 'serialNumber' ? 1_500 : 300)
          }
          onBlur={onCheck}
          onKeyDown={(event) => {
            if (event.key === 'Enter') onCheck();
          }}
        />
      </Field>
    );
  }
  return (
    <Checkbox
      label={<bdi>{text}</bdi>}
      checked={given === true}
      onChange={(_event, { checked }) => onAnswer({ ...answers, [id]: checked === true }, 0)}
    />
  );
};

const Stops = ({ plan }: { plan: PlanView }): JSX.Element => (
  <>
    {plan.refusals.map((refusal, index) => (
      <div key={index} className="q-note q-note-fail" role="alert">
        <OutcomeIcon outcome="fail" />
        <div className="q-note-text">
          <p className="q-strong">
            <bdi>{refusal.what}</bdi>
          </p>
          <p>
            <bdi>{refusal.next}</bdi>
          </p>
          <p className="q-quiet">
            Code <code>{refusal.code}</code>
          </p>
        </div>
      </div>
    ))}
    {plan.unknowns.map((unknown, index) => (
      <div key={index} className="q-note q-note-unknown" role="alert">
        <OutcomeIcon outcome="unknown" />
        <div className="q-note-text">
          <p className="q-strong">
            <bdi>Not known: {unknown.what}.</bdi>
          </p>
          <p>
            <bdi>{unknown.because}</bdi> <bdi>{unknown.next}</bdi>
          </p>
        </div>
      </div>
    ))}
    {plan.warnings.map((warning, index) => (
      <div key={index} className="q-note q-note-warn">
        <OutcomeIcon outcome="warn" />
        <div className="q-note-text">
          <p>
            <bdi>{warning.text}</bdi>
          </p>
          {warning.source ? <p className="q-quiet">{warning.source}</p> : null}
        </div>
      </div>
    ))}
  </>
);

const outcomeSentence = (plan: PlanView, flow: PlanFlow): { outcome: Outcome; text: string } => {
  if (flow.result)
    return {
      nothingToChange: { outcome: 'pass' as const, text: 'Nothing had to be changed.' },
      changed: { outcome: 'pass' as const, text: 'Changed, and read back.' },
      restartNeeded: {
        outcome: 'warn' as const,
        text: `Done as far as it goes before a restart. ${plan.node} has to restart; the rest is in the journal, on the Server stage.`,
      },
      confirmationNeeded: {
        outcome: 'warn' as const,
        text: 'Changed. Confirm it in time, or the server takes it back by itself.',
      },
    }[flow.result.outcome];
  const count = plan.steps.length === 1 ? 'One step' : `${plan.steps.length} steps`;
  return {
    nothingToChange: { outcome: 'pass' as const, text: `${plan.node} is as you want it. Nothing has to be changed.` },
    changes: { outcome: 'notApplicable' as const, text: `${count} on ${plan.node}. Nothing has been changed yet.` },
    waits: { outcome: 'warn' as const, text: `Nothing can be changed on ${plan.node} yet.` },
    refused: { outcome: 'fail' as const, text: 'This can not be done as it is asked. Nothing has been changed.' },
    unknown: {
      outcome: 'unknown' as const,
      text: 'Something has to be known first. Nothing has been changed.',
    },
  }[plan.outcome];
};

const wholeScript = (plan: PlanView): string =>
  plan.steps
    .filter(({ certainty }) => certainty === 'planned')
    .map((step) => `# ${step.title}\n${step.script ?? '# Nothing of Windows is changed.'}`)
    .join('\n\n');

/** What will change and why, before it is changed; then how it goes, and the proof. */
export const PlanPanel = ({
  calls,
  title,
  onClose,
  afterwards,
}: {
  calls: PlanCalls;
  title: string;
  onClose: () => void;
  /** Shown once the change is made: what waits to be confirmed, say. */
  afterwards?: (flow: PlanFlow) => ReactNode;
}): JSX.Element => {
  const flow = usePlanFlow(calls);
  const { plan, isApplying, failure, result } = flow;
  const [isHowOpen, setIsHowOpen] = useState(false);
  const toggleHow = (): void => setIsHowOpen(!isHowOpen);
  const isReady = plan !== null && canApply(plan) && !flow.isPlanning && !isApplying && !result;
  useShortcut('p', 'Show the steps by hand and in PowerShell', toggleHow, plan !== null && plan.steps.length > 0);
  const isDestructive = plan?.steps.some(({ destructive }) => destructive) ?? false;
  const losesData = plan?.questions.some(({ kind }) => kind === 'serialNumber') ?? false;
  const said = plan ? outcomeSentence(plan, flow) : null;
  const isOver = result !== null || failure !== null;
  return (
    <Panel title={title} onClose={onClose}>
      <div role="status" data-plan={plan && !flow.isPlanning ? plan.outcome : undefined}>
        {said ? (
          <p className="q-said q-strong">
            {said.outcome === 'notApplicable' ? null : <OutcomeIcon outcome={said.outcome} />}
            <span>{said.text}</span>
          </p>
        ) : failure ? null : (
          <p>Looking at the server and planning.</p>
        )}
      </div>
      {failure ? <FailureNote envelope={failure} showEffect={isApplying || flow.steps.size > 0} /> : null}
      {plan && !result ? <Stops plan={plan} /> : null}
      {plan && plan.steps.length > 0 ? (
        <>
          <p>
            <Button size="small" onClick={toggleHow} aria-expanded={isHowOpen} aria-keyshortcuts="P">
              <KeyLabel text={isHowOpen ? 'Hide PowerShell' : 'By hand and in PowerShell'} letter="p" />
            </Button>
          </p>
          <ol className="p-steps">
            {plan.steps.map((step) => (
              <Step
                key={step.id}
                step={step}
                result={flow.steps.get(step.id)}
                isOpen={isHowOpen}
                losesData={losesData}
              />
            ))}
          </ol>
          {isHowOpen ? (
            <details>
              <summary>The whole script</summary>
              <CopyText text={wholeScript(plan)} label="The whole script" />
            </details>
          ) : null}
        </>
      ) : null}
      {plan && !isOver
        ? flow.questions.map((question) => (
            <div key={question.id} className="p-question">
              <Question question={question} answers={flow.answers} onAnswer={flow.answer} onCheck={flow.checkAnswers} />
            </div>
          ))
        : null}
      {plan?.followUp ? (
        <p className="p-more">
          <strong>After that:</strong> <bdi>{plan.followUp.text}</bdi>
        </p>
      ) : null}
      {afterwards?.(flow)}
      <p className="q-actions p-actions">
        {isOver || plan?.outcome !== 'changes' ? null : isDestructive ? (
          // The safe button comes first and is the one that Enter presses.
          <>
            <Button appearance="primary" onClick={onClose} disabledFocusable={isApplying}>
              Leave everything as it is
            </Button>
            <Button onClick={flow.apply} disabledFocusable={!isReady}>
              {losesData ? 'Destroy what is on it' : 'Write to the disk'}
            </Button>
          </>
        ) : (
          <Button appearance="primary" onClick={flow.apply} disabledFocusable={!isReady}>
            {isApplying ? 'Being made' : 'Make this change'}
          </Button>
        )}
        {failure ? <Button onClick={flow.planAgain}>Plan again</Button> : null}
        {result?.outcome === 'changed' && result.followUp ? (
          <Button appearance="primary" onClick={flow.planAgain}>
            Plan what is next
          </Button>
        ) : null}
      </p>
    </Panel>
  );
};

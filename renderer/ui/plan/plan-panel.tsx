import { Button } from '@fluentui/react-components';
import { useEffect, useRef, useState, type JSX, type ReactNode } from 'react';
import type { Outcome } from '../../../shared/model/check.ts';
import { isWriteToDisk, type PlanView } from '../../../shared/plan/plan.ts';
import { CopyText } from '../copy-text.tsx';
import { FailureNote } from '../failure-note.tsx';
import { KeyLabel } from '../key-label.tsx';
import { useNavigation } from '../navigation.ts';
import { OutcomeIcon } from '../outcome.tsx';
import { Panel } from '../panel.tsx';
import { useShortcut } from '../shortcuts.ts';
import { canApply, usePlanFlow, type PlanCalls, type PlanFlow } from './plan-flow.ts';
import { Question, Stops } from './plan-questions.tsx';
import { Step } from './plan-step.tsx';
import { RunStatus } from './run-status.tsx';
import './plan.css';

const outcomeSentence = (plan: PlanView, flow: PlanFlow): { outcome: Outcome; text: string } => {
  if (flow.result)
    return {
      nothingToChange: { outcome: 'pass' as const, text: 'Nothing had to be changed.' },
      changed: { outcome: 'pass' as const, text: 'Done and verified.' },
      restartNeeded: {
        outcome: 'warn' as const,
        text: `All steps before the restart are done. Restart ${plan.node}; then continue this change in History.`,
      },
      confirmationNeeded: {
        outcome: 'warn' as const,
        text: 'Done. Confirm it in time, or the server reverts it by itself.',
      },
    }[flow.result.outcome];
  const count = plan.steps.length === 1 ? 'One step' : `${plan.steps.length} steps`;
  return {
    nothingToChange: { outcome: 'pass' as const, text: `Nothing to change: ${plan.node} is already set up like this.` },
    changes: { outcome: 'notApplicable' as const, text: `${count} on ${plan.node}. Nothing has been changed yet.` },
    waits: { outcome: 'warn' as const, text: `Nothing can be changed on ${plan.node} yet.` },
    refused: { outcome: 'fail' as const, text: 'This cannot be done. Nothing has been changed.' },
    unknown: {
      outcome: 'unknown' as const,
      text: 'Something could not be determined. Nothing has been changed.',
    },
  }[plan.outcome];
};

const wholeScript = (plan: PlanView): string =>
  plan.steps
    .filter(({ certainty }) => certainty === 'planned')
    .map((step) => `# ${step.title}\n${step.script ?? '# Changes nothing in Windows.'}`)
    .join('\n\n');

/**
 * What will change and why, before it is changed; then, in the same place, how it goes, and the proof. A failure keeps
 * what was done and what was not on screen.
 */
export const PlanPanel = ({
  calls,
  title,
  runTitle = title,
  onClose,
  onBack,
  onOutcome,
  afterwards,
}: {
  calls: PlanCalls;
  title: string;
  /** Its title once it has begun; default: as before. */
  runTitle?: string;
  onClose: () => void;
  /** Back to the form with its input, while nothing has been changed. */
  onBack?: () => void;
  /** Told how the plan stands, so that a form that was refused stays on screen. */
  onOutcome?: (outcome: PlanView['outcome'] | 'failed') => void;
  /** Shown once the change is made: what waits to be confirmed, say. */
  afterwards?: (flow: PlanFlow) => ReactNode;
}): JSX.Element => {
  const flow = usePlanFlow(calls);
  const { plan, isApplying, hasBegun, failure, result } = flow;
  const [isHowOpen, setIsHowOpen] = useState(false);
  const go = useNavigation((state) => state.go);
  const toggleHow = (): void => setIsHowOpen(!isHowOpen);
  const isReady = plan !== null && canApply(plan) && !flow.isPlanning && !isApplying && !result;
  useShortcut('p', 'Show the manual steps and PowerShell', toggleHow, plan !== null && plan.steps.length > 0);
  const isDestructive = plan?.steps.some(({ destructive }) => destructive) ?? false;
  const isWrite = plan?.steps.some(isWriteToDisk) ?? false;
  const losesData = plan?.questions.some(({ kind }) => kind === 'serialNumber') ?? false;
  const said = plan ? outcomeSentence(plan, flow) : null;
  const isOver = result !== null || failure !== null;
  const head = useRef<HTMLDivElement>(null);
  // A wrong answer to a question is no wrong input: the form is not what has to be mended.
  const outcome = hasBegun || flow.questions.length > 0 ? 'changes' : failure ? 'failed' : plan?.outcome;
  useEffect(() => {
    if (outcome) onOutcome?.(outcome);
    // The form comes back above what stops the plan, and would push it out of sight.
    const panel = head.current?.closest('.q-panel');
    if (panel && (outcome === 'refused' || outcome === 'unknown' || outcome === 'failed'))
      requestAnimationFrame(() => panel.scrollIntoView({ block: 'nearest' }));
  }, [outcome, onOutcome]);
  // Apply stands below the steps, and what runs above them.
  useEffect(() => {
    if (isApplying) head.current?.scrollIntoView({ block: 'nearest' });
  }, [isApplying]);
  // The button that was pressed has gone, and the focus with it.
  const { isPlanning } = flow;
  useEffect(() => {
    if (document.activeElement !== document.body) return;
    const heading = head.current?.closest('.q-panel')?.querySelector<HTMLElement>('.q-panel-title');
    heading?.focus({ preventScroll: true });
  }, [isApplying, isOver, isPlanning]);
  return (
    <Panel title={hasBegun ? runTitle : title} onClose={onClose}>
      <div ref={head}>
        <div role="status" data-plan={plan && !flow.isPlanning ? plan.outcome : undefined}>
          {isApplying && plan ? null : said && !(failure && hasBegun) ? (
            <p className="q-said q-strong">
              {said.outcome === 'notApplicable' ? null : <OutcomeIcon outcome={said.outcome} />}
              <span>{said.text}</span>
            </p>
          ) : failure ? null : (
            <p>Reading the server and planning.</p>
          )}
        </div>
        {isApplying && plan ? <RunStatus node={plan.node} steps={plan.steps} results={flow.steps} /> : null}
      </div>
      {failure ? (
        <FailureNote envelope={failure} showEffect={hasBegun}>
          {calls.besideFailure?.(failure)}
          {failure.code === 'PLAN_BUSY' ? (
            <p>
              <Button size="small" onClick={() => go('history')}>
                Open History
              </Button>
            </p>
          ) : null}
        </FailureNote>
      ) : null}
      {plan && !hasBegun ? <Stops plan={plan} /> : null}
      {plan && plan.steps.length > 0 ? (
        <>
          <p>
            <Button size="small" onClick={toggleHow} aria-expanded={isHowOpen} aria-keyshortcuts="P">
              <KeyLabel text={isHowOpen ? 'Hide PowerShell' : 'Manual steps and PowerShell'} letter="p" />
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
                hasBegun={hasBegun}
              />
            ))}
          </ol>
          {isHowOpen ? (
            <details>
              <summary>Complete script</summary>
              <CopyText text={wholeScript(plan)} label="Complete script" />
            </details>
          ) : null}
        </>
      ) : null}
      {plan && !isOver && !isApplying
        ? flow.questions.map((question) => (
            <div key={question.id} className="p-question">
              <Question question={question} answers={flow.answers} onAnswer={flow.answer} onCheck={flow.checkAnswers} />
            </div>
          ))
        : null}
      {plan?.followUp && !result ? (
        <p className="p-more">
          <strong>After that:</strong> <bdi>{plan.followUp.text}</bdi>
        </p>
      ) : null}
      {afterwards?.(flow)}
      <p className="q-actions p-actions">
        {isOver || plan?.outcome !== 'changes' ? null : isApplying ? (
          <span className="q-quiet">
            Running. Cancel it under Activities: a step that changes the server ends first.
          </span>
        ) : isDestructive ? (
          // The safe button comes first and is the one that Enter presses.
          <>
            <Button appearance="primary" onClick={onClose}>
              Cancel
            </Button>
            <Button onClick={flow.apply} disabledFocusable={!isReady}>
              {losesData ? 'Erase all data and apply' : isWrite ? 'Write to the disk' : 'Apply'}
            </Button>
          </>
        ) : (
          <Button appearance="primary" onClick={flow.apply} disabledFocusable={!isReady}>
            Apply
          </Button>
        )}
        {onBack && !hasBegun && plan && plan.outcome !== 'refused' && plan.outcome !== 'unknown' ? (
          <Button onClick={onBack}>Edit</Button>
        ) : null}
        {failure ? <Button onClick={flow.planAgain}>Review again</Button> : null}
        {result?.outcome === 'restartNeeded' ? (
          <Button appearance="primary" onClick={() => go('server', 'restart')}>
            Go to restart
          </Button>
        ) : null}
        {result?.outcome === 'changed' && result.followUp ? (
          <Button appearance="primary" onClick={flow.planAgain}>
            Review next steps
          </Button>
        ) : null}
        {result ? <Button onClick={onClose}>Done</Button> : null}
      </p>
    </Panel>
  );
};

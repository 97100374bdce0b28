import { Button, Field, Input } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { FormationPlan } from '../../../shared/model/formation.ts';
import { Question } from '../../ui/plan/plan-questions.tsx';
import { StagePart } from '../../ui/stage-head.tsx';
import { fieldProblem, TextField } from '../../ui/text-field.tsx';
import { RehearseForm } from './begin-part.tsx';
import { CoordinatorPart } from './coordinator-part.tsx';
import { Stages, Stops } from './plan-lists.tsx';
import { SaveAs } from './save-as.tsx';
import { answer, form, makePlan, setSecret, skip, useFormation } from './store.ts';
import { UndoPart } from './undo-part.tsx';
import { usePart } from '../../ui/use-part.ts';

const SkipForm = ({ plan }: { plan: FormationPlan }): JSX.Element => {
  const [step, setStep] = useState('');
  const [reason, setReason] = useState('');
  const [isChecked, setIsChecked] = useState(false);
  const problems = {
    step: plan.steps.some(({ id }) => id === step.trim()) ? null : 'Choose a step of this plan from the list.',
    reason: reason.trim().length >= 10 ? null : 'Type at least 10 characters.',
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setIsChecked(true);
        if (problems.step === null && problems.reason === null) void skip(step.trim(), reason.trim());
      }}
    >
      <div className="s-form">
        <TextField
          label="Step"
          hint="Only a step that no other step needs can be skipped."
          list="formation-step-ids"
          problem={isChecked ? problems.step : null}
          value={step}
          onChange={setStep}
        />
        <Field
          label="Why"
          hint="At least 10 characters; the record keeps them."
          {...fieldProblem(isChecked ? problems.reason : null)}
        >
          <Input value={reason} onChange={(_event, { value }) => setReason(value)} />
        </Field>
      </div>
      <datalist id="formation-step-ids">
        {plan.steps.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </datalist>
      <Button type="submit">Skip the step</Button>
    </form>
  );
};

/** The whole plan before anything changes: what stops it, what it asks, its stages, and the button that begins. */
export const PlanPart = (): JSX.Element | null => {
  const { plan, answers, secrets, busy, draft } = usePart(useFormation, 'plan', 'answers', 'secrets', 'busy', 'draft');
  const [mayOrder, setMayOrder] = useState(false);
  if (!plan) return null;
  const text = draft?.text ?? '';
  const wantsAccount = /"account"\s*:/.test(text);
  const wantsChap = /"chapUser"\s*:\s*"/.test(text);
  const open = plan.questions.filter((question) => answers[question.id] === undefined);
  const canForm = plan.outcome === 'changes' && plan.stops.length === 0 && open.length === 0 && mayOrder;
  return (
    <>
      <StagePart
        id="plan"
        title="The plan"
        says={
          plan.outcome === 'nothingToChange'
            ? 'Everything is as the file says.'
            : `${plan.steps.length} steps. Nothing has been changed yet.`
        }
      >
        <Stops plan={plan} />
        <Stages plan={plan} />
        <div className="q-actions">
          <SaveAs formats={['markdown', 'powershell', 'json']} />
        </div>
        {plan.steps.length > 0 ? (
          <details>
            <summary>Leave a step out</summary>
            <SkipForm plan={plan} />
          </details>
        ) : null}
        <UndoPart />
      </StagePart>
      {plan.outcome === 'nothingToChange' ? null : (
        <StagePart id="decide" title="Before it begins">
          <CoordinatorPart onChange={setMayOrder} />
          {plan.questions.map((question) => (
            <Question
              key={question.id}
              question={question}
              answers={answers}
              onAnswer={(given) => answer(given)}
              onCheck={() => undefined}
            />
          ))}
          {wantsAccount ? (
            <Field label="Password of the account that joins the domain" hint="Kept in memory only.">
              <Input
                type="password"
                value={secrets.account}
                onChange={(_event, { value }) => setSecret('account', value)}
              />
            </Field>
          ) : null}
          {wantsChap ? (
            <Field label="CHAP secret of the target" hint="Kept in memory only.">
              <Input type="password" value={secrets.chap} onChange={(_event, { value }) => setSecret('chap', value)} />
            </Field>
          ) : null}
          <div className="q-actions">
            <Button appearance="primary" disabledFocusable={!canForm || busy !== null} onClick={() => void form()}>
              Form the cluster
            </Button>
            <Button disabledFocusable={busy !== null} onClick={() => void makePlan()}>
              Plan again
            </Button>
          </div>
          <details>
            <summary>Rehearse this file first</summary>
            <RehearseForm hasFile />
          </details>
        </StagePart>
      )}
    </>
  );
};

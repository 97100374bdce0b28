import { Button, Field, Input } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { FormationPlan } from '../../../shared/model/formation.ts';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { Question } from '../../ui/plan/plan-questions.tsx';
import { StagePart } from '../../ui/stage-head.tsx';
import { fieldProblem, TextField } from '../../ui/text-field.tsx';
import { RehearseForm } from './begin-part.tsx';
import { CoordinatorPart } from './coordinator-part.tsx';
import { Stages, Stops } from './plan-lists.tsx';
import { SaveAs } from './save-as.tsx';
import { SecretFields } from './secret-fields.tsx';
import { answer, form, makePlan, skip, useFormation } from './store.ts';
import { UndoPart } from './undo-part.tsx';
import { usePart } from '../../ui/use-part.ts';

const SkipForm = ({ plan }: { plan: FormationPlan }): JSX.Element => {
  const [step, setStep] = useState('');
  const [reason, setReason] = useState('');
  const [isChecked, setIsChecked] = useState(false);
  const problems = {
    step: plan.steps.some(({ id }) => id === step.trim()) ? null : 'Select a step of this plan from the list.',
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

/** As whom each server's Quorate works, and what proves that it may. */
const AsWhom = ({ plan }: { plan: FormationPlan }): JSX.Element => (
  <>
    <p>
      Each server is changed by its own Quorate, as the account that it runs as. Before the validation, the first server
      proves by opening <code>ADMIN$</code> that its account is an administrator on every other one.
    </p>
    {plan.servers.length === 0 ? null : (
      <ul aria-label="As whom">
        {plan.servers.map(({ server, account, isAdministrator }) => (
          <li key={server}>
            <OutcomeMark
              outcome={isAdministrator === true ? 'pass' : isAdministrator === null ? 'unknown' : 'fail'}
              word={isAdministrator === true ? 'Elevated' : isAdministrator === null ? 'Not known' : 'Not elevated'}
            />{' '}
            <bdi>{`${server}: ${account ?? 'account not read'}`}</bdi>
            {isAdministrator === false ? '. Start Quorate there as administrator.' : ''}
          </li>
        ))}
      </ul>
    )}
  </>
);

/** The whole plan before anything changes: what stops it, what it asks, its stages, and the button that begins. */
export const PlanPart = (): JSX.Element | null => {
  const { plan, answers, secrets, busy } = usePart(useFormation, 'plan', 'answers', 'secrets', 'busy');
  const [mayOrder, setMayOrder] = useState(false);
  if (!plan) return null;
  const open = plan.questions.filter((question) => answers[question.id] === undefined);
  const isGiven = plan.secrets.every(({ name }) => (secrets[name] ?? '') !== '');
  const canForm = plan.outcome === 'changes' && plan.stops.length === 0 && open.length === 0 && mayOrder && isGiven;
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
            <summary>Skip a step</summary>
            <SkipForm plan={plan} />
          </details>
        ) : null}
        <UndoPart />
      </StagePart>
      {plan.outcome === 'nothingToChange' ? null : (
        <StagePart id="decide" title="Before it begins">
          <AsWhom plan={plan} />
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
          <SecretFields plan={plan} />
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

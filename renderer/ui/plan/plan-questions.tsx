import { Checkbox, Field, Input } from '@fluentui/react-components';
import type { JSX } from 'react';
import { capital } from '../../../shared/availability/words.ts';
import { asSentence } from '../../../shared/model/sentence.ts';
import { isTyped } from '../../../shared/plan/answers.ts';
import type { PlanAnswers, PlanQuestion, PlanView } from '../../../shared/plan/plan.ts';
import { OutcomeIcon } from '../outcome.tsx';

export const Question = ({
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
        {...(question.answered ? { validationState: 'success', validationMessage: 'Confirmed.' } : {})}
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

export const Stops = ({ plan }: { plan: PlanView }): JSX.Element => (
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
            <bdi>Could not be determined: {unknown.what}.</bdi>
          </p>
          <p>
            <bdi>{capital(asSentence(unknown.because))}</bdi> <bdi>{unknown.next}</bdi>
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

import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle';
import { DismissSquareFilled } from '@fluentui/react-icons/svg/dismiss-square';
import { QuestionCircleFilled } from '@fluentui/react-icons/svg/question-circle';
import { SubtractFilled } from '@fluentui/react-icons/svg/subtract';
import { WarningFilled } from '@fluentui/react-icons/svg/warning';
import type { JSX } from 'react';
import type { Outcome } from '../../shared/model/check.ts';
import { outcomeWords } from './outcome-words.ts';

const shapes = {
  pass: CheckmarkCircleFilled,
  warn: WarningFilled,
  fail: DismissSquareFilled,
  unknown: QuestionCircleFilled,
  notApplicable: SubtractFilled,
} as const;

/** The shape of an outcome. Shape and colour never stand alone: a word is beside it, or `label` is read out. */
export const OutcomeIcon = ({ outcome, label }: { outcome: Outcome; label?: string }): JSX.Element => {
  const Shape = shapes[outcome];
  return (
    <span className={`q-outcome q-outcome-${outcome}`} {...(label ? { role: 'img', 'aria-label': label } : {})}>
      <Shape aria-hidden="true" />
    </span>
  );
};

/** Shape and word. */
export const OutcomeMark = ({ outcome, word }: { outcome: Outcome; word?: string }): JSX.Element => (
  <span className="q-outcome-mark">
    <OutcomeIcon outcome={outcome} />
    <span className={`q-outcome-word q-outcome-word-${outcome}`}>{word ?? outcomeWords[outcome]}</span>
  </span>
);

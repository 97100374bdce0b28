import { ArchiveFilled } from '@fluentui/react-icons/svg/archive';
import { ArrowClockwiseFilled } from '@fluentui/react-icons/svg/arrow-clockwise';
import { ArrowResetFilled } from '@fluentui/react-icons/svg/arrow-reset';
import { ArrowUndoFilled } from '@fluentui/react-icons/svg/arrow-undo';
import { CheckmarkCircleFilled, CheckmarkCircleRegular } from '@fluentui/react-icons/svg/checkmark-circle';
import { CircleRegular } from '@fluentui/react-icons/svg/circle';
import { CircleHalfFillFilled } from '@fluentui/react-icons/svg/circle-half-fill';
import { ClockRegular } from '@fluentui/react-icons/svg/clock';
import { DismissSquareFilled } from '@fluentui/react-icons/svg/dismiss-square';
import { DocumentDismissFilled } from '@fluentui/react-icons/svg/document-dismiss';
import { ErrorCircleFilled } from '@fluentui/react-icons/svg/error-circle';
import { FlagFilled } from '@fluentui/react-icons/svg/flag';
import { InfoRegular } from '@fluentui/react-icons/svg/info';
import { PauseFilled } from '@fluentui/react-icons/svg/pause';
import { PlayCircleFilled } from '@fluentui/react-icons/svg/play-circle';
import { PlugDisconnectedFilled } from '@fluentui/react-icons/svg/plug-disconnected';
import { ProhibitedFilled } from '@fluentui/react-icons/svg/prohibited';
import { QuestionCircleFilled } from '@fluentui/react-icons/svg/question-circle';
import { SubtractFilled } from '@fluentui/react-icons/svg/subtract';
import { WarningFilled } from '@fluentui/react-icons/svg/warning';
import type { FluentIcon } from '@fluentui/react-icons';
import type { JSX } from 'react';
import type { Outcome } from '../../shared/model/check.ts';
import { toneOf, type Mark } from './marks.ts';
import { outcomeWords } from './outcome-words.ts';

/** One shape for each mark, told apart without colour and by a low resolution. */
export const shapes: Readonly<Record<Mark, FluentIcon>> = {
  pass: CheckmarkCircleFilled,
  warn: WarningFilled,
  fail: DismissSquareFilled,
  unknown: QuestionCircleFilled,
  notApplicable: SubtractFilled,
  alreadyDone: CheckmarkCircleRegular,
  partly: CircleHalfFillFilled,
  running: PlayCircleFilled,
  waiting: ClockRegular,
  paused: PauseFilled,
  restart: ArrowClockwiseFilled,
  interrupted: PlugDisconnectedFilled,
  cancelled: ProhibitedFilled,
  undone: ArrowUndoFilled,
  reverted: ArrowResetFilled,
  dismissed: ArchiveFilled,
  damaged: DocumentDismissFilled,
  finding: FlagFilled,
  error: ErrorCircleFilled,
  info: InfoRegular,
  off: CircleRegular,
};

/** The shape of an outcome or a state. Shape and colour never stand alone: a word is beside it, or `label` is read out. */
export const OutcomeIcon = ({ outcome, label }: { outcome: Mark; label?: string }): JSX.Element => {
  const Shape = shapes[outcome];
  return (
    <span
      className={`q-outcome q-outcome-${toneOf[outcome]}`}
      data-mark={outcome}
      {...(label ? { role: 'img', 'aria-label': label } : {})}
    >
      <Shape aria-hidden="true" />
    </span>
  );
};

/** Shape and word. A state that is none of the five outcomes has its own word. */
export const OutcomeMark = (
  mark: { readonly outcome: Outcome; readonly word?: string } | { readonly outcome: Mark; readonly word: string },
): JSX.Element => (
  <span className="q-outcome-mark">
    <OutcomeIcon outcome={mark.outcome} />
    <span className={`q-outcome-word q-outcome-word-${toneOf[mark.outcome]}`}>
      {mark.word ?? outcomeWords[mark.outcome as Outcome]}
    </span>
  </span>
);

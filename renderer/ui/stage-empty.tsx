import type { JSX, ReactNode } from 'react';
import type { Envelope } from '../../shared/errors/failure.ts';
import { FailureNote } from './failure-note.tsx';
import { NothingHere } from './host-chooser.tsx';
import { OutcomeIcon } from './outcome.tsx';
import { ProgressLine } from './progress-line.tsx';
import type { Reading } from './reading.ts';

/** A stage before there is anything to show: it is being read, or it could not be, with the way on. */
export const StageEmpty = ({
  title,
  purpose,
  reading,
  onRead,
  onCancel,
  elsewhere,
}: {
  title: string;
  purpose: string;
  reading: Reading<unknown>;
  onRead: () => void;
  onCancel: () => void;
  /** What is offered where there is nothing to set up; default: a rehearsal, by its name. */
  elsewhere?: ReactNode;
}): JSX.Element => {
  const failure: Envelope | null = reading.isReading ? null : reading.failure;
  const isElsewhere = failure?.code === 'HOST_NOT_HERE';
  return (
    <div className="s-screen">
      <div className="s-answer">
        {failure ? <OutcomeIcon outcome={isElsewhere ? 'notApplicable' : 'unknown'} /> : null}
        <h1 id="stage-title" tabIndex={-1}>
          {isElsewhere ? `${title}: nothing to set up on this machine.` : title}
        </h1>
      </div>
      <p className="s-purpose">{purpose}</p>
      {reading.isReading ? (
        <ProgressLine progress={reading.progress} waiting="Reading the server" onCancel={onCancel} />
      ) : null}
      {failure ? (
        <FailureNote
          envelope={failure}
          {...(isElsewhere
            ? { isQuiet: true, next: 'Run Quorate on the server itself, or try it on a simulated one, below.' }
            : { onRetry: onRead })}
        />
      ) : null}
      {failure ? (elsewhere ?? <NothingHere />) : null}
    </div>
  );
};

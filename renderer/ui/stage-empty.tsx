import type { JSX } from 'react';
import type { Envelope } from '../../shared/errors/failure.ts';
import { FailureNote } from './failure-note.tsx';
import { NothingHere } from './host-chooser.tsx';
import { ProgressLine } from './progress-line.tsx';
import type { Reading } from './reading.ts';

/** A stage before there is anything to show: it is being read, or it could not be, with the way on. */
export const StageEmpty = ({
  title,
  purpose,
  reading,
  onRead,
  onCancel,
}: {
  title: string;
  purpose: string;
  reading: Reading<unknown>;
  onRead: () => void;
  onCancel: () => void;
}): JSX.Element => {
  const failure: Envelope | null = reading.isReading ? null : reading.failure;
  const isElsewhere = failure?.code === 'HOST_NOT_HERE';
  return (
    <div className="s-screen">
      <h1 id="stage-title" tabIndex={-1}>
        {title}
      </h1>
      <p className="s-purpose">{purpose}</p>
      {reading.isReading ? (
        <ProgressLine progress={reading.progress} waiting="Reading the server" onCancel={onCancel} />
      ) : null}
      {failure ? <FailureNote envelope={failure} {...(isElsewhere ? {} : { onRetry: onRead })} /> : null}
      {failure ? <NothingHere /> : null}
    </div>
  );
};

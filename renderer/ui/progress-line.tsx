import { Button } from '@fluentui/react-components';
import type { JSX } from 'react';
import type { Progress } from '../../shared/contract/define.ts';
import { formatDuration } from './format.ts';

/** What is being done to what, how far it is, what is left, and Cancel. Nothing moves by itself. */
export const ProgressLine = ({
  progress,
  waiting,
  onCancel,
  cancelLabel = 'Cancel',
}: {
  progress: Progress | null;
  /** What to say before the first progress comes. */
  waiting: string;
  onCancel?: () => void;
  cancelLabel?: string;
}): JSX.Element => {
  const doing = progress?.doing ?? waiting;
  const hasMeasure = progress?.done != null && progress.total != null && progress.total > 0;
  return (
    <div className="q-progress">
      <span className="q-progress-doing" role="status">
        <bdi>{doing}</bdi>
        {progress?.leftMs == null ? null : `, about ${formatDuration(progress.leftMs)} left`}
      </span>
      {hasMeasure ? (
        <>
          <progress aria-label={doing} value={progress.done ?? 0} max={progress.total ?? 1} />
          <span className="q-figures">
            {progress.done} of {progress.total}
          </span>
        </>
      ) : null}
      {onCancel ? (
        <Button size="small" onClick={onCancel} aria-label={cancelLabel}>
          Cancel
        </Button>
      ) : null}
    </div>
  );
};

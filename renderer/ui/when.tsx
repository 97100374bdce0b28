import type { JSX } from 'react';
import { formatAgo, isStale } from './format.ts';
import { localTime } from '../../shared/model/time.ts';
import { useNow } from './use-now.ts';

/** When something was read: absolute and relative, and plainly marked once it is old. */
export const When = ({ at }: { at: string }): JSX.Element => {
  const now = useNow();
  const stale = isStale(at, now);
  return (
    <span className={stale ? 'q-stale' : undefined}>
      <time dateTime={at} className="q-figures">
        {localTime(at)}
      </time>{' '}
      ({formatAgo(at, now)}
      {stale ? ', may be out of date' : ''})
    </span>
  );
};

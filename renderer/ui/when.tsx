import type { JSX } from 'react';
import { formatAgo, isStale } from './format.ts';
import { localTime } from '../../shared/model/time.ts';
import { useNow } from './use-now.ts';

/**
 * When something was read: absolute and relative, and plainly marked once it is old. What only happened then (`isEvent`) stays true
 * and is never marked.
 */
export const When = ({ at, isEvent = false }: { at: string; isEvent?: boolean }): JSX.Element => {
  const now = useNow();
  const stale = !isEvent && isStale(at, now);
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

import { Button } from '@fluentui/react-components';
import type { JSX } from 'react';
import { useNavigation } from '../ui/navigation.ts';
import { OutcomeIcon } from '../ui/outcome.tsx';
import { useServer } from '../ui/server-store.ts';
import { useCore } from './core-store.ts';
import { usePart } from '../ui/use-part.ts';

/** Changes that were interrupted, or wait for a restart or a confirmation: offered on every stage until decided. */
export const OpenChanges = (): JSX.Element | null => {
  const { stage, go } = usePart(useNavigation, 'stage', 'go');
  const { openChanges: known, activities } = usePart(useCore, 'openChanges', 'activities');
  const { host, openHost } = usePart(useServer, 'host', 'openHost');
  // What is being continued or undone waits for nobody.
  const underWay = new Set(
    activities
      .filter(({ state, method }) => state === 'running' && method.startsWith('journal.'))
      .map(({ input }) => (input as { id?: unknown } | null)?.id),
  );
  const openChanges = known.filter(({ id }) => !underWay.has(id));
  const [first] = openChanges;
  // The history of that very server shows them itself.
  if (!first || (stage === 'history' && host === first.server)) return null;
  const more = openChanges.length - 1;
  return (
    <div className="q-note q-note-warn" role="status">
      <OutcomeIcon outcome={first.state === 'interrupted' ? 'unknown' : 'warn'} />
      <div className="q-note-text f-open-change">
        <span>
          <strong>
            {first.state === 'interrupted' ? 'A change was interrupted on ' : 'A change waits on '}
            <bdi>{first.node}</bdi>.
          </strong>{' '}
          <bdi>{first.summary}</bdi>
          {more > 0 ? ` ${more} more ${more === 1 ? 'waits' : 'wait'}.` : ''}
        </span>
        <Button
          size="small"
          onClick={() => {
            openHost(first.server);
            go('history');
          }}
        >
          Review
        </Button>
      </div>
    </div>
  );
};

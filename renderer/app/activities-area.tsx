import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { Activity } from '../../shared/contract/core.ts';
import { parseServerRef } from '../../shared/model/server-ref.ts';
import { FailureNote } from '../ui/failure-note.tsx';
import { formatDuration } from '../ui/format.ts';
import { KeyLabel } from '../ui/key-label.tsx';
import type { StateMark } from '../ui/marks.ts';
import { useNavigation } from '../ui/navigation.ts';
import { OutcomeMark } from '../ui/outcome.tsx';
import { ProgressLine } from '../ui/progress-line.tsx';
import { useServer } from '../ui/server-store.ts';
import { useShortcut } from '../ui/shortcuts.ts';
import { useNow } from '../ui/use-now.ts';
import { When } from '../ui/when.tsx';
import { cancelActivity, dismissActivity, useCore } from './core-store.ts';
import { usePart } from '../ui/use-part.ts';

export const endings: Readonly<Record<Exclude<Activity['state'], 'running'>, StateMark>> = {
  done: { outcome: 'pass', word: 'Done' },
  failed: { outcome: 'fail', word: 'Failed' },
  cancelled: { outcome: 'cancelled', word: 'Cancelled' },
};

/** A server as a person calls it: its name where it is known, never only its reference. */
export const serverText = (server: string, name: string | null): string => {
  const ref = parseServerRef(server);
  if (ref?.kind !== 'rehearsal') return name ?? (ref?.kind === 'peer' ? `paired server ${ref.id.slice(0, 8)}` : server);
  const simulated = name ?? ref.server;
  return `${simulated === null ? '' : `${simulated} of `}rehearsal ${ref.world}`;
};

/** Work on another server than this one says on which. */
const titleOf = ({ title, server }: Activity): string =>
  server === null || server === 'local'
    ? title
    : `${title} on ${serverText(server, useServer.getState().shown[server]?.name ?? null)}`;

/** A change of one server, whose steps History shows as they run. */
const isChange = ({ method, progress }: Activity): boolean =>
  (method.endsWith('.apply') || method.startsWith('journal.')) &&
  Array.isArray((progress?.data as { steps?: unknown } | undefined)?.steps);

const Running = ({ activity }: { activity: Activity }): JSX.Element => {
  const now = useNow(1_000);
  const { stage, go } = usePart(useNavigation, 'stage', 'go');
  const openHost = useServer((state) => state.openHost);
  return (
    <li className="f-activity">
      <span className="f-activity-title">
        <strong>{titleOf(activity)}</strong>{' '}
        <span className="q-figures q-quiet">{formatDuration(now - new Date(activity.startedAt).getTime())}</span>
      </span>
      <ProgressLine
        progress={activity.progress}
        waiting="Beginning"
        onCancel={() => void cancelActivity(activity.id)}
        cancelLabel={`Cancel: ${activity.title}`}
      />
      {isChange(activity) && stage !== 'history' ? (
        <Button
          size="small"
          onClick={() => {
            if (activity.server !== null) openHost(activity.server);
            go('history');
          }}
        >
          Steps<span className="q-hidden">: {titleOf(activity)}</span>
        </Button>
      ) : null}
    </li>
  );
};

const Ended = ({ activity }: { activity: Activity & { state: 'done' | 'failed' | 'cancelled' } }): JSX.Element => (
  <li className="f-activity">
    <span className="f-activity-title">
      <OutcomeMark {...endings[activity.state]} /> <strong>{titleOf(activity)}</strong>{' '}
      {activity.endedAt ? <When at={activity.endedAt} isEvent /> : null}
    </span>
    {activity.state === 'failed' && activity.error ? (
      <FailureNote envelope={activity.error} showEffect onDismiss={() => dismissActivity(activity.id)} />
    ) : (
      <Button size="small" onClick={() => dismissActivity(activity.id)}>
        Dismiss<span className="q-hidden"> {activity.title}</span>
      </Button>
    )}
  </li>
);

const isEnded = (activity: Activity): activity is Activity & { state: 'done' | 'failed' | 'cancelled' } =>
  activity.state !== 'running';

/** What runs, how far it is and what ended; it opens upwards and covers nothing. */
export const ActivitiesArea = (): JSX.Element => {
  const { activities, dismissed } = usePart(useCore, 'activities', 'dismissed');
  const [isOpen, setIsOpen] = useState(false);
  const running = activities.filter(({ state }) => state === 'running');
  const ended = activities.filter(isEnded).filter(({ id }) => !dismissed.has(id));
  const failed = ended.filter(({ state }) => state === 'failed').length;
  const toggle = (): void => setIsOpen(!isOpen);
  useShortcut('a', 'Open or close the list of activities', toggle);
  const parts = [
    running.length === 0 ? 'Nothing is running' : `${running.length} running`,
    ...(ended.length > failed ? [`${ended.length - failed} ended`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return (
    <footer className="f-activities" aria-label="Activities">
      {running.length > 0 || isOpen ? (
        <ul className="f-activity-list">
          {running.map((activity) => (
            <Running key={activity.id} activity={activity} />
          ))}
          {isOpen ? ended.toReversed().map((activity) => <Ended key={activity.id} activity={activity} />) : null}
          {isOpen && running.length + ended.length === 0 ? (
            <li className="f-activity q-quiet">
              Long-running tasks appear here, with their progress. They continue when the window is closed.
            </li>
          ) : null}
        </ul>
      ) : null}
      <div className="f-activity-line">
        <Button size="small" appearance="subtle" onClick={toggle} aria-expanded={isOpen} aria-keyshortcuts="A">
          <KeyLabel text="Activities" letter="a" />
        </Button>
        <span role="status">{parts.join(', ')}.</span>
      </div>
    </footer>
  );
};

import { create } from 'zustand';
import type { Activity } from '../../shared/contract/core.ts';
import type { Output } from '../../shared/contract/index.ts';
import type { Envelope } from '../../shared/errors/failure.ts';
import { activityLost, call, envelopeOf, subscribe, watchLink } from '../api/core.ts';
import { useLink } from '../ui/link.ts';
import { setRehearsalMaker, useServer } from '../ui/server-store.ts';

/** A change that waits for a decision, on whichever server. */
type OpenChange = Output<'journal.list'>[number];

interface CoreState {
  readonly info: Output<'core.info'> | null;
  /** Why the core did not answer. */
  readonly failure: Envelope | null;
  /** The core has ended, and there is no other one yet: what is shown was read before. */
  readonly isLost: boolean;
  readonly activities: readonly Activity[];
  /** Interrupted changes and others that wait; asked for at the start and whenever work ends. */
  readonly openChanges: readonly OpenChange[];
  /** Ended work that a person put away. */
  readonly dismissed: ReadonlySet<string>;
}

export const useCore = create<CoreState>(() => ({
  info: null,
  failure: null,
  isLost: false,
  activities: [],
  openChanges: [],
  dismissed: new Set(),
}));

/** The list with this activity in its newest state. */
export const withActivity = (list: readonly Activity[], activity: Activity): Activity[] =>
  list.some(({ id }) => id === activity.id)
    ? list.map((one) => (one.id === activity.id ? activity : one))
    : [...list, activity];

const readOpenChanges = async (): Promise<void> => {
  try {
    useCore.setState({ openChanges: await call('journal.list', { open: true }) });
  } catch {
    // The Server stage reads the journal itself and shows why it cannot.
  }
};

const listeners = new Set<(activity: Activity) => void>();

/** Tells of every activity as it goes on, until the returned function is called. */
export const listenToActivities = (listen: (activity: Activity) => void): (() => void) => {
  listeners.add(listen);
  return () => listeners.delete(listen);
};

let unsubscribe: (() => void) | null = null;
let unwatch: (() => void) | null = null;

const hear = (activity: Activity): void => {
  useCore.setState(({ activities }) => ({ activities: withActivity(activities, activity) }));
  for (const listen of listeners) listen(activity);
  if (activity.state !== 'running') void readOpenChanges();
};

/** A rehearsal of that name may be there already: then it is opened as it is. */
const makeRehearsal = async (name: string): Promise<Envelope | null> => {
  try {
    await call('rehearsal.create', { name });
  } catch (error) {
    const envelope = envelopeOf(error);
    if (envelope.code !== 'REHEARSAL_EXISTS') return envelope;
  }
  return null;
};

/** Asks who the core is and what runs, and listens from then on. */
export const startCoreStore = async (): Promise<void> => {
  unsubscribe?.();
  setRehearsalMaker(makeRehearsal);
  // What was held back for a moment may be told only after its core has ended.
  unsubscribe = subscribe((activity) =>
    hear(useCore.getState().isLost && activity.state === 'running' ? activityLost(activity) : activity),
  );
  unwatch?.();
  unwatch = watchLink((isThere) => {
    if (!isThere) {
      useCore.setState({ isLost: true });
      useLink.setState({ isLost: true });
      // Nobody says of these how they ended.
      for (const activity of useCore.getState().activities)
        if (activity.state === 'running') hear(activityLost(activity));
    } else if (useCore.getState().isLost) {
      useCore.setState({ isLost: false });
      useLink.setState({ isLost: false });
      void startCoreStore();
    }
  });
  try {
    const [info, running] = await Promise.all([call('core.info', {}), call('activity.list', {})]);
    useCore.setState(({ activities }) => ({
      info,
      failure: null,
      // What was told meanwhile is newer than the list, unless all that was known is that the connection was lost.
      activities: activities
        .filter(({ id, error }) => error?.code !== 'CORE_CONNECTION_LOST' || running.every((one) => one.id !== id))
        .reduce(withActivity, [...running]),
    }));
    void readOpenChanges();
    const { shown, describe } = useServer.getState();
    if (!shown['local']?.name) describe('local', { name: info.machineName });
  } catch (error) {
    useCore.setState({ failure: envelopeOf(error) });
  }
};

export const cancelActivity = async (id: string): Promise<void> => {
  try {
    await call('activity.cancel', { id });
  } catch (error) {
    useCore.setState({ failure: envelopeOf(error) });
  }
};

export const dismissActivity = (id: string): void =>
  useCore.setState(({ dismissed }) => ({ dismissed: new Set([...dismissed, id]) }));

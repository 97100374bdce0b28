import type { Activity } from '../../shared/contract/core.ts';
import { useNavigation } from '../ui/navigation.ts';
import { useServer } from '../ui/server-store.ts';
import { markStale, subjectOf } from '../ui/stage-states.ts';
import { stages, type Stage } from './stage-table.tsx';

/** While a change runs, the stage that is shown is read again at most this often. */
const whileRunningMs = 10_000;

/** Reads a stage's state for the server that is open; `onlyKnown`: unless nobody ever looked at it. */
const refresh = async (stage: Stage, host: string, onlyKnown: boolean): Promise<void> => {
  if (!stage.source) return;
  const source = await stage.source();
  if (!onlyKnown || source.isKnown(host)) await source.read(host);
};

const isAbout = (server: string, host: string): boolean =>
  server === host || subjectOf('cluster', server) === subjectOf('cluster', host);

let lastWhileRunningMs = 0;

/**
 * Keeps the states in the list true: told of every activity as it goes on. Any work on a server may have changed it,
 * whether it ended well or not.
 */
export const keepFresh = (activity: Activity): void => {
  const { host } = useServer.getState();
  // What continues or undoes a change names its entry, not its server: it is begun from the server that is open.
  const server = activity.server ?? (activity.method.startsWith('journal.') ? host : null);
  if (server === null) return;
  const { stage } = useNavigation.getState();
  const shown = stages.find(({ id }) => id === stage);
  if (activity.state === 'running') {
    if (!shown || !isAbout(server, host) || Date.now() - lastWhileRunningMs < whileRunningMs) return;
    lastWhileRunningMs = Date.now();
    markStale(server);
    void refresh(shown, host, true);
    return;
  }
  markStale(server);
  markStale(subjectOf('cluster', server));
  if (!isAbout(server, host)) return;
  // One after the other, what is on screen first: a server answers one question at a time.
  void (async () => {
    if (shown) await refresh(shown, host, true);
    for (const one of stages) if (one !== shown && one.scope !== 'machine') await refresh(one, host, true);
  })();
};

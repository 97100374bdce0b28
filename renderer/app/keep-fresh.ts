import type { Activity } from '../../shared/contract/core.ts';
import { useNavigation } from '../ui/navigation.ts';
import { useServer } from '../ui/server-store.ts';
import { markStale, subjectOf, useStageStates } from '../ui/stage-states.ts';
import { stages, type Stage } from './stage-table.tsx';

/** While a change runs, the stage that is shown is read again at most this often: a server by its commands, the journal from this disk. */
const whileRunningMs = ({ id }: Stage): number => (id === 'history' ? 1_000 : 10_000);

/** Reads a stage's state for the server that is open, unless nobody ever looked at it. */
const refresh = async (stage: Stage, host: string, quietly = false): Promise<void> => {
  if (!stage.source) return;
  const source = await stage.source();
  if (source.isKnown(host)) await source.read(host, quietly);
};

const shownStage = (): Stage | undefined => stages.find(({ id }) => id === useNavigation.getState().stage);

const isAbout = (server: string, host: string): boolean =>
  server === host || subjectOf('cluster', server) === subjectOf('cluster', host);

let lastWhileRunningMs = 0;
let later: ReturnType<typeof setTimeout> | null = null;

/** Reads the stage that is shown now, or once it is due: what was told last may be all that is told for long. */
const readWhileRunning = (): void => {
  const shown = shownStage();
  if (!shown || later !== null) return;
  const paceMs = whileRunningMs(shown);
  // A clock that was put back must not stop it.
  const dueMs = Math.min(paceMs, lastWhileRunningMs + paceMs - Date.now());
  if (dueMs > 0) {
    later = setTimeout(() => {
      later = null;
      readWhileRunning();
    }, dueMs);
    return;
  }
  lastWhileRunningMs = Date.now();
  void refresh(shown, useServer.getState().host, true);
};

/** One after the other, what is on screen first: a server answers one question at a time. */
const readAgain = async (host: string): Promise<void> => {
  const shown = shownStage();
  if (shown) await refresh(shown, host);
  for (const one of stages) if (one !== shown && one.scope !== 'machine') await refresh(one, host);
};

/**
 * Keeps the states in the list true: told of every activity as it goes on. Any work on a server may have changed it,
 * whether it ended well or not.
 */
export const keepFresh = (activity: Activity): void => {
  const { host } = useServer.getState();
  // What continues or undoes a change names its entry, not its server: it is begun from the server that is open.
  const server = activity.server ?? (activity.method.startsWith('journal.') ? host : null);
  if (server === null) return;
  markStale(server);
  if (activity.state === 'running') {
    if (isAbout(server, host)) readWhileRunning();
    return;
  }
  markStale(subjectOf('cluster', server));
  if (!isAbout(server, host)) return;
  if (later !== null) clearTimeout(later);
  later = null;
  void readAgain(host);
};

/** While the core is away, anything may change. */
export const markAllStale = (): void => {
  for (const subject of Object.keys(useStageStates.getState())) markStale(subject);
};

/** After the core was away: whoever had the servers meanwhile may have changed any of them. */
export const readAllAgain = (): void => {
  markAllStale();
  void readAgain(useServer.getState().host);
};

import { shellCommand } from '../../../shared/messages/shell-command.ts';
import type { Activity, Unfinished } from '../../../shared/contract/core.ts';
import type { RunningDrill } from '../../../shared/contract/drill.ts';
import type { FormationStatus } from '../../../shared/contract/formation.ts';
import type { JournalEntry } from '../../../shared/contract/journal.ts';

export interface Begun {
  readonly activities: readonly Activity[];
  /** The open entries of the journal. */
  readonly changes: readonly JournalEntry[];
  /** The formation that this core began last. */
  readonly formation: FormationStatus | null;
  readonly drill: RunningDrill | null;
}

const waits = { restartNeeded: 'restart', waitingForConfirmation: 'confirmation' } as const;

/**
 * What was begun and has to be gone on with by a program that knows how: what runs, what waits for a restart or for a person, and a drill or
 * a formation whose process is gone. A change that was interrupted is none of it: nothing goes on with it by itself, and any later version
 * reads the server before it does. What waits in a rehearsal is none of it either: there is nothing to lose there.
 */
export const listUnfinished = ({ activities, changes, formation, drill }: Begun): Unfinished[] => {
  const found: Unfinished[] = activities.map(({ id, title, startedAt }) => ({
    kind: 'activity',
    id,
    title,
    since: startedAt,
    next: `It is running: wait until it has ended, or cancel it with "quorate activity cancel ${id}".`,
  }));
  const isDrilling = activities.some(({ method }) => method.startsWith('drill.'));
  if (drill && !drill.isRehearsal && !isDrilling)
    found.push({
      kind: 'drill',
      id: drill.id,
      title: `${drill.title}, a drill whose process is gone`,
      since: drill.at,
      next: 'What it took away has to be given back: open Quorate or start "quorate agent", which does that, and look at "quorate drill list".',
    });
  for (const { id, state, title, startedAt, summary, server } of changes) {
    if (server.startsWith('rehearsal:')) continue;
    if (state !== 'restartNeeded' && state !== 'waitingForConfirmation') continue;
    found.push({
      kind: waits[state],
      id,
      title,
      since: startedAt,
      next: `${summary} Restart and let it continue, or "quorate journal finish ${id}", "undo" or "set-aside".`,
    });
  }
  const isForming = activities.some(({ method }) => method.startsWith('formation.'));
  if (formation && !isForming && ['running', 'paused', 'interrupted'].includes(formation.state))
    found.push({
      kind: 'formation',
      id: formation.formation,
      title: `The formation of ${formation.cluster}`,
      since: formation.startedAt,
      next: standing(formation),
    });
  return found;
};

const standing = ({ steps, path, direction }: FormationStatus): string => {
  const done = steps.filter(({ state }) => state === 'done' || state === 'alreadyDone').length;
  const at = steps.find(({ state }) => state === 'running' || state === 'interrupted');
  const orUndo =
    direction === 'form' ? `, or undo it with ${shellCommand(['quorate', 'form', 'undo', '--file', path])}` : '';
  const where = at ? `at "${at.title}" on ${at.node}` : 'between two steps';
  return `It stopped ${where}, with ${done} of ${steps.length} steps done, as it does when this server restarts: continue with "quorate form resume"${orUndo}.`;
};

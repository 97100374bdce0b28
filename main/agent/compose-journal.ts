import {
  journalFinish,
  journalInspect,
  journalList,
  journalPlan,
  journalSetAside,
  journalUndo,
} from '../../shared/contract/journal.ts';
import { failure } from '../../shared/errors/failure.ts';
import { printCaller } from '../../shared/model/caller.ts';
import { parseServerRef, type ServerRef } from '../../shared/model/server-ref.ts';
import { implement, type Implementation } from '../api/registry.ts';
import { mayHaveOpenEntries } from '../journal/closed-entries.ts';
import { runOptions } from './run-options.ts';
import type { ServerAccess } from './server-access.ts';

/** The server of a journal entry. Throws JOURNAL_SERVER_UNKNOWN for one that this version cannot name. */
const serverOf = (stored: string): ServerRef => {
  const ref = parseServerRef(stored);
  if (!ref) throw failure('JOURNAL_SERVER_UNKNOWN', { server: stored });
  return ref;
};

/** The methods of the journal, apart from those about a server: a window asks for the changes that wait before any server is opened. */
export const journalImplementations = (
  dataFolder: string,
  { onServer, openJournal }: ServerAccess,
): Implementation[] => [
  implement(journalList, async ({ server, open }) => {
    // Asked at every start of a window, and then nothing waits: what the changes are is not loaded to say so.
    if (open && !mayHaveOpenEntries(dataFolder)) return [];
    const [opened, { listEntries }] = await Promise.all([openJournal(), import('../operations/plans/journal-view.ts')]);
    const own = listEntries(opened, server ?? null, open);
    if (open || server?.kind !== 'rehearsal') return own;
    const { rehearsedEntries } = await import('../operations/plans/rehearsed-changes.ts');
    return [...own, ...rehearsedEntries(dataFolder, server)].sort((one, other) => other.id.localeCompare(one.id));
  }),
  implement(journalInspect, async ({ id }, { signal }) => {
    const journal = await openJournal();
    const rehearsed = journal.has(id)
      ? null
      : (await import('../operations/plans/rehearsed-changes.ts')).rehearsedEntry(dataFolder, id);
    if (rehearsed) return rehearsed;
    const entry = journal.read(id);
    return onServer(serverOf(entry.begin.server), async (server) =>
      (await import('../operations/plans/finish-change.ts')).inspectChange(server, id, signal),
    );
  }),
  implement(journalPlan, async ({ id, how, answers, secrets }, { signal }) => {
    const entry = (await openJournal()).read(id);
    return onServer(serverOf(entry.begin.server), async (server) => {
      (await import('../operations/plans/lane.ts')).assertIdle(server);
      return how === 'finish'
        ? (await import('../operations/plans/finish-change.ts')).planFinish(server, id, answers, secrets, signal)
        : (await import('../operations/plans/undo-change.ts')).planUndo(server, id, answers, signal);
    });
  }),
  implement(journalFinish, async ({ id, answers, ...given }, context) => {
    const entry = (await openJournal()).read(id);
    return onServer(serverOf(entry.begin.server), async (server) =>
      (await import('../operations/plans/finish-change.ts')).finishChange(
        server,
        id,
        answers,
        runOptions(given, context),
      ),
    );
  }),
  implement(journalUndo, async ({ id, answers, ...given }, context) => {
    const entry = (await openJournal()).read(id);
    return onServer(serverOf(entry.begin.server), async (server) =>
      (await import('../operations/plans/undo-change.ts')).undoChange(server, id, answers, runOptions(given, context)),
    );
  }),
  implement(journalSetAside, async ({ id }, { caller }) =>
    (await import('../operations/plans/finish-change.ts')).setAsideChange(await openJournal(), id, printCaller(caller)),
  ),
];

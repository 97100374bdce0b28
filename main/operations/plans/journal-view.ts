import type { JournalEntry } from '../../../shared/contract/journal.ts';
import { isOpen, isUnknown, touchedSteps, type Entry } from '../../journal/entry.ts';
import { includesServer, parseServerRef, type ServerRef } from '../../../shared/model/server-ref.ts';
import type { Journal, UnreadableEntry } from '../../journal/journal.ts';
import { secretsOf } from '../../coordination/server.ts';
import { zonedTime } from '../../../shared/model/time.ts';

const finishable: readonly JournalEntry['state'][] = ['interrupted', 'restartNeeded', 'failed', 'cancelled'];
const undoable: readonly JournalEntry['state'][] = ['interrupted', 'restartNeeded', 'failed', 'cancelled', 'done'];

const newerText =
  'A newer version of Quorate wrote it. This version shows what it can read; continue it in that version.';

/** What happened, as a sentence. */
const summarise = (entry: Entry): string => {
  const { state, steps, isUndoing } = entry;
  if (entry.isNewer) return newerText;
  const done = steps.filter(({ result }) => result.state === 'done' || result.state === 'alreadyDone').length;
  const total = steps.length;
  const current = steps.find(({ result }) => result.state === 'unknown' || result.state === 'failed');
  const quoted = current ? `"${current.step.title}"` : null;
  switch (state) {
    case 'running':
      return isUndoing ? 'It is being undone.' : `Running: ${done} of ${total} steps are done.`;
    case 'interrupted':
      if (isUndoing) return `Interrupted while it was being undone${quoted ? `, at ${quoted}` : ''}.`;
      return quoted
        ? `Interrupted at ${quoted}; it is not known whether this step was done. ${done} of ${total} steps were done before.`
        : `Interrupted between two steps: ${done} of ${total} are done.`;
    case 'restartNeeded':
      return `It continues after a restart. ${entry.followUp?.text ?? ''}`.trim();
    case 'waitingForConfirmation':
      return `Done, but not confirmed: ${entry.revert?.what ?? 'The change is reverted.'} This happens at ${entry.revert ? zonedTime(entry.revert.dueAt) : 'an unknown time'} unless it is confirmed.`;
    case 'done':
      // A decision is recorded: a warning that was accepted, say.
      if (total === 0) return 'Recorded: nothing was changed on the server.';
      return `Done: ${total} ${total === 1 ? 'step' : 'steps'}.`;
    case 'failed':
      return `It stopped${quoted ? ` at ${quoted}` : ''}, after ${done} of ${total} steps.${entry.revert ? ` ${entry.revert.what} This happens by itself at ${zonedTime(entry.revert.dueAt)}.` : ''}`;
    case 'cancelled':
      return quoted && steps.some(isUnknown)
        ? `Cancelled at ${quoted}; it is not known whether this step was done. ${done} of ${total} steps were done before.`
        : `Cancelled: ${done} of ${total} steps were done.`;
    case 'reverted':
      return 'It was not confirmed in time, so the server reverted it.';
    case 'undone':
      return 'It was undone.';
    case 'newer':
      return newerText;
    case 'damaged':
      return 'Its file is damaged.';
    case 'setAside':
      return 'Dismissed: what was done was left as it is.';
  }
};

/** Why a change cannot be taken back, or which of its steps cannot; null when all can. */
export const undoLimitsOf = (entry: Entry): string | null => {
  const fixed = touchedSteps(entry).filter(({ step }) => step.undoChanges === null);
  if (fixed.length === 0) return null;
  return `${fixed.length === 1 ? 'This step' : 'These steps'} cannot be undone: ${fixed.map(({ step }) => step.title).join('; ')}.`;
};

export const viewEntry = (entry: Entry): JournalEntry => {
  const { begin, state, revert } = entry;
  const touched = touchedSteps(entry);
  const left = entry.steps.filter(({ result }) => !['done', 'alreadyDone', 'undone'].includes(result.state));
  return {
    id: begin.id,
    kind: begin.kind,
    parent: begin.parent,
    coordinator: begin.coordinator,
    nodes: begin.nodes,
    by: begin.by,
    server: begin.server,
    node: begin.node,
    title: begin.title,
    method: begin.method,
    state: entry.isNewer ? 'newer' : state,
    startedAt: begin.at,
    endedAt: entry.endedAt,
    steps: entry.steps.map(({ step, result }) => ({
      step,
      result: state === 'running' && entry.begun.has(step.id) ? { ...result, state: 'running' } : result,
    })),
    summary: summarise(entry),
    isOpen: isOpen(entry) && !entry.isNewer,
    canFinish: !entry.isNewer && finishable.includes(state) && !entry.isUndoing && begin.desire !== null,
    canUndo: !entry.isNewer && undoable.includes(state) && touched.some(({ step }) => step.undoChanges !== null),
    undoLimits: undoLimitsOf(entry),
    secretsNeeded: [...new Set(left.flatMap(({ step }) => secretsOf(step.change)))],
    revert: revert && { id: revert.token, dueAt: revert.dueAt, what: revert.what },
  };
};

/** A file that cannot be read as far as its beginning, or is damaged, as an entry: what can be said of it. */
export const viewUnreadable = ({ id, because, line, raw }: UnreadableEntry): JournalEntry => {
  const fields = (raw ?? {}) as Readonly<Record<string, unknown>>;
  const text = (name: string, fallback: string): string => (typeof fields[name] === 'string' ? fields[name] : fallback);
  const startedAt = text('at', timeOfId(id));
  return {
    id,
    kind: 'change',
    parent: null,
    coordinator: null,
    nodes: [],
    by: text('by', 'unknown'),
    server: text('server', text('host', 'unknown')),
    node: text('node', 'unknown'),
    title: text('title', because === 'newer' ? 'A change of a newer version' : 'A change whose file is damaged'),
    method: text('method', 'unknown'),
    state: because,
    startedAt: Number.isNaN(Date.parse(startedAt)) ? timeOfId(id) : new Date(startedAt).toISOString(),
    endedAt: null,
    steps: [],
    summary:
      because === 'newer'
        ? newerText
        : `Its file is damaged in line ${line}. Look at the server itself; what was written before that line is not trusted to be all.`,
    isOpen: false,
    canFinish: false,
    canUndo: false,
    undoLimits: null,
    secretsNeeded: [],
    revert: null,
  };
};

/** An entry's id begins with its time: `20260105-080000-123-abcdef`. */
const timeOfId = (id: string): string => {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})(\d{2})/.exec(id) ?? [];
  const parsed = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`);
  return Number.isNaN(parsed.getTime()) ? new Date(0).toISOString() : parsed.toISOString();
};

/** Every change of the journal, newest first: those of a server and those that wait for a decision, where that is asked. */
export const listEntries = (journal: Journal, server: ServerRef | null, onlyOpen: boolean): JournalEntry[] => {
  const { entries, unreadable } = onlyOpen ? { entries: journal.listOpen(), unreadable: [] } : journal.list();
  const isOf = (stored: string): boolean => {
    const ref = parseServerRef(stored);
    return server === null || (ref !== null && includesServer(server, ref));
  };
  const views = entries.filter(({ begin }) => isOf(begin.server)).map(viewEntry);
  const known = new Set(views.map(({ id }) => id));
  // A file that cannot be read says not which server it is about: it is shown with all of them.
  const unread = unreadable.filter(({ id }) => !known.has(id)).map(viewUnreadable);
  return [...views, ...unread]
    .filter((entry) => !onlyOpen || entry.isOpen)
    .sort((one, other) => other.id.localeCompare(one.id));
};

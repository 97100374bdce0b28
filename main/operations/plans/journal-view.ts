import type { JournalEntry } from '../../../shared/contract/journal.ts';
import { touchedSteps, type Entry } from '../../journal/entry.ts';
import { secretsOf } from './act.ts';

const finishable: readonly JournalEntry['state'][] = ['interrupted', 'restartNeeded', 'failed', 'cancelled'];
const undoable: readonly JournalEntry['state'][] = ['interrupted', 'restartNeeded', 'failed', 'cancelled', 'done'];

/** What happened, as a sentence. */
const summarise = (entry: Entry): string => {
  const { state, steps, isUndoing } = entry;
  const done = steps.filter(({ result }) => result.state === 'done' || result.state === 'alreadyDone').length;
  const total = steps.length;
  const current = steps.find(({ result }) => result.state === 'unknown' || result.state === 'failed');
  const quoted = current ? `"${current.step.title}"` : null;
  switch (state) {
    case 'running':
      return isUndoing ? 'It is being taken back.' : `It runs: ${done} of ${total} steps are done.`;
    case 'interrupted':
      if (isUndoing) return `Interrupted while it was taken back${quoted ? `, at ${quoted}` : ''}.`;
      return quoted
        ? `Interrupted at ${quoted}; nobody knows yet whether that was done. ${done} of ${total} steps were done before.`
        : `Interrupted between two steps: ${done} of ${total} are done.`;
    case 'restartNeeded':
      return `It goes on after a restart. ${entry.more ?? ''}`.trim();
    case 'waitingForConfirmation':
      return `Done, but not confirmed: ${entry.revert?.what ?? 'it is taken back'} This happens at ${entry.revert?.dueAt ?? 'an unknown time'} unless it is confirmed.`;
    case 'done':
      return `Done: ${total} ${total === 1 ? 'step' : 'steps'}.`;
    case 'failed':
      return `It stopped${quoted ? ` at ${quoted}` : ''}: ${done} of ${total} steps are done.${entry.revert ? ` ${entry.revert.what} This happens by itself at ${entry.revert.dueAt}.` : ''}`;
    case 'cancelled':
      return `Cancelled: ${done} of ${total} steps were done.`;
    case 'reverted':
      return 'It was not confirmed in time and the server took it back.';
    case 'undone':
      return 'It was taken back.';
    case 'setAside':
      return 'It was set aside: whatever was done was left as it is.';
  }
};

/** Why a change can not be taken back, or which of its steps can not; null when all can. */
export const undoLimitsOf = (entry: Entry): string | null => {
  const fixed = touchedSteps(entry).filter(({ step }) => step.undoActions === null);
  return fixed.length === 0
    ? null
    : `These steps can not be taken back: ${fixed.map(({ step }) => step.title).join('; ')}.`;
};

export const viewEntry = (entry: Entry): JournalEntry => {
  const { begin, state, revert } = entry;
  const touched = touchedSteps(entry);
  const left = entry.steps.filter(({ result }) => !['done', 'alreadyDone', 'undone'].includes(result.state));
  return {
    id: begin.id,
    server: begin.host,
    node: begin.node,
    title: begin.title,
    method: begin.method,
    state,
    startedAt: begin.at,
    endedAt: entry.endedAt,
    steps: entry.steps.map(({ step, result }) => ({ step, result })),
    summary: summarise(entry),
    canFinish: finishable.includes(state) && !entry.isUndoing && begin.desire !== null,
    canUndo: undoable.includes(state) && touched.some(({ step }) => step.undoActions !== null),
    undoLimits: undoLimitsOf(entry),
    secretsNeeded: [...new Set(left.flatMap(({ step }) => secretsOf(step.action)))],
    revert: revert && { id: revert.token, dueAt: revert.dueAt, what: revert.what },
  };
};

import type { StepResult } from '../../shared/contract/apply.ts';
import type { journalStates } from '../../shared/contract/journal.ts';
import type { PlannedStep } from '../../shared/plan/draft.ts';
import type { FollowUp } from '../../shared/plan/plan.ts';
import type { BeginRecord, JournalRecord } from './record.ts';

export type JournalState = (typeof journalStates)[number];

export interface EntryStep {
  readonly step: PlannedStep;
  readonly result: StepResult;
}

/** A change as its records tell it. */
export interface Entry {
  readonly begin: BeginRecord;
  readonly state: JournalState;
  readonly steps: readonly EntryStep[];
  readonly followUp: FollowUp | null;
  readonly endedAt: string | null;
  /** The process that wrote last, and when it began to. */
  readonly pid: number;
  readonly pidSince: string;
  readonly revert: { readonly token: string; readonly dueAt: string; readonly what: string } | null;
  /** True while it was being taken back when it was interrupted. */
  readonly isUndoing: boolean;
  /** The steps whose intent was written and nothing after it: while the change runs, they do. */
  readonly begun: ReadonlySet<string>;
  /** True where a newer version of Quorate went on with it: then it is shown and left alone. */
  readonly isNewer: boolean;
}

interface Folding {
  state: JournalState;
  readonly steps: Map<string, EntryStep>;
  followUp: FollowUp | null;
  endedAt: string | null;
  pid: number;
  pidSince: string;
  revert: Entry['revert'];
  isUndoing: boolean;
  readonly begun: Set<string>;
}

const waiting = (step: PlannedStep): EntryStep => ({
  step,
  result: { id: step.id, title: step.title, state: 'waiting', proof: null, error: null, at: null },
});

const fold = (entry: Folding, record: JournalRecord): void => {
  const set = (id: string, change: Partial<StepResult>): void => {
    const current = entry.steps.get(id);
    if (current) entry.steps.set(id, { ...current, result: { ...current.result, ...change, at: record.at } });
  };
  switch (record.type) {
    case 'begin':
      return;
    case 'continued':
      entry.state = 'running';
      entry.endedAt = null;
      entry.followUp = record.followUp;
      entry.pid = record.pid;
      entry.pidSince = record.at;
      entry.isUndoing = false;
      entry.begun.clear();
      // What was never begun and is not planned any more is not left to be done.
      for (const [id, { result }] of entry.steps)
        if (result.state === 'waiting' && !record.steps.some((step) => step.id === id)) entry.steps.delete(id);
      for (const step of record.steps) {
        const current = entry.steps.get(step.id);
        // A step that was done once may be due again, because somebody else undid it: it goes to the end.
        entry.steps.delete(step.id);
        entry.steps.set(step.id, current?.result.state === 'unknown' ? { ...current, step } : waiting(step));
      }
      return;
    case 'intent':
      entry.begun.add(record.step);
      return set(record.step, { state: 'unknown', error: null });
    case 'result':
      entry.begun.delete(record.step);
      return set(record.step, { state: record.state, proof: record.proof, error: null });
    case 'failed':
      entry.begun.delete(record.step);
      return set(record.step, { state: 'failed', error: record.error });
    case 'armed':
      entry.revert = { token: record.token, dueAt: record.dueAt, what: record.what };
      return;
    case 'confirmed':
      entry.revert = null;
      if (entry.state === 'waitingForConfirmation') entry.state = 'done';
      return;
    case 'reverted':
      entry.revert = null;
      entry.state = 'reverted';
      return;
    case 'undoBegin':
      entry.state = 'running';
      entry.endedAt = null;
      entry.pid = record.pid;
      entry.pidSince = record.at;
      entry.isUndoing = true;
      entry.begun.clear();
      return;
    case 'undoIntent':
      return set(record.step, { state: 'unknown' });
    case 'undoResult':
      return set(record.step, { state: 'undone', proof: record.proof });
    case 'end':
      entry.endedAt = record.at;
      entry.state = record.state === 'done' && entry.revert ? 'waitingForConfirmation' : record.state;
  }
};

/** Adds the records of one file up; null when not even its beginning was written. */
export const foldEntry = (records: readonly JournalRecord[]): Entry | null => {
  const [begin] = records;
  if (begin?.type !== 'begin') return null;
  const entry: Folding = {
    state: 'running',
    steps: new Map(begin.steps.map((step) => [step.id, waiting(step)])),
    followUp: begin.followUp,
    endedAt: null,
    pid: begin.pid,
    pidSince: begin.at,
    revert: null,
    isUndoing: false,
    begun: new Set(),
  };
  for (const record of records) fold(entry, record);
  return { ...entry, begin, steps: [...entry.steps.values()], isNewer: false };
};

/** Steps that changed something, or may have: what undoing has to look at. */
export const touchedSteps = (entry: Pick<Entry, 'steps'>): EntryStep[] =>
  entry.steps.filter(({ result }) => ['done', 'unknown', 'failed', 'running'].includes(result.state));

const openStates: readonly JournalState[] = ['interrupted', 'restartNeeded', 'waitingForConfirmation'];

/** Does nobody know whether the step was done? */
export const isUnknown = ({ result }: Pick<EntryStep, 'result'>): boolean =>
  result.state === 'unknown' || (result.state === 'failed' && result.error?.effect === 'unknown');

/**
 * Whether a change waits for a decision. One that failed at its first step and changed nothing, such as a portal whose address
 * was mistyped, is over: there is nothing to go on from and nothing to take back. One that was cancelled is left as a person wanted it,
 * unless nobody knows whether its last step was done.
 */
export const isOpen = (entry: Pick<Entry, 'state' | 'steps'>): boolean =>
  openStates.includes(entry.state) ||
  (entry.state === 'failed' &&
    entry.steps.some(
      ({ result }) =>
        ['done', 'unknown', 'running'].includes(result.state) ||
        (result.state === 'failed' && result.error?.effect !== 'none'),
    )) ||
  (entry.state === 'cancelled' && entry.steps.some(isUnknown));

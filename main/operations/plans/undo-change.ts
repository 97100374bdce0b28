import type { ApplyResult } from '../../../shared/contract/apply.ts';
import { isDone, kindOf } from '../../../shared/changes/index.ts';
import type { Area } from '../../../shared/changes/kind.ts';
import { DraftBuilder, type PlannedStep } from '../../../shared/plan/draft.ts';
import type { Observed } from '../../../shared/plan/observed.ts';
import type { PlanAnswers, PlanView } from '../../../shared/plan/plan.ts';
import { askBeforeUndo } from '../../../shared/plan/undo-questions.ts';
import { touchedSteps, type Entry } from '../../journal/entry.ts';
import type { OpenEntry } from '../../journal/journal.ts';
import { assertReady } from './apply-plan.ts';
import { inLane } from './lane.ts';
import { assertOpen } from './finish-change.ts';
import { undoLimitsOf } from './journal-view.ts';
import { planOf, type Plan } from './make-plan.ts';
import { observeArea } from '../areas/index.ts';
import { readNode } from './read-part.ts';
import { recordIn, StepRunner, type RunOptions, type RunRecord } from './run-steps.ts';
import type { Server } from './server.ts';

interface UndoPlan extends Plan {
  /** For each planned step the step of the entry that it takes back, by id. */
  readonly takesBack: ReadonlyMap<string, string>;
  /** The steps of the entry that are looked at, last first. */
  readonly touched: readonly PlannedStep[];
}

/** What taking a change back comes to now: the way back of each step, last step first, without what is back already. */
const planBack = async (
  server: Server,
  entry: Entry,
  answers: PlanAnswers,
  options: { readonly signal?: AbortSignal; readonly withScripts: boolean },
): Promise<UndoPlan> => {
  const builder = new DraftBuilder(await readNode(server, options.signal), `Undo: ${entry.begin.title}`, answers);
  const touched = touchedSteps(entry)
    .map(({ step }) => step)
    .filter((step) => step.undoChanges !== null)
    .reverse();
  const takesBack = new Map<string, string>();
  let observed: Observed = {};
  for (const step of touched)
    for (const change of step.undoChanges ?? []) {
      const area: Area = kindOf(change).area;
      if (!observed[area]) observed = { ...observed, ...(await observeArea(server, area, options.signal)) };
      if (isDone(change, observed).is === 'yes') continue;
      builder.change(change, observed[area]!, {
        why: `Undoes: ${step.title}.`,
        questions: askBeforeUndo(builder, step.cutsConnection, change, observed),
      });
      takesBack.set(builder.lastId!, step.id);
    }
  const draft = { ...builder.build(), title: `Undo: ${entry.begin.title}` };
  const plan = await planOf(server, draft, observed, { ...options, entry: entry.begin.id });
  return { ...plan, takesBack, touched };
};

/** What undoing a change would do now, with the questions that have to be answered. It changes nothing. */
export const planUndo = async (
  server: Server,
  id: string,
  answers: PlanAnswers,
  signal?: AbortSignal,
): Promise<PlanView> => {
  const entry = server.journal.read(id);
  assertOpen(entry, 'undo');
  return (await planBack(server, entry, answers, { ...(signal ? { signal } : {}), withScripts: true })).view;
};

/** Writes a run into the entry that it takes back: a step of the entry is undone when the last change of its way back is. */
const recordBack = (entry: OpenEntry, plan: UndoPlan): RunRecord => {
  const left = [...plan.takesBack];
  const own = (id: string): string => plan.takesBack.get(id) ?? id;
  return {
    ...recordIn(entry),
    intent: (id) => entry.write('undoIntent', { step: own(id) }),
    done: (id, _state, proof) => {
      left.splice(
        left.findIndex(([planned]) => planned === id),
        1,
      );
      if (!left.some(([, step]) => step === own(id))) entry.write('undoResult', { step: own(id), proof });
    },
    failed: (id, error) => entry.write('failed', { step: own(id), error }),
  };
};

/**
 * Takes back what a change did, last step first, by the same way as it was done; what was found done before the change stays.
 * Steps that cannot be taken back are left and named. Throws JOURNAL_CAN_NOT_UNDO, JOURNAL_ENTRY_NOT_OPEN,
 * HOST_NOT_ELEVATED.
 */
export const undoChange = (
  server: Server,
  id: string,
  answers: PlanAnswers,
  options: RunOptions,
): Promise<ApplyResult> =>
  inLane(server, 'Undo a change', async (lane) => {
    const before = server.journal.read(id);
    lane.name(`Undo: ${before.begin.title}`, before.begin.node);
    assertOpen(before, 'undo');
    options.progress({ doing: 'Reading the server', done: 0, total: null, leftMs: null });
    const plan = await planBack(server, before, answers, { signal: options.signal, withScripts: false });
    await assertReady(server, plan, options);
    const entry = server.journal.continue(id, options.by);
    try {
      entry.write('undoBegin', { pid: process.pid });
      const planned = new Set(plan.takesBack.values());
      for (const step of plan.touched)
        if (!planned.has(step.id)) entry.write('undoResult', { step: step.id, proof: 'it was already undone' });
      const result = await new StepRunner(server, recordBack(entry, plan), plan.steps, options).run();
      entry.write('end', { state: 'undone' });
      return {
        outcome: result.revert ? 'confirmationNeeded' : plan.touched.length === 0 ? 'nothingToChange' : 'changed',
        journal: id,
        node: before.begin.node,
        steps: result.steps.map((step) => ({ ...step, state: 'undone' as const })),
        revert: result.revert,
        followUp: null,
        limits: undoLimitsOf(before),
      };
    } finally {
      entry.close();
    }
  });

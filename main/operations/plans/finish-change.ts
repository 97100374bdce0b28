import { asClause } from '../../../shared/model/sentence.ts';
import type { ApplyResult } from '../../../shared/contract/apply.ts';
import type { JournalEntry } from '../../../shared/contract/journal.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { isDone, kindOf } from '../../../shared/changes/index.ts';
import type { Area } from '../../../shared/changes/kind.ts';
import type { Desire } from '../../../shared/plan/desire.ts';
import { resumeToken } from '../../../shared/plan/host/plan-host.ts';
import type { Observed } from '../../../shared/plan/observed.ts';
import type { PlanAnswers, PlanView } from '../../../shared/plan/plan.ts';
import type { Entry } from '../../journal/entry.ts';
import type { Journal } from '../../journal/journal.ts';
import type { SecretTexts } from '../../coordination/server.ts';
import { assertReady, runPlan } from './apply-plan.ts';
import { inLane } from './lane.ts';
import { becauseText } from '../../../shared/errors/because.ts';
import { viewEntry } from './journal-view.ts';
import { makePlan, plannedNow, type Plan } from './make-plan.ts';
import { observeArea } from '../areas/index.ts';
import type { RunOptions } from './run-steps.ts';
import type { Server } from './server.ts';

/** Looks at the server and says of each step whose end nobody wrote whether it is done. */
const reconcile = async (
  server: Server,
  entry: Entry,
  signal: AbortSignal | undefined,
  onFound: (step: string, proof: string) => void,
): Promise<Map<string, string>> => {
  const observed = new Map<Area, Observed>();
  const texts = new Map<string, string>();
  for (const { step, result } of entry.steps) {
    if (result.state !== 'unknown' && result.state !== 'failed') continue;
    const area = kindOf(step.change).area;
    if (!observed.has(area)) observed.set(area, await observeArea(server, area, signal));
    const found = isDone(step.change, observed.get(area)!);
    texts.set(
      step.id,
      found.is === 'yes'
        ? `done: ${found.proof}`
        : found.is === 'no'
          ? `not done: ${found.found}`
          : found.is === 'unknown'
            ? `not known: ${asClause(becauseText(found.because))}`
            : 'not known: Windows keeps no trace of it',
    );
    if (found.is === 'yes') onFound(step.id, found.proof);
  }
  return texts;
};

/** The entry, with the truth about its unfinished steps read from the server. It writes nothing. */
export const inspectChange = async (server: Server, id: string, signal?: AbortSignal): Promise<JournalEntry> => {
  const entry = server.journal.read(id);
  const found = new Set<string>();
  const texts = entry.isUndoing
    ? new Map<string, string>()
    : await reconcile(server, entry, signal, (step) => found.add(step));
  const view = viewEntry(entry);
  return {
    ...view,
    steps: view.steps.map(({ step, result }) => ({
      step,
      result: {
        ...result,
        state: found.has(step.id) ? 'done' : result.state,
        proof: texts.get(step.id) ?? result.proof,
      },
    })),
  };
};

/**
 * What is still wanted. A restart that has happened is not wanted again: its step is proven by a later start. What was
 * registered to go on after it is taken away.
 */
const leftOf = (entry: Entry, hasRestarted: boolean, ownPartitions: readonly string[]): Desire => {
  const wanted = entry.begin.desire!;
  if (wanted.area === 'storage') {
    // What a format that was cut short left on a partition of this very change may go, once its serial number is typed again.
    const begun = new Set(
      entry.steps.flatMap(({ step, result }) =>
        step.change.do === 'disk.format' && result.state !== 'waiting' ? [step.change.disk] : [],
      ),
    );
    const disks = wanted.desire.disks.map((disk) =>
      begun.has(disk.disk) && ownPartitions.includes(disk.disk) ? { ...disk, discardContent: true } : disk,
    );
    return { area: 'storage', desire: { ...wanted.desire, disks } };
  }
  if (wanted.area !== 'host' || !wanted.desire.restart) return wanted;
  const { restart, ...rest } = wanted.desire;
  const removeResumes = restart.resume ? [...rest.removeResumes, resumeToken] : rest.removeResumes;
  return hasRestarted
    ? { area: 'host', desire: { ...rest, removeResumes } }
    : { area: 'host', desire: { ...rest, restart } };
};

const assertOpen = (entry: Entry, what: 'finish' | 'undo'): void => {
  const view = viewEntry(entry);
  if (what === 'finish' ? view.canFinish : view.canUndo) return;
  if (what === 'undo' && view.undoLimits !== null)
    throw failure('JOURNAL_CAN_NOT_UNDO', { id: view.id, reason: view.undoLimits });
  throw failure('JOURNAL_ENTRY_NOT_OPEN', { id: view.id, state: view.state, what });
};

/** What finishing comes to now, with what was found done of the steps whose end nobody wrote. */
const planLeft = async (
  server: Server,
  entry: Entry,
  answers: PlanAnswers,
  secrets: SecretTexts,
  options: { readonly signal?: AbortSignal; readonly withScripts: boolean },
): Promise<{ readonly plan: Plan; readonly found: readonly (readonly [string, string])[] }> => {
  const found: [string, string][] = [];
  await reconcile(server, entry, options.signal, (step, proof) => found.push([step, proof]));
  const isFound = (id: string): boolean => found.some(([step]) => step === id);
  const restart = entry.steps.find(({ step }) => step.change.do === 'host.restart');
  const hasRestarted =
    restart !== undefined && (['done', 'alreadyDone'].includes(restart.result.state) || isFound(restart.step.id));
  const ownPartitions = entry.steps.flatMap(({ step, result }) =>
    step.change.do === 'disk.createPartition' && (result.state === 'done' || isFound(step.id))
      ? [step.change.disk]
      : [],
  );
  const plan = await makePlan(server, leftOf(entry, hasRestarted, ownPartitions), answers, secrets, {
    ...options,
    entry: entry.begin.id,
    ownPartitions,
  });
  return { plan, found };
};

/**
 * What finishing a change would do now, with the questions that have to be answered again. It changes nothing.
 * Throws JOURNAL_ENTRY_NOT_FOUND, JOURNAL_ENTRY_NOT_OPEN.
 */
export const planFinish = async (
  server: Server,
  id: string,
  answers: PlanAnswers,
  secrets: SecretTexts,
  signal?: AbortSignal,
): Promise<PlanView> => {
  const entry = server.journal.read(id);
  assertOpen(entry, 'finish');
  const { plan } = await planLeft(server, entry, answers, secrets, {
    ...(signal ? { signal } : {}),
    withScripts: true,
  });
  return plan.view;
};

/**
 * Goes on with a change from the truth: reads the server, plans what is left of what was wanted, and does it in the same
 * entry. Throws JOURNAL_ENTRY_NOT_FOUND, JOURNAL_ENTRY_NOT_OPEN, PLAN_SECRET_MISSING,
 * HOST_NOT_ELEVATED and whatever planning throws.
 */
export const finishChange = (
  server: Server,
  id: string,
  answers: PlanAnswers,
  options: RunOptions,
): Promise<ApplyResult> =>
  inLane(server, 'Continue a change', async (lane) => {
    const before = server.journal.read(id);
    lane.name(`Continue: ${before.begin.title}`, before.begin.node);
    assertOpen(before, 'finish');
    options.progress({ doing: 'Reading the server', done: 0, total: null, leftMs: null });
    const planNow = (entry: Entry): ReturnType<typeof planLeft> =>
      planLeft(server, entry, answers, options.secrets, { signal: options.signal, withScripts: false });
    const { plan, found } = await planNow(before);
    await assertReady(server, plan, options);
    const record = server.journal.continue(id, options.by);
    try {
      for (const [step, proof] of found) record.write('result', { step, state: 'done', proof });
      record.write('continued', { steps: plannedNow(plan.steps), followUp: plan.view.followUp, pid: process.pid });
      const planAgain = async (): Promise<Plan> => (await planNow(server.journal.read(id))).plan;
      return await runPlan(server, record, plan, planAgain, options);
    } finally {
      record.close();
    }
  });

/** Leaves an open entry as it is. */
export const setAsideChange = (journal: Journal, id: string, by: string): JournalEntry => {
  const entry = journal.read(id);
  if (!['interrupted', 'restartNeeded', 'failed', 'cancelled'].includes(entry.state))
    throw failure('JOURNAL_ENTRY_NOT_OPEN', { id, state: entry.state, what: 'set aside' });
  const record = journal.continue(id, by);
  try {
    record.write('end', { state: 'setAside' });
  } finally {
    record.close();
  }
  return viewEntry(journal.read(id));
};

export { assertOpen };

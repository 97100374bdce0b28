import { create } from 'zustand';
import type { Activity } from '../../../shared/contract/core.ts';
import type { WarningAcceptance } from '../../../shared/contract/formation.ts';
import type { Output } from '../../../shared/contract/index.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import type { WindowsVersion } from '../../../shared/model/host.ts';
import type { PlanAnswers } from '../../../shared/plan/plan.ts';
import { call, envelopeOf, subscribe } from '../../api/core.ts';
import type { ChosenFile } from '../../api/files.ts';
import { rehearsalOf, useServer } from '../../ui/server-store.ts';
import { setStageState, subjectOf, useStageStates } from '../../ui/stage-states.ts';
import { afterActivity, isFormation, isLacking, isRunning, runOfStatus, withStatus, type Run } from './run.ts';
import { stateOfNone, stateOfRun, stateOfUndone } from './stage-words.ts';

/** A cluster file as it stands in the form. */
export interface Draft {
  readonly path: string;
  readonly text: string;
}

interface FormationState {
  readonly draft: Draft | null;
  readonly check: Output<'formation.checkFile'> | null;
  /** What a draft still lacks, in sentences; of a file that was opened nobody knows. */
  readonly missing: readonly string[];
  readonly plan: Output<'formation.plan'> | null;
  /** What would take the formations of this file back; null until it is asked for. */
  readonly undoPlan: Output<'formation.plan'> | null;
  readonly answers: PlanAnswers;
  /** Kept in memory alone, and travels only with what needs it. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Warnings that a person accepted while a run waited for it: what goes on brings all of them along. */
  readonly acceptWarnings: readonly WarningAcceptance[];
  readonly busy: 'reading' | 'drafting' | 'planning' | null;
  readonly run: Run | null;
  readonly failure: Envelope | null;
}

const nothing: FormationState = {
  draft: null,
  check: null,
  missing: [],
  plan: null,
  undoPlan: null,
  answers: {},
  secrets: {},
  acceptWarnings: [],
  busy: null,
  run: null,
  failure: null,
};

export const useFormation = create<FormationState>(() => nothing);
const set = useFormation.setState;
const state = useFormation.getState;

/** Was the cluster of this machine ever begun? */
let hasOwn = false;

/** The subjects whose formation was undone: nothing of it is left. */
const undone = new Set<string>();

/** The rehearsals in which no formation was begun, of those whose servers were open. */
const unbegun = new Set<string>();

const tell = (subject: string, run: Run | null): void => {
  if (run?.state === 'undone') undone.add(subject);
  else undone.delete(subject);
  unbegun.delete(subject);
  setStageState(subject, 'form', stateOfRun(run));
};

/** Where no formation stands, the list of stages tells of the rehearsal that this page shows, wherever that is. */
const tellOfShown = (subject: string): void => {
  const { run } = state();
  if (unbegun.has(subject)) return setStageState(subject, 'form', stateOfNone(run, true));
  if (!undone.has(subject) && (subject !== 'local' || hasOwn)) return;
  if (run?.rehearsal && subject === `rehearsal:${run.rehearsal}`) return;
  const isRehearsed = run?.rehearsal && run.state !== 'undone';
  setStageState(subject, 'form', undone.has(subject) && !isRehearsed ? stateOfUndone : stateOfNone(run));
};

const show = (run: Run | null): void => {
  set({ run });
  if (run !== null && run.rehearsal === null) hasOwn = true;
  // A rehearsal says nothing about real servers but that it is one.
  if (run?.rehearsal) tell(`rehearsal:${run.rehearsal}`, run);
  if (run === null || run.rehearsal === null) tell('local', run);
  tellOfShown('local');
  tellOfShown(subjectOf('cluster', useServer.getState().host));
};

let isAsking = false;
let isAskedAgain = false;

/** Asks how the shown run stands; what is asked meanwhile is asked once more. */
const askStatus = async (): Promise<void> => {
  const { run } = state();
  if (!run) return;
  if (isAsking) {
    isAskedAgain = true;
    return;
  }
  isAsking = true;
  try {
    const status = await call('formation.status', run.rehearsal === null ? {} : { rehearsal: run.rehearsal });
    const now = state().run;
    if (status && now && now.activityId === run.activityId) show(withStatus(now, status));
  } catch {
    // What the activity tells goes on being shown.
  }
  isAsking = false;
  if (isAskedAgain) {
    isAskedAgain = false;
    void askStatus();
  }
};

/** A plan took the place of what this page tried: how that ended may be told after its caller was answered. */
let isAnswered = false;

const takeActivity = (activity: Activity): void => {
  if (!isFormation(activity)) return;
  const before = state().run;
  const run = afterActivity(before, activity);
  if (run === before) return;
  if (isAnswered && run?.state === 'failed' && isLacking(run.error?.code)) return leaveRun();
  show(run);
  // Steps that nobody told of yet come with a new round; so do the servers as they see themselves then.
  const isRound =
    run !== null && isRunning(run) && (run.steps.length !== before?.steps.length || /^Asking/.test(run.doing ?? ''));
  if (isRound) void askStatus();
};

/** The rehearsal whose program ended while it ran, the last one: it can be continued. */
const interruptedRehearsal = async (): Promise<Run | null> => {
  const rehearsals = await call('rehearsal.list', {});
  const runs = await Promise.all(
    rehearsals.map(async ({ name }) => {
      const status = await call('formation.status', { rehearsal: name });
      return status?.state === 'interrupted' ? [runOfStatus(status, name)] : [];
    }),
  );
  return runs.flat().toSorted((left, right) => right.startedAt.localeCompare(left.startedAt))[0] ?? null;
};

/** How the cluster of the open server stands, which the list of stages shows: the run of this page may be of another one. */
const tellOfOpenServer = async (): Promise<void> => {
  const { host } = useServer.getState();
  const subject = subjectOf('cluster', host);
  const isTold = (): boolean => useStageStates.getState()[subject]?.['form'] !== undefined;
  if (isTold()) return tellOfShown(subject);
  const rehearsal = rehearsalOf(host)?.split('/')[0];
  try {
    const status = await call('formation.status', rehearsal === undefined ? {} : { rehearsal });
    if (isTold()) return;
    if (status) tell(subject, runOfStatus(status, rehearsal ?? null));
    else if (rehearsal === undefined) setStageState(subject, 'form', stateOfNone(state().run));
    else {
      unbegun.add(subject);
      tellOfShown(subject);
    }
  } catch {
    // It stays "Not checked", which is true.
  }
};

let isWatching = false;

/** Shows what runs, wherever it was begun; else what ran last. */
export const watch = async (): Promise<void> => {
  if (isWatching) return;
  isWatching = true;
  subscribe(takeActivity);
  useServer.subscribe(() => void tellOfOpenServer());
  void tellOfOpenServer();
  try {
    for (const activity of await call('activity.list', {})) takeActivity(activity);
    if (state().run) return;
    const status = await call('formation.status', {});
    const own = status ? runOfStatus(status, null) : null;
    hasOwn = own !== null;
    tell('local', own);
    const cut = await interruptedRehearsal();
    show(cut && (own === null || cut.startedAt > own.startedAt) ? cut : own);
  } catch (error) {
    set({ failure: envelopeOf(error) });
  }
};

/** Looks whether another server coordinates a formation that this one is a part of: no activity of this core tells of its steps. */
export const lookElsewhere = async (): Promise<void> => {
  const { run, draft } = state();
  if (document.hidden || draft !== null || (run?.coordinator === null && isRunning(run))) return;
  try {
    const status = await call('formation.status', {});
    if (status?.coordinator) show(runOfStatus(status, null));
  } catch {
    // It is asked again soon.
  }
};

const attempt = async (busy: NonNullable<FormationState['busy']>, work: () => Promise<void>): Promise<void> => {
  set({ busy, failure: null });
  try {
    await work();
  } catch (error) {
    set({ failure: envelopeOf(error) });
  }
  set({ busy: null });
};

/** Takes a file into the form and has it checked. */
export const edit = async (draft: Draft): Promise<void> => {
  set({ draft, plan: null, undoPlan: null, answers: {} });
  try {
    const check = await call('formation.checkFile', draft);
    if (state().draft?.text === draft.text) set({ check, failure: null });
  } catch (error) {
    set({ check: null, failure: envelopeOf(error) });
  }
};

export const openFile = ([chosen]: readonly ChosenFile[]): Promise<void> =>
  chosen === undefined
    ? Promise.resolve()
    : attempt('reading', async () => {
        const { name, text } = await call('formation.readFile', { file: chosen.input });
        set({ missing: [] });
        await edit({ path: name, text });
      });

export interface DraftWish {
  readonly portals: string[];
  readonly target: string | null;
  readonly cluster: string | null;
  readonly storageHost: string | null;
}

export const draftFile = (wish: DraftWish): Promise<void> =>
  attempt('drafting', async () => {
    const { text, missing } = await call('formation.init', wish);
    await edit({ path: 'cluster.json', text });
    set({ missing });
  });

export const closeFile = (): void =>
  set({ draft: null, check: null, plan: null, undoPlan: null, answers: {}, failure: null });

export const answer = (answers: PlanAnswers): void => set({ answers });
export const setSecret = (name: string, value: string): void =>
  set(({ secrets }) => ({ secrets: { ...secrets, [name]: value } }));

const given = (): Record<string, string> =>
  Object.fromEntries(Object.entries(state().secrets).filter(([, value]) => value !== ''));

export const makePlan = (): Promise<void> =>
  attempt('planning', async () => {
    const { draft, answers } = state();
    if (draft) set({ plan: await call('formation.plan', { ...draft, answers, secrets: given() }) });
  });

/** The work is followed by its activity, so that it is shown the same wherever it was begun; `ask` asks for what the work lacks. */
const begin = async (work: () => Promise<unknown>, ask?: () => Promise<void>): Promise<void> => {
  set({ failure: null });
  isAnswered = false;
  try {
    await work();
  } catch (error) {
    const failure = envelopeOf(error);
    if (ask && isLacking(failure.code)) {
      isAnswered = true;
      return ask();
    }
    // The run shows why it stopped; what kept it from beginning is shown here.
    if (!state().run?.error && failure.code !== 'CANCELLED') set({ failure });
  }
};

export const form = (): Promise<void> => {
  const { draft, answers } = state();
  if (!draft) return Promise.resolve();
  return begin(() => call('formation.apply', { ...draft, answers, secrets: given() }));
};

/** Tries again what stopped: what is done by then is not done again. `accepted`: warnings that a person accepted now. */
export const retry = (run: Run, accepted: readonly WarningAcceptance[] = []): Promise<void> => {
  const acceptWarnings = [...state().acceptWarnings, ...accepted];
  set({ acceptWarnings });
  const { rehearsal, direction, file } = run;
  if (rehearsal !== null)
    return begin(() => call('formation.rehearse', { name: rehearsal, resume: true, direction, acceptWarnings }));
  if (!file) return Promise.resolve();
  return begin(
    () =>
      call('formation.apply', { ...file, answers: state().answers, secrets: given(), acceptWarnings, goesOn: true }),
    // A window that was opened since has no secret, and a server may ask what it did not ask before: its plan has a field for each.
    () => planRunAgain(run),
  );
};

export const planBack = (): Promise<void> =>
  attempt('planning', async () => {
    const { draft } = state();
    const input = { direction: 'undo' as const, secrets: given() };
    if (draft) set({ undoPlan: await call('formation.plan', { ...draft, ...input }) });
  });

/** Takes the formations of this file back. What it asks was answered by the cluster's name: restarts, and connections that are cut. */
export const takeBack = (confirm: string): Promise<void> => {
  const { draft, undoPlan } = state();
  if (!draft || !undoPlan) return Promise.resolve();
  const agreed = undoPlan.questions.filter(({ kind }) => kind === 'restart' || kind === 'cutConnection');
  const answers = Object.fromEntries(agreed.map(({ id }) => [id, true]));
  return begin(() => call('formation.apply', { ...draft, direction: 'undo', confirm, answers, secrets: given() }));
};

export interface RehearsalWish {
  readonly name: string;
  readonly nodes: number;
  readonly os: WindowsVersion;
  readonly resume: boolean;
  /** `undo`: takes back what the rehearsal of this name formed. */
  readonly direction: 'form' | 'undo';
  readonly withFile: boolean;
}

export const rehearse = ({ withFile, ...wish }: RehearsalWish): Promise<void> => {
  const { draft } = state();
  return begin(() => call('formation.rehearse', { ...wish, ...(withFile && draft ? draft : {}) }));
};

const order = async (method: 'formation.pause' | 'formation.continue' | 'formation.cancel'): Promise<void> => {
  const { run } = state();
  if (!run) return;
  try {
    await call(method, run.rehearsal === null ? {} : { rehearsal: run.rehearsal });
  } catch (error) {
    set({ failure: envelopeOf(error) });
  }
  await askStatus();
};
export const pause = (): Promise<void> => order('formation.pause');
export const goOn = (): Promise<void> => order('formation.continue');
export const cancel = (): Promise<void> => order('formation.cancel');

export const skip = async (step: string, reason: string): Promise<void> => {
  try {
    await call('formation.skip', { step, reason });
    await makePlan();
  } catch (error) {
    set({ failure: envelopeOf(error) });
  }
};

/** Leaves a step of the run out, before it begins. */
export const skipInRun = async (step: string, reason: string): Promise<void> => {
  await call('formation.skip', { step, reason });
  await askStatus();
};

export const scriptOf = async (step: string): Promise<string | null> => {
  const { run } = state();
  const which = run?.rehearsal ? { rehearsal: run.rehearsal } : {};
  return (await call('formation.script', { step, ...which })).script;
};

/** Puts an ended run away; its record stays, and the list of stages goes on saying how the cluster stands. */
export const leaveRun = (): void => set({ run: null });

/** Puts the run away and plans its file again, the way that it went: what is done by then is not planned any more. */
export const planRunAgain = async (run: Run): Promise<void> => {
  if (!run.file) return;
  leaveRun();
  await edit(run.file);
  if (state().check?.outcome === 'right') await makePlan();
  if (state().plan && run.direction === 'undo') await planBack();
};
export const dismissFailure = (): void => set({ failure: null });

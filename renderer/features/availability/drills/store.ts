import { create } from 'zustand';
import type { Input, Output } from '../../../../shared/contract/index.ts';
import type { Progress } from '../../../../shared/contract/define.ts';
import type { Envelope } from '../../../../shared/errors/failure.ts';
import { call, envelopeOf } from '../../../api/core.ts';

export type DrillPlan = Output<'drill.plan'>;
export type DrillRecord = Output<'drill.list'>[number];
export type Asked = Input<'drill.plan'>;

interface DrillState {
  /** What was asked for, with the plan that answers it. */
  readonly asked: Asked | null;
  readonly plan: DrillPlan | null;
  /** The one that was carried out here last. */
  readonly record: DrillRecord | null;
  /** Newest first; null: not read yet. */
  readonly history: readonly DrillRecord[] | null;
  readonly doing: 'planning' | 'running' | null;
  readonly progress: Progress | null;
  readonly failure: Envelope | null;
}

export const useDrills = create<DrillState>(() => ({
  asked: null,
  plan: null,
  record: null,
  history: null,
  doing: null,
  progress: null,
  failure: null,
}));

const { getState: state, setState: set } = useDrills;
let controller: AbortController | null = null;

/** Also takes back a drill whose process died, and then shows it. */
export const readHistory = async (): Promise<void> => {
  try {
    set({ history: await call('drill.list', {}) });
  } catch (error) {
    set({ failure: envelopeOf(error) });
  }
};

const work = async (doing: 'planning' | 'running', run: (signal: AbortSignal) => Promise<void>): Promise<void> => {
  if (state().doing !== null) return;
  const mine = new AbortController();
  controller = mine;
  set({ doing, failure: null, progress: null });
  try {
    await run(mine.signal);
  } catch (error) {
    const failure = envelopeOf(error);
    if (failure.code !== 'CANCELLED') set({ failure });
  } finally {
    controller = null;
    set({ doing: null, progress: null });
  }
};

const onProgress = (progress: Progress): void => set({ progress });

export const planDrill = (asked: Asked): Promise<void> =>
  work('planning', async (signal) => {
    set({ asked, plan: null, record: null });
    set({ plan: await call('drill.plan', asked, { signal, onProgress }) });
  });

export const runDrill = (): Promise<void> =>
  work('running', async (signal) => {
    const { asked, plan } = state();
    if (!asked || !plan) return;
    const record = await call('drill.run', { ...asked, plan: plan.id }, { signal, onProgress });
    set({ record, plan: null });
    await readHistory();
  });

/** Ends what is under way; a drill gives everything back first. */
export const cancelDrill = (): void => controller?.abort();

export const dropPlan = (): void => set({ asked: null, plan: null, record: null, failure: null });

import { create } from 'zustand';
import type { Outcome } from '../../shared/model/check.ts';

/** What the list of stages shows beside a stage. */
export interface StageState {
  readonly outcome: Outcome;
  /** In a word or two. */
  readonly word: string;
}

export const stageIds = ['readiness', 'network', 'storage', 'server'] as const;
export type StageId = (typeof stageIds)[number];

export const useStageStates = create<Partial<Record<StageId, StageState>>>(() => ({}));

export const setStageState = (stage: StageId, state: StageState): void => useStageStates.setState({ [stage]: state });

import { create } from 'zustand';
import type { Outcome } from '../../shared/model/check.ts';
import type { Envelope } from '../../shared/errors/failure.ts';

/** What the list of stages shows beside a stage. */
export interface StageState {
  readonly outcome: Outcome;
  /** In a word or two. */
  readonly word: string;
}

export const stageIds = ['readiness', 'network', 'storage', 'server', 'availability'] as const;
export type StageId = (typeof stageIds)[number];

/** Each server has its own states: those of a rehearsal say nothing about a real one. */
export const useStageStates = create<Readonly<Record<string, Partial<Record<StageId, StageState>>>>>(() => ({}));

export const setStageState = (host: string, stage: StageId, state: StageState): void =>
  useStageStates.setState((all) => ({ [host]: { ...all[host], [stage]: state } }));

/** The state of a stage that could not be read. */
export const stateOfFailure = ({ code }: Envelope): StageState =>
  code === 'HOST_NOT_HERE'
    ? { outcome: 'notApplicable', word: 'Not on this system' }
    : { outcome: 'unknown', word: 'Not known' };

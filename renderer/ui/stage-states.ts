import { create } from 'zustand';
import type { Envelope } from '../../shared/errors/failure.ts';
import { parseServerRef, printServerRef } from '../../shared/model/server-ref.ts';
import type { StateMark } from './marks.ts';

/** What the list of stages shows beside a stage. */
export interface StageState extends StateMark {
  /** Something was changed since it was read, and it has not been read again. */
  readonly isStale?: boolean;
}

/** What a stage is about: the machine that Quorate runs on, the server that is open, or its cluster. */
export type StageScope = 'machine' | 'server' | 'cluster';

/** The states of each subject by the stage's id: those of a rehearsal say nothing about a real server. */
export const useStageStates = create<Readonly<Record<string, Readonly<Record<string, StageState>>>>>(() => ({}));

/** The subject whose state a stage shows while `host` is open. All servers of a rehearsal share one cluster. */
export const subjectOf = (scope: StageScope, host: string): string => {
  if (scope === 'machine') return 'local';
  if (scope === 'server') return host;
  const ref = parseServerRef(host);
  return ref?.kind === 'rehearsal' ? printServerRef({ ...ref, server: null }) : 'local';
};

export const setStageState = (subject: string, stage: string, state: StageState): void =>
  useStageStates.setState((all) => {
    const before = all[subject]?.[stage];
    // A formation tells its state with every step: what says the same draws nothing anew.
    const isSame = before?.word === state.word && before.outcome === state.outcome && before.isStale === state.isStale;
    return isSame ? all : { [subject]: { ...all[subject], [stage]: state } };
  });

/** What was read of this subject may be true no more. */
export const markStale = (subject: string): void =>
  useStageStates.setState((all) => {
    const states = Object.entries(all[subject] ?? {});
    // Running work says so with every step.
    return states.every(([, { isStale }]) => isStale)
      ? all
      : { [subject]: Object.fromEntries(states.map(([stage, state]) => [stage, { ...state, isStale: true }])) };
  });

/** The state of a stage that could not be read. */
export const stateOfFailure = ({ code }: Envelope): StageState =>
  code === 'HOST_NOT_HERE'
    ? { outcome: 'notApplicable', word: 'Not on this system' }
    : { outcome: 'unknown', word: 'Unknown' };

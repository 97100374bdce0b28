import type { Sense } from './sense.ts';

/** What became of a command: an answer, never an exception. */
export type Answer<Value = undefined> =
  | { readonly status: 'good'; readonly value: Value }
  | { readonly status: 'reservationConflict' }
  | { readonly status: 'checkCondition'; readonly sense: Sense }
  /** Whoever ran it was told to end it before it did anything. */
  | { readonly status: 'aborted' };

/** A command that is under way, as far as the unit asks: is it still wanted? */
export interface Abortable {
  readonly isAborted: boolean;
}

export const wanted: Abortable = { isAborted: false };

/** Why commands of a nexus end: its registration was preempted (which leaves a running reservation command), or a reset. */
export type AbortReason = 'preempted' | 'reset';

/** Ends commands; what they still do on the medium has ended when the promise resolves, null when nothing does. */
export type EndCommands<Args extends unknown[]> = (...args: Args) => Promise<unknown> | null;

export const answerGood: Answer = { status: 'good', value: undefined };
export const answerConflict = { status: 'reservationConflict' } as const;
export const answerCheck = (sense: Sense): { status: 'checkCondition'; sense: Sense } => ({
  status: 'checkCondition',
  sense,
});

/** When the last of them has come; null, and so no waiting at all, when there is nothing to wait for. */
export const endOfAll = (endings: readonly (Promise<unknown> | null)[]): Promise<unknown> | null => {
  const running = endings.filter((one) => one !== null);
  return running.length > 0 ? Promise.all(running) : null;
};

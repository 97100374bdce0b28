import type { DetailOf } from '../errors/failure.ts';
import type { FailureCode } from '../messages/index.ts';

/** Why a change cannot be made, or did not come about: the code with the details that its texts name. */
export type PlannedRefusal = {
  readonly [Code in FailureCode]: { readonly code: Code; readonly detail: DetailOf<Code> };
}[FailureCode];

/**
 * Whether the effect of a change is there. `noTrace`: Windows keeps nothing that could be read back. A `no` may carry a
 * failure that is known from what was read, such as an address that another machine answers for: waiting does not mend it.
 */
export type Done =
  | { readonly is: 'yes'; readonly proof: string }
  | { readonly is: 'no'; readonly found: string; readonly failure?: PlannedRefusal }
  | { readonly is: 'unknown'; readonly because: string }
  | { readonly is: 'noTrace'; readonly text: string };

export const yes = (proof: string): Done => ({ is: 'yes', proof });
export const no = (found: string): Done => ({ is: 'no', found });
export const unknown = (because: string): Done => ({ is: 'unknown', because });
export const noTrace = (text: string): Done => ({ is: 'noTrace', text });

/**
 * Refuses to create what is there already and is not as it is wanted: nothing is called done that differs. Null where `differences` are none.
 * `instead` is what to do, as a sentence.
 */
export const refuseDifferent = (
  thing: string,
  differences: readonly (string | false)[],
  instead: string,
): PlannedRefusal | null => {
  const found = differences.filter((text) => text !== false).join('; ');
  return found === '' ? null : { code: 'PLAN_EXISTS_DIFFERENT', detail: { thing, found, instead } };
};

/** `text` is the proof where it is done, and what was found where it is not. */
export const judge = (isDone: boolean, text: string): Done => (isDone ? yes(text) : no(text));

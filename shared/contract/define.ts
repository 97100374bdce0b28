import type * as z from 'zod';
import type { CallerKind } from '../model/caller.ts';

/**
 * `read` changes nothing and may run in any process; `change` changes this server or the data folder and runs in the
 * one core of that folder; `work` is a change or a measurement that lasts: it becomes an activity that outlives its caller.
 */
export type MethodKind = 'read' | 'change' | 'work';

export interface Method<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> {
  readonly name: Name;
  readonly kind: MethodKind;
  readonly callers: readonly CallerKind[];
  readonly input: Input;
  readonly output: Output;
  /** For `work`: the title that the activity list shows, in the user's words. */
  readonly title?: string;
  /** True where only the running core knows the answer; the CLI then asks that core even for what only reads. */
  readonly inCore?: boolean;
  /** True for what a coordinator orders: a peer may call it only in an epoch that is not lower than any this server heard. */
  readonly isOrder?: boolean;
}

/** Declares a method of the contract. */
export const method = <const Name extends string, Input extends z.ZodType, Output extends z.ZodType>(
  declaration: Method<Name, Input, Output>,
): Method<Name, Input, Output> => declaration;

export type InputOf<M extends Method> = z.input<M['input']>;
export type ParsedInputOf<M extends Method> = z.output<M['input']>;
export type OutputOf<M extends Method> = z.output<M['output']>;

/** How far a call is. `total` and `done` are in the same unit; null where it is not known. */
export interface Progress {
  /** What is being done to what, as a short sentence. */
  readonly doing: string;
  readonly done: number | null;
  readonly total: number | null;
  /** Milliseconds that are left, null while it is not known. */
  readonly leftMs: number | null;
  /** What a screen may draw live, in the method's own form (a step of a qualification, say). */
  readonly data?: unknown;
}

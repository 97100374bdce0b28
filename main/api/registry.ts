import type { Method, OutputOf, ParsedInputOf, Progress } from '../../shared/contract/define.ts';
import type { MethodDomain, MethodName } from '../../shared/contract/index.ts';
import type { Caller } from '../../shared/model/caller.ts';

/** What an operation knows of the call that it answers. */
export interface CallContext {
  readonly caller: Caller;
  /** Aborts when the caller cancels; the operation answers with `CANCELLED` and what was changed by then. */
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

export type Handler<M extends Method> = (
  input: ParsedInputOf<M>,
  context: CallContext,
) => Promise<OutputOf<M>> | OutputOf<M>;

/** A method with the operation that answers it. */
export interface Implementation {
  readonly method: Method;
  readonly handle: (input: unknown, context: CallContext) => unknown;
}

/** Binds a contract method to its operation; the types of both must agree. */
export const implement = <M extends Method>(method: M, handle: Handler<M>): Implementation => ({
  method,
  handle: handle as Implementation['handle'],
});

/** Methods that are bound when one of them is first called. */
export interface LazyImplementations {
  /** Names of methods, and domains: those have all methods of the domain that no group names. */
  readonly of: readonly string[];
  readonly load: () => Promise<readonly Implementation[]>;
}

/** A method or domain may come from several groups; all of them are loaded for it. */
export const lazily = (
  of: readonly (MethodDomain | MethodName)[],
  load: () => Promise<readonly Implementation[]>,
): LazyImplementations => ({ of, load });

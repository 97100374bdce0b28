import type * as z from 'zod';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import type { GroupServer } from '../../ports/peer-port.ts';

/** Those of a group that are named by their ids, in the group's order; all where none is. Throws PEER_UNKNOWN. */
export const chosenOf = (group: readonly GroupServer[], wanted: readonly string[]): GroupServer[] => {
  const unknown = wanted.find((id) => !group.some((server) => server.id === id));
  if (unknown !== undefined) throw failure('PEER_UNKNOWN', { peer: unknown });
  return wanted.length === 0 ? [...group] : group.filter(({ id }) => wanted.includes(id));
};

/** What a server answered, or why it did not: a table of many servers has a column for each. */
export type Answered<T> =
  | { readonly answer: T; readonly because: null }
  | { readonly answer: null; readonly because: string };

/** Waits for one answer of many and checks its form. Throws what is no answer of a server: a bug, and what `signal` cancelled. */
export const answered = async <Schema extends z.ZodType>(
  asked: Promise<unknown>,
  schema: Schema,
  signal?: AbortSignal,
): Promise<Answered<z.output<Schema>>> => {
  try {
    const parsed = schema.safeParse(await asked);
    return parsed.success
      ? { answer: parsed.data, because: null }
      : { answer: null, because: 'it answered in no form that this version knows' };
  } catch (error) {
    if (signal?.aborted || !(error instanceof Failure) || error.code === 'INTERNAL_BUG') throw error;
    return { answer: null, because: `${error.message} [${error.code}]` };
  }
};

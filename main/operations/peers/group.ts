import type * as z from 'zod';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import { peerIdOf } from '../../../shared/model/peer.ts';
import type { PeerPort } from '../../ports/peer-port.ts';

/** A server that is asked through its own core, this one among them. */
export interface GroupServer {
  /** `local`, or the id of a peer. */
  readonly id: string;
  readonly name: string;
  /** Calls a method of the contract there; the answer is not yet checked. Throws what the method throws, and HOST_UNREACHABLE. */
  readonly call: (method: string, input: unknown, signal?: AbortSignal) => Promise<unknown>;
}

/** A server and those that are paired with it. */
export interface GroupParts {
  readonly name: string;
  /** Calls this very core, as a peer would. */
  readonly here: GroupServer['call'];
  readonly paired: readonly { readonly fingerprint: string; readonly name: string }[];
  readonly peers: PeerPort;
}

/** This server first, then those that are paired with it. */
export const groupOf = ({ name: own, here, paired, peers }: GroupParts): GroupServer[] => [
  { id: 'local', name: own, call: here },
  ...paired.map(({ fingerprint, name }): GroupServer => {
    const id = peerIdOf(fingerprint);
    return { id, name, call: (method, input, signal) => peers.call(id, method, input, signal ? { signal } : {}) };
  }),
];

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

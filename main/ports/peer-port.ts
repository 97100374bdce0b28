import { problemOf } from '../../shared/model/issue-words.ts';
import { failure, type Failure } from '../../shared/errors/failure.ts';
import type { Progress } from '../../shared/contract/define.ts';
import type { Epoch } from '../../shared/model/caller.ts';

export interface PeerCallOptions {
  /** Asks the peer to cancel; the call then throws what the peer says it came to. */
  readonly signal?: AbortSignal;
  readonly progress?: (progress: Progress) => void;
  /** The epoch that an order is given in; left out by what orders nothing. */
  readonly epoch?: Epoch;
}

/**
 * The paired instances on other servers. A server's own core is the only one that acts on it, so everything about another
 * server is a call of a contract method there: its core checks the caller, plans and acts by itself.
 */
export interface PeerPort {
  /**
   * Calls a method of a peer's core, as this server, and answers with its result as it came: who calls checks it.
   * @throws Failure PEER_UNKNOWN, HOST_UNREACHABLE (`effect` says whether the call may have been carried out), and
   *   whatever the method throws there
   */
  call(peer: string, method: string, input: unknown, options?: PeerCallOptions): Promise<unknown>;

  /** A peer's name and the version of its Quorate, as it told them last; null: nothing is known of it. */
  describe?(peer: string): Promise<{ readonly name: string; readonly version: string | null } | null>;
}

/** PEER_ANSWER_UNKNOWN of a peer, by its name and version. */
export const unknownAnswer = async (
  peers: Pick<PeerPort, 'describe'>,
  peer: string,
  method: string,
  problem: string,
): Promise<Failure> => {
  const told = (await peers.describe?.(peer)) ?? null;
  return failure('PEER_ANSWER_UNKNOWN', {
    server: told?.name ?? peer,
    version: told?.version ?? 'of unknown version',
    method,
    problem,
  });
};

/** A form of the contract, as far as an answer is checked by it. */
interface Form<Answer> {
  safeParse(
    answer: unknown,
  ):
    | { readonly success: true; readonly data: Answer }
    | { readonly success: false; readonly error: { readonly issues: Parameters<typeof problemOf>[0] } };
}

/** What a peer answered, in the form that this version knows. Throws PEER_ANSWER_UNKNOWN: a peer of another version is no bug here. */
export const knownAnswer = async <Answer>(
  peers: Pick<PeerPort, 'describe'>,
  peer: string,
  { name, output }: { readonly name: string; readonly output: Form<Answer> },
  answer: unknown,
): Promise<Answer> => {
  const parsed = output.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw await unknownAnswer(peers, peer, name, problemOf(parsed.error.issues));
};

/** A server that is asked through its own core, this one among them. */
export interface GroupServer {
  /** `local`, or the id of a peer. */
  readonly id: string;
  readonly name: string;
  /** Calls a method of the contract there; the answer is not yet checked. Throws what the method throws, and HOST_UNREACHABLE. */
  readonly call: (method: string, input: unknown, signal?: AbortSignal) => Promise<unknown>;
}

/** A server that is paired with no other. */
export const noPeers: PeerPort = {
  call: (peer) => Promise.reject(failure('PEER_UNKNOWN', { peer })),
};

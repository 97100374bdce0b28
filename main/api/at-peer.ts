import { localServer, printServerRef, type ServerRef } from '../../shared/model/server-ref.ts';

type PeerRef = Extract<ServerRef, { kind: 'peer' }>;

/** The server that a parsed input is about; undefined where it is about none. */
const refOf = (input: unknown): ServerRef | undefined =>
  input === null || typeof input !== 'object' ? undefined : (input as { server?: ServerRef }).server;

/** The peer that a parsed input is about; null where it is about anything else. */
export const peerOf = (input: unknown): PeerRef | null => {
  const server = refOf(input);
  return server?.kind === 'peer' ? server : null;
};

/** Is a parsed input about the server that answers, or about none? */
export const isAboutThisServer = (input: unknown): boolean => (refOf(input)?.kind ?? 'local') === 'local';

/** The printed reference of the server that a parsed input is about; null where it is about none. */
export const serverOf = (input: unknown): string | null => {
  const server = refOf(input);
  return server === undefined ? null : printServerRef(server);
};

const local = printServerRef(localServer);

/** The same input as the peer has to take it: about itself. */
export const inputAtPeer = (input: unknown): unknown => ({ ...(input as object), server: local });

/** A peer answers about itself alone: it is `local`, or a simulated server that its core takes for its own. */
const isItself = (ref: unknown): boolean => ref === local || (typeof ref === 'string' && ref.startsWith('rehearsal:'));

/** An answer of a peer as it reads here: views say which server they are of. */
export const answerOfPeer = (answer: unknown, peer: PeerRef): unknown => {
  if (Array.isArray(answer)) return answer.map((one) => answerOfPeer(one, peer));
  if (answer === null || typeof answer !== 'object') return answer;
  const { server } = answer as { server?: unknown };
  if (isItself(server)) return { ...answer, server: printServerRef(peer) };
  const isView = server !== null && typeof server === 'object' && isItself((server as { ref?: unknown }).ref);
  return isView ? { ...answer, server: { ...server, ref: printServerRef(peer) } } : answer;
};

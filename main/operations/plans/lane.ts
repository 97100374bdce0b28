import { failure } from '../../../shared/errors/failure.ts';
import { parseServerRef } from '../../../shared/model/server-ref.ts';
import { zonedTime } from '../../../shared/model/time.ts';
import type { Server } from './server.ts';

/** What runs on a server at the moment, as a person calls it. */
export interface Lane {
  /** Names it better, once its plan or its entry has been read. */
  readonly name: (title: string, node?: string) => void;
}

interface Running {
  title: string;
  node: string;
  /** ISO 8601. */
  readonly since: string;
}

/** One change of a server at a time, and each in its own lane: a second one is refused, not queued. */
const running = new Map<string, Running>();

const nodeOf = ({ name }: Pick<Server, 'name'>): string => {
  const ref = parseServerRef(name);
  return (ref?.kind === 'rehearsal' ? ref.server : null) ?? (ref?.kind === 'local' ? 'this server' : name);
};

/** Throws PLAN_BUSY, which names what runs, while a change of this server runs. */
export const assertIdle = (server: Pick<Server, 'name'>): void => {
  const other = running.get(server.name);
  if (other) throw failure('PLAN_BUSY', { server: other.node, title: other.title, since: zonedTime(other.since) });
};

/**
 * Runs a change of a server unless another one runs.
 * @param title in the words of the activity list
 * @throws Failure PLAN_BUSY, and whatever the work throws
 */
export const inLane = async <T>(
  server: Pick<Server, 'name'>,
  title: string,
  work: (lane: Lane) => Promise<T>,
): Promise<T> => {
  assertIdle(server);
  const own: Running = { title, node: nodeOf(server), since: new Date().toISOString() };
  running.set(server.name, own);
  try {
    return await work({
      name: (better, node = own.node) => {
        own.title = better;
        own.node = node;
      },
    });
  } finally {
    running.delete(server.name);
  }
};

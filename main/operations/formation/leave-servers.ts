import { Failure } from '../../../shared/errors/failure.ts';
import type { FormationServer } from './ask-servers.ts';

export type EndState = Parameters<FormationServer['leave']>[0];

/** Tells every server that the formation has ended, and answers with what a person has to know at once of how they were left; null: nothing. */
export const leaveServers = async (servers: readonly FormationServer[], state: EndState): Promise<string | null> => {
  const told = await Promise.all(
    servers.map(async ({ name, leave }) => {
      // Each keeps its own record; one that cannot be told finds its record open when it is asked the next time.
      const said = await leave(state).catch(() => null);
      return said === null ? [] : [`${name}: ${said}`];
    }),
  );
  const words = told.flat();
  return words.length === 0 ? null : words.join(' ');
};

/** What a formation stopped at, with how its servers were left. */
export const withAftermath = (error: unknown, aftermath: string | null): unknown =>
  error instanceof Failure && aftermath !== null
    ? new Failure(
        error.code,
        { ...error.detail, aftermath },
        { effect: error.effect, retry: error.retry, cause: error.cause },
      )
    : error;

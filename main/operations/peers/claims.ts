import { promiseList, type ServerClaims } from '../../../shared/contract/promises.ts';
import { Failure } from '../../../shared/errors/failure.ts';

/** A server whose promises are still to be asked for. */
export interface ServerWithClaims {
  readonly id: string;
  readonly name: string;
  /** Answers in the form of `promise.list`, not yet checked. */
  readonly ask: () => Promise<unknown>;
}

/** Asks all servers at once which promises they keep. One that does not answer is told with the reason. @throws Failure CANCELLED */
export const surveyClaims = (servers: readonly ServerWithClaims[], signal?: AbortSignal): Promise<ServerClaims[]> =>
  Promise.all(
    servers.map(async ({ id, name, ask }): Promise<ServerClaims> => {
      try {
        const parsed = promiseList.output.safeParse(await ask());
        if (parsed.success) return { id, name, claims: parsed.data.claims, because: null };
        return { id, name, claims: null, because: 'it answered in no form that this version knows' };
      } catch (error) {
        // What this server keeps itself and cannot read is no answer to show beside others.
        if (signal?.aborted || id === 'local' || !(error instanceof Failure) || error.code === 'INTERNAL_BUG')
          throw error;
        return { id, name, claims: null, because: `${error.message} [${error.code}]` };
      }
    }),
  );

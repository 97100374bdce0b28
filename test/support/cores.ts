import { join } from 'node:path';
import { composeCore } from '../../main/agent/compose.ts';

/** A core in this process, with a data folder of its own. */
export interface TestCore {
  /** Asks as the command line does. @throws an error with the envelope's fields */
  call<T>(method: string, input: object): Promise<T>;
  close(): Promise<void>;
}

/** Several cores of one test find the worlds of rehearsals in `data`; `server` is the server of its world "lab" that a core takes for its own. */
export const startCore = (data: string, folder: string, server?: string): TestCore => {
  const { core, peers, closeServers } = composeCore({
    dataFolder: join(data, folder),
    worldsFolder: data,
    host: 'agent',
    ...(server === undefined ? {} : { localServer: { kind: 'rehearsal', world: 'lab', server } as const }),
  });
  return {
    call: async <T>(method: string, input: object): Promise<T> => {
      const outcome = await core.call(method, input, { caller: { kind: 'cli' } });
      if (!outcome.ok) throw Object.assign(new Error(outcome.error.code), outcome.error);
      return outcome.result as T;
    },
    close: async () => {
      await peers.close();
      await closeServers();
    },
  };
};

import { Failure } from '../../../shared/errors/failure.ts';
import { localServer, printServerRef } from '../../../shared/model/server-ref.ts';
import { serversAround } from '../availability/observe-server.ts';
import type { DrillTools } from './drills.ts';
import type { AskCore } from './qualify-lun.ts';

/** Asks another server of the file, by its name, how its Windows went down. One that does not answer is an answer. */
export const askLastStop =
  (ask: AskCore): DrillTools['lastStop'] =>
  async (name, signal) => {
    const server = (await serversAround(localServer, ask, signal)).get(name.toLowerCase());
    if (!server) return { because: `no server ${name} is paired with this one` };
    try {
      return await ask('host.lastStop', { server: printServerRef(server) }, signal);
    } catch (error) {
      if (!(error instanceof Failure) || signal.aborted) throw error;
      return { because: error.message };
    }
  };

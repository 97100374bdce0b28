import { Failure } from '../../../shared/errors/failure.ts';
import { localServer, printServerRef } from '../../../shared/model/server-ref.ts';
import { serversAround } from '../availability/observe-server.ts';
import type { FailureCode } from '../../../shared/messages/index.ts';
import type { DrillTools } from './drills.ts';
import type { AskCore } from './qualify-lun.ts';

/** What a Windows that has just started may answer once and not again: nobody knows the cause of it. */
const passing: readonly FailureCode[] = ['POWERSHELL_SESSION_DIED', 'POWERSHELL_ERROR_UNKNOWN', 'WINDOWS_REFUSED'];

/** Will the same question fail in the same way until somebody changes something: a denial, another version, a module that is missing? */
const isSettled = ({ code, retry }: Failure): boolean =>
  (retry === 'afterChange' || retry === 'never') && !passing.includes(code);

/** Asks another server of the file, by its name, how its Windows went down. One that does not answer is an answer. */
export const askLastStop =
  (ask: AskCore): DrillTools['lastStop'] =>
  async (name, signal) => {
    const server = (await serversAround(localServer, ask, signal)).get(name.toLowerCase());
    if (!server) return { because: `no server ${name} is paired with this one`, isFinal: true };
    try {
      return await ask('host.lastStop', { server: printServerRef(server) }, signal);
    } catch (error) {
      if (!(error instanceof Failure) || signal.aborted) throw error;
      return { because: error.message, isFinal: isSettled(error) };
    }
  };

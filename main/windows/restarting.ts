import { Failure, failure } from '../../shared/errors/failure.ts';
import type { FailureCode } from '../../shared/messages/index.ts';
import type { RunOptions, RunOutcome, Runner } from '../powershell/index.ts';

/** How calls end while Windows is going down: sessions die, none can be started, services do not answer. */
const lost: readonly FailureCode[] = [
  'POWERSHELL_SESSION_DIED',
  'POWERSHELL_NOT_STARTED',
  'POWERSHELL_NOT_READY',
  'WINDOWS_RPC_UNAVAILABLE',
];
/** ERROR_SHUTDOWN_IN_PROGRESS. */
const shutdownInProgress = 1115;

const isOfRestart = (error: unknown): error is Failure =>
  error instanceof Failure && (lost.includes(error.code) || error.detail['win32'] === shutdownInProgress);

/**
 * A runner that knows of an ordered restart: from then on, until a call ends well, a call that is cut short says
 * `HOST_RESTARTING` and not that something broke.
 */
export const watchRestart = (runner: Runner): { readonly runner: Runner; readonly restartOrdered: () => void } => {
  let restarting = false;
  const watched: Runner = {
    ...runner,
    scripts: runner.scripts,
    get counts() {
      return runner.counts;
    },
    async run<Data, Expected extends FailureCode>(
      name: string,
      input: object,
      options?: RunOptions<Data, Expected>,
    ): Promise<RunOutcome<Data, Expected>> {
      try {
        const outcome = await runner.run<Data, Expected>(name, input, options);
        restarting = false;
        return outcome;
      } catch (error) {
        if (!restarting || !isOfRestart(error)) throw error;
        throw failure('HOST_RESTARTING', { server: 'that Quorate runs on' }, { effect: error.effect, cause: error });
      }
    },
  };
  return {
    runner: watched,
    restartOrdered: () => {
      restarting = true;
    },
  };
};

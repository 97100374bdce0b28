import { NO_RESIDUAL, type ScsiCommand, type ScsiExecutor, type ScsiOutcome, type ScsiResponse } from './executor.ts';
import { STATUS } from './status.ts';

/** What may be said for every command. */
export interface CommandOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** GOOD with the decoded value, else status and sense. The decoder may throw DATA_MALFORMED. */
export const toOutcome = <T>(response: ScsiResponse, decode: (data: Buffer) => T): ScsiOutcome<T> =>
  response.status === STATUS.GOOD
    ? { ok: true, status: STATUS.GOOD, value: decode(response.data), residual: response.residual }
    : { ok: false, status: response.status, sense: response.sense };

/** Without `async`: a command costs one promise here, not three. */
export const run = <T>(
  executor: ScsiExecutor,
  command: ScsiCommand,
  options: CommandOptions,
  decode: (data: Buffer) => T,
): Promise<ScsiOutcome<T>> => {
  const { timeoutMs, signal } = options;
  const whole =
    timeoutMs === undefined && signal === undefined
      ? command
      : {
          ...command,
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
          ...(signal === undefined ? {} : { signal }),
        };
  return executor.execute(whole).then((response) => toOutcome(response, decode));
};

export const nothing = (): undefined => undefined;

export const good = <T>(value: T): ScsiOutcome<T> => ({ ok: true, status: STATUS.GOOD, value, residual: NO_RESIDUAL });

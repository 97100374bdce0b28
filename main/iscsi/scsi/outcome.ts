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

export const run = async <T>(
  executor: ScsiExecutor,
  command: ScsiCommand,
  options: CommandOptions,
  decode: (data: Buffer) => T,
): Promise<ScsiOutcome<T>> =>
  toOutcome(
    await executor.execute({
      ...command,
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }),
    decode,
  );

export const nothing = (): undefined => undefined;

export const good = <T>(value: T): ScsiOutcome<T> => ({ ok: true, status: STATUS.GOOD, value, residual: NO_RESIDUAL });

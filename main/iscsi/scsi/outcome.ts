import { IscsiError } from '../error.ts';
import { NO_RESIDUAL, type ScsiCommand, type ScsiExecutor, type ScsiOutcome, type ScsiResponse } from './executor.ts';
import { formatLun } from './lun.ts';
import { STATUS } from './status.ts';

/** What may be said for every command. */
export interface CommandOptions {
  /** Deadline: 1 to 2147483647. Left out: the executor's own. */
  readonly timeoutMs?: number;
  /** Aborts the command, which then rejects with COMMAND_ABORTED. */
  readonly signal?: AbortSignal;
}

/** GOOD with the decoded value, else status and sense. The decoder may throw DATA_MALFORMED. */
export const toOutcome = <T>(response: ScsiResponse, decode: (data: Buffer) => T): ScsiOutcome<T> =>
  response.status === STATUS.GOOD
    ? { ok: true, status: STATUS.GOOD, value: decode(response.data), residual: response.residual }
    : { ok: false, status: response.status, sense: response.sense };

/** The error of a decoder with its place, which no decoder knows. */
export const placed = (executor: ScsiExecutor, lun: bigint, error: unknown): unknown =>
  error instanceof IscsiError ? error.at({ ...executor.place, lun: formatLun(lun) }) : error;

/** Sends a command and decodes what it brings. Rejects with DATA_MALFORMED, which names the place. Without `async`: a command costs one promise here, not three. */
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
  const convert = (response: ScsiResponse): ScsiOutcome<T> => {
    try {
      return toOutcome(response, decode);
    } catch (error) {
      throw placed(executor, command.lun, error);
    }
  };
  return executor.executeAs === undefined ? executor.execute(whole).then(convert) : executor.executeAs(whole, convert);
};

/** The decoder of commands that bring no data. */
export const nothing = (): undefined => undefined;

/** GOOD without a command. */
export const good = <T>(value: T): ScsiOutcome<T> => ({ ok: true, status: STATUS.GOOD, value, residual: NO_RESIDUAL });

import type { IscsiErrorContext } from '../error.ts';
import type { Sense } from './sense.ts';

/**
 * What this folder needs from a transport. Nothing here knows which one it is: the initiator's session implements it, and so may a
 * test's array of canned answers.
 */
export interface ScsiCommand {
  /** 1 to 16 bytes. */
  readonly cdb: Buffer;
  /** The 64-bit LUN of SAM-5 section 4.7; see `lunFromNumber`. */
  readonly lun: bigint;
  /** What is written; must not change before the answer. Empty: the command is a write of nothing, and goes out as a write. */
  readonly dataOut?: Buffer;
  /** The most that the target may send. Left out: nothing is expected. */
  readonly expectedDataInBytes?: number;
  /**
   * Where the data goes, at least `expectedDataInBytes` long; left out, a buffer is made. When the command rejects, do not use it again:
   * what is on its way may still be written to it.
   */
  readonly dataIn?: Buffer;
  /** Default: simple. */
  readonly taskAttribute?: TaskAttribute;
  /** Deadline of this command: 1 to 2147483647. Left out: the transport's own. */
  readonly timeoutMs?: number;
  /** Aborts the command; the promise then rejects with COMMAND_ABORTED. */
  readonly signal?: AbortSignal;
}

/** SAM-5 section 8.9; the numbers are those of RFC 7143 section 11.3.1. */
export const TASK_ATTRIBUTES = { untagged: 0, simple: 1, ordered: 2, headOfQueue: 3, aca: 4 } as const;
/** How this package calls the task attributes. */
export type TaskAttribute = keyof typeof TASK_ATTRIBUTES;

/** The difference between what was expected and what was moved. */
export type Residual =
  | { readonly kind: 'none' }
  | { readonly kind: 'underflow'; readonly bytes: number }
  | { readonly kind: 'overflow'; readonly bytes: number };

/** As much was moved as was expected. */
export const NO_RESIDUAL: Residual = { kind: 'none' };

/** A status is a result and never an exception. */
export interface ScsiResponse {
  /** The status byte: see `STATUS`. */
  readonly status: number;
  readonly sense?: Sense;
  /** What arrived, exactly as long as that. */
  readonly data: Buffer;
  readonly residual: Residual;
}

/** Carries commands to logical units. */
export interface ScsiExecutor {
  /** Where they are, as far as it is known; errors about what they sent name it. */
  readonly place?: IscsiErrorContext;
  /** Resolves with status and sense, whatever they are; rejects when there is no answer. */
  execute(command: ScsiCommand): Promise<ScsiResponse>;
  /** The same, and resolves with what `convert` makes of the answer; what that throws, it rejects with. One promise less for each command. */
  executeAs?<T>(command: ScsiCommand, convert: (response: ScsiResponse) => T): Promise<T>;
}

/** What a command brought: its value when the status was GOOD, else status and sense. */
export type ScsiOutcome<T> =
  | { readonly ok: true; readonly status: 0; readonly value: T; readonly residual: Residual }
  | { readonly ok: false; readonly status: number; readonly sense: Sense | undefined };

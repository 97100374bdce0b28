import type { PreparedCommand } from './scsi/result.ts';
import type { CommandName } from '../faults/index.ts';

/** One R2T that has not been answered in full. */
export interface Solicitation {
  readonly offset: number;
  readonly length: number;
  received: number;
  nextDataSn: number;
}

/** What ending commands came to. */
export interface Aborted {
  readonly count: number;
  /** Resolves when those that ran have ended; null when none ran. */
  readonly ended: Promise<unknown> | null;
}

/** A SCSI command in progress: what came with it and what it still waits for. */
export interface Task {
  readonly itt: number;
  readonly lun: bigint;
  readonly lunNumber: number | null;
  readonly command: CommandName | null;
  readonly prepared: PreparedCommand;
  readonly expectedLength: number;
  readonly reads: boolean;
  /** How many bytes of data are wanted: the smaller of what the CDB and what the header say. */
  readonly wanted: number;
  readonly data: Buffer;
  /** Bytes that have arrived, counted from the start; data comes in order (DataPDUInOrder and DataSequenceInOrder). */
  received: number;
  /** Unsolicited Data-Out PDUs are still to come. */
  unsolicitedOpen: boolean;
  nextUnsolicitedDataSn: number;
  /** By Target Transfer Tag. */
  readonly solicitations: Map<number, Solicitation>;
  /** The next byte that no R2T has asked for. */
  asked: number;
  /** R2TSN; R2T and Data-In PDUs are counted together (RFC 7143 section 11.4.11). */
  nextR2tSn: number;
  isRunning: boolean;
  /** Resolves when nothing is done for it any more, an answer or not; null while it does not run, or ran at once. */
  ended: Promise<unknown> | null;
  isAborted: boolean;
  /** Whether a first PDU has answered it: the fault step of the command's name is that PDU. */
  isAnswered: boolean;
}

import {
  cdbOf,
  encodeSenseSegment,
  numberFromLun,
  RESERVED_TAG,
  type Pdu,
  type PduInput,
  type PduOf,
} from '../../iscsi/index.ts';
import { encodeFixedSense, endOfAll, senses } from '../store/index.ts';
import type { Step } from '../faults/index.ts';
import { rejectReasons } from './reject-reasons.ts';
import { checkResult, isResult, statusCodes, type CommandResult } from './scsi/result.ts';
import type { Connection } from './connection.ts';
import type { SessionHost } from './session-host.ts';
import type { Aborted, Solicitation, Task } from './task.ts';

const none = Buffer.alloc(0);

/** What the transfers need of the session that they belong to. */
export interface TransferSession {
  readonly host: SessionHost;
  readonly connection: Connection;
  readonly isEnded: boolean;
  /** A Target Transfer Tag that is not in use. */
  takeTransferTag(): number;
  reject(pdu: Pdu, reason: number): void;
  end(because: string): void;
}

/** The SCSI commands of one session: data in both directions and the answer (RFC 7143 sections 4.2.5 and 11.3 to 11.8). */
export class ScsiTransfers {
  readonly #session: TransferSession;
  readonly #tasks = new Map<number, Task>();

  constructor(session: TransferSession) {
    this.#session = session;
  }

  /** How many commands are under way. */
  get count(): number {
    return this.#tasks.size;
  }

  /** Ends the commands that match, without an answer. */
  abort(matches: (task: Task) => boolean): Aborted {
    const tasks = [...this.#tasks.values()].filter(matches);
    for (const task of tasks) {
      task.isAborted = true;
      this.#tasks.delete(task.itt);
    }
    return { count: tasks.length, ended: endOfAll(tasks.map((task) => task.ended)) };
  }

  /** Starts a command: says no at once, or asks for its data, or runs it. */
  start(pdu: PduOf<'scsiCommand'>): void {
    const { deviceServer, nexus, port, parameters } = this.#session.host;
    if (!deviceServer) return this.#session.reject(pdu, rejectReasons.commandNotSupported);
    if (this.#tasks.has(pdu.itt)) return this.#session.reject(pdu, rejectReasons.taskInProgress);
    const cdb = cdbOf(pdu);
    const lunNumber = numberFromLun(pdu.lun) ?? null;
    const examined = deviceServer.examine({ nexus, port, lun: lunNumber, cdb });
    const early = isResult(examined.prepared) ? examined.prepared : null;
    const expectedLength = pdu.expectedDataTransferLength;
    const dataOutBytes = isResult(examined.prepared) ? 0 : examined.prepared.dataOutBytes;
    const wanted = pdu.write ? Math.min(dataOutBytes, expectedLength) : 0;
    const task: Task = {
      itt: pdu.itt,
      lun: pdu.lun,
      lunNumber,
      command: examined.name,
      prepared: isResult(examined.prepared)
        ? { dataOutBytes: 0, run: () => early ?? checkResult(senses.internalTargetFailure) }
        : examined.prepared,
      expectedLength,
      reads: pdu.read,
      wanted,
      data: Buffer.alloc(wanted),
      received: 0,
      unsolicitedOpen: pdu.write && !pdu.final,
      nextUnsolicitedDataSn: 0,
      solicitations: new Map(),
      asked: 0,
      nextR2tSn: 0,
      isRunning: false,
      ended: null,
      isAborted: false,
      isAnswered: false,
    };
    this.#tasks.set(task.itt, task);
    const unexpected =
      (pdu.data.length > 0 && (!pdu.write || !parameters.immediateData)) ||
      (task.unsolicitedOpen && parameters.initialR2T) ||
      pdu.data.length > Math.min(parameters.firstBurstLength, expectedLength);
    if (unexpected) {
      // RFC 7143 section 11.4.7.2: ABORTED COMMAND, UNEXPECTED UNSOLICITED DATA.
      task.unsolicitedOpen = false;
      return this.#complete(task, checkResult(senses.unexpectedUnsolicitedData));
    }
    this.#store(task, 0, pdu.data);
    this.#goOn(task);
  }

  #store(task: Task, offset: number, data: Buffer): void {
    if (offset < task.wanted) data.copy(task.data, offset, 0, Math.min(data.length, task.wanted - offset));
    task.received = offset + data.length;
  }

  /** Takes a Data-Out PDU. */
  takeData(pdu: PduOf<'dataOut'>): void {
    const task = this.#tasks.get(pdu.itt);
    if (!task) return; // of a command that was aborted meanwhile
    const isUnsolicited = pdu.ttt === RESERVED_TAG;
    const solicitation = task.solicitations.get(pdu.ttt);
    const problem = isUnsolicited ? this.#checkUnsolicited(task, pdu) : checkSolicited(solicitation, pdu);
    if (problem !== null) {
      // A sequence that is broken cannot be mended on ErrorRecoveryLevel 0 (RFC 7143 section 7.9).
      this.#session.reject(pdu, rejectReasons.protocolError);
      this.#session.end(problem);
      this.#session.connection.finish(problem);
      return;
    }
    this.#store(task, pdu.bufferOffset, pdu.data);
    if (isUnsolicited) {
      task.nextUnsolicitedDataSn++;
      if (pdu.final) task.unsolicitedOpen = false;
    } else if (solicitation) {
      solicitation.nextDataSn++;
      solicitation.received += pdu.data.length;
      if (pdu.final) task.solicitations.delete(pdu.ttt);
    }
    this.#goOn(task);
  }

  #checkUnsolicited(task: Task, pdu: PduOf<'dataOut'>): string | null {
    const { firstBurstLength } = this.#session.host.parameters;
    if (!task.unsolicitedOpen) return 'unsolicited data came when none was due';
    if (pdu.dataSn !== task.nextUnsolicitedDataSn) return 'a DataSN is missing';
    if (pdu.bufferOffset !== task.received) return 'the data came out of order';
    const end = pdu.bufferOffset + pdu.data.length;
    if (end > Math.min(firstBurstLength, task.expectedLength)) return 'more unsolicited data came than was agreed';
    return null;
  }

  /** Asks for the next data or, when all is here, runs the command. */
  #goOn(task: Task): void {
    if (task.isRunning || task.isAborted || task.unsolicitedOpen) return;
    if (task.asked < task.received) task.asked = task.received;
    const { maxOutstandingR2T, maxBurstLength } = this.#session.host.parameters;
    while (task.asked < task.wanted && task.solicitations.size < maxOutstandingR2T) {
      const length = Math.min(maxBurstLength, task.wanted - task.asked);
      const ttt = this.#session.takeTransferTag();
      task.solicitations.set(ttt, { offset: task.asked, length, received: 0, nextDataSn: 0 });
      const r2t: PduInput = {
        kind: 'r2t',
        lun: task.lun,
        itt: task.itt,
        ttt,
        statSn: this.#session.connection.statSn,
        r2tSn: task.nextR2tSn++,
        bufferOffset: task.asked,
        desiredDataTransferLength: length,
      };
      task.asked += length;
      this.#session.connection.send(r2t, this.#stepsOf(task, 'r2t'));
    }
    if (task.solicitations.size === 0 && task.asked >= task.wanted) this.#run(task);
  }

  #run(task: Task): void {
    task.isRunning = true;
    const result = task.prepared.run(task.data, task);
    if (!(result instanceof Promise)) return this.#complete(task, result);
    task.ended = result.then(
      (value) => this.#complete(task, value),
      // A medium that fails (a file that was taken away) is the disk's failure, not the session's.
      () => this.#complete(task, checkResult(senses.internalTargetFailure)),
    );
  }

  #complete(task: Task, result: CommandResult): void {
    if (task.isAborted || this.#session.isEnded) return;
    this.#tasks.delete(task.itt);
    const data = task.reads ? (result.data ?? none) : none;
    const sent = Math.min(data.length, task.expectedLength);
    const isGood = result.status === statusCodes.good;
    // 11.4.5.1: what the command would have moved against what the initiator expected.
    const moved = isGood ? Math.max(result.data?.length ?? 0, task.prepared.dataOutBytes) : sent;
    const residual = {
      overflow: moved > task.expectedLength,
      underflow: moved < task.expectedLength,
      residualCount: Math.abs(moved - task.expectedLength),
    };
    const collapses = this.#session.host.phaseCollapse && isGood && !result.sense && sent > 0;
    const dataPdus = this.#sendDataIn(task, data.subarray(0, sent), collapses ? { ...residual } : null, result.status);
    if (collapses) return;
    this.#session.connection.send(
      {
        kind: 'scsiResponse',
        ...residual,
        response: 0x00, // command completed at target
        status: result.status,
        itt: task.itt,
        statSn: this.#session.connection.takeStatSn(),
        expDataSn: task.nextR2tSn + dataPdus,
        data: result.sense ? encodeSenseSegment(encodeFixedSense(result.sense)) : none,
      },
      this.#stepsOf(task, 'scsi-response'),
    );
  }

  /** Sends Data-In in pieces that the initiator takes, F at the end of every burst (RFC 7143 section 11.7.1). */
  #sendDataIn(
    task: Task,
    data: Buffer,
    last: { overflow: boolean; underflow: boolean; residualCount: number } | null,
    status: number,
  ): number {
    const { maxSendDataSegmentLength, maxBurstLength } = this.#session.host.parameters;
    let dataSn = 0;
    let inBurst = 0;
    for (let offset = 0; offset < data.length;) {
      const length = Math.min(maxSendDataSegmentLength, maxBurstLength - inBurst, data.length - offset);
      const isLast = offset + length === data.length;
      inBurst += length;
      const endsBurst = inBurst === maxBurstLength;
      if (endsBurst) inBurst = 0;
      this.#session.connection.send(
        {
          kind: 'dataIn',
          final: isLast || endsBurst,
          itt: task.itt,
          ttt: RESERVED_TAG,
          dataSn: dataSn++,
          bufferOffset: offset,
          data: data.subarray(offset, offset + length),
          ...(isLast && last
            ? { hasStatus: true, status, statSn: this.#session.connection.takeStatSn(), ...last }
            : {}),
        },
        this.#stepsOf(task, 'data-in'),
      );
      offset += length;
    }
    return dataSn;
  }

  #stepsOf(task: Task, step: Step): Step[] {
    if (task.isAnswered || !task.command) return [step];
    task.isAnswered = true;
    return [step, `command-${task.command}`];
  }
}

const checkSolicited = (solicitation: Solicitation | undefined, pdu: PduOf<'dataOut'>): string | null => {
  if (!solicitation) return 'data came for a transfer tag that was never given';
  if (pdu.dataSn !== solicitation.nextDataSn) return 'a DataSN is missing';
  if (pdu.bufferOffset !== solicitation.offset + solicitation.received) return 'the data came out of order';
  const received = solicitation.received + pdu.data.length;
  if (received > solicitation.length) return 'more data came than was asked for';
  if (pdu.final && received < solicitation.length) return 'less data came than was asked for';
  return null;
};

import { IscsiError, type IscsiErrorContext } from '../error.ts';
import type { LoginResult } from '../login/initiator-login.ts';
import { formatIsid } from '../login/isid.ts';
import type { Redirect } from '../login/login.ts';
import { decodePdu, EMPTY, type PduOf } from '../pdu/codec.ts';
import { crc32c } from '../pdu/crc32c.ts';
import { BHS_LENGTH, PDU_LAYOUTS, RESERVED_TAG } from '../pdu/layouts.ts';
import { decodeSenseSegment } from '../pdu/sense-segment.ts';
import { addSerial, isSerialLess, laterSerial, openWindow } from '../pdu/serial.ts';
import {
  NO_RESIDUAL,
  TASK_ATTRIBUTES,
  type Residual,
  type ScsiCommand,
  type ScsiExecutor,
  type ScsiResponse,
} from '../scsi/executor.ts';
import { nameOfCdb } from '../scsi/cdb.ts';
import { formatLun } from '../scsi/lun.ts';
import { decodeSense, type Sense } from '../scsi/sense.ts';
import type { NegotiatedParameters } from '../text/negotiation.ts';
import type { Connection, Receiver } from '../transport/connection.ts';
import { decodeAsyncEvent, type AsyncEvent } from './async-events.ts';
import { Controls } from './controls.ts';
import { DataOutSender } from './data-out.ts';
import { describeRejectReason } from './reject.ts';
import { endsTask, TASK_MANAGEMENT, taskManagementResponseOf } from './task-management.ts';
import type { SessionTaskManagement, TaskManagementResponse } from './task-management.ts';
import { TaskTable, type Task } from './task-table.ts';

export interface SessionSettings {
  readonly target: string;
  readonly initiatorName: string;
  readonly isid: Buffer;
  /** Deadline of a command that brings none of its own. */
  readonly commandTimeoutMs: number;
  /** How long the target may take for a task management function, an abort included. */
  readonly taskManagementTimeoutMs: number;
  readonly logoutTimeoutMs: number;
  /** After so long without a word from the target it is asked whether it is there; 0: never. */
  readonly keepAliveMs: number;
  /** How long it may take to answer that. */
  readonly keepAliveTimeoutMs: number;
}

export interface SessionInfo {
  readonly portal: string;
  readonly localAddress: string;
  readonly target: string;
  readonly targetAlias: string | undefined;
  readonly initiatorName: string;
  /** Twelve hexadecimal digits. */
  readonly isid: string;
  readonly tsih: number;
  readonly portalGroupTag: number | undefined;
  readonly authentication: 'none' | 'chap' | 'mutualChap';
  readonly chapAlgorithm: string | undefined;
  readonly parameters: NegotiatedParameters;
  readonly redirects: readonly Redirect[];
}

const DATA_IN = PDU_LAYOUTS.dataIn.opcode;
const SCSI_RESPONSE = PDU_LAYOUTS.scsiResponse.opcode;
const R2T = PDU_LAYOUTS.r2t.opcode;
/** Answers to pings that a target may leave unread before it is called broken. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

/** A normal session with one connection in the full feature phase. Made by `openSession`. */
export class Session implements ScsiExecutor, Receiver {
  readonly info: SessionInfo;
  /** Ends when the session does: undefined after a logout or `close`, else the error. Never rejects. */
  readonly closed: Promise<IscsiError | undefined>;
  readonly #connection: Connection;
  readonly #settings: SessionSettings;
  readonly #parameters: NegotiatedParameters;
  readonly #tasks = new TaskTable();
  readonly #controls: Controls;
  readonly #dataOut: DataOutSender;
  readonly #listeners = new Set<(event: AsyncEvent) => void>();
  #queue: Task[] = [];
  #queueHead = 0;
  #cmdSn: number;
  #expStatSn: number;
  #expCmdSn: number;
  #maxCmdSn: number;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #endError: IscsiError | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wakeAt = Infinity;
  #lastHeard = performance.now();
  #headerTask: Task | undefined;
  #finishClosed: (error: IscsiError | undefined) => void = () => undefined;

  constructor(connection: Connection, result: LoginResult, settings: SessionSettings, redirects: readonly Redirect[]) {
    this.#connection = connection;
    this.#settings = settings;
    this.#parameters = result.parameters;
    this.#cmdSn = result.cmdSn;
    this.#expStatSn = result.expStatSn;
    this.#expCmdSn = result.expCmdSn;
    this.#maxCmdSn = result.maxCmdSn;
    this.#controls = new Controls((deadline) => this.#wakeBy(deadline));
    this.#dataOut = new DataOutSender(connection, result.parameters);
    this.closed = new Promise((resolve) => {
      this.#finishClosed = resolve;
    });
    this.info = {
      portal: connection.portalText,
      localAddress: connection.localAddress,
      target: settings.target,
      targetAlias: result.targetAlias,
      initiatorName: settings.initiatorName,
      isid: formatIsid(settings.isid),
      tsih: result.tsih,
      portalGroupTag: result.portalGroupTag,
      authentication: result.authentication,
      chapAlgorithm: result.chapAlgorithm?.name,
      parameters: result.parameters,
      redirects,
    };
    connection.waitingFor = 'the session';
    if (settings.keepAliveMs > 0) this.#wakeBy(this.#lastHeard + settings.keepAliveMs);
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Commands that are sent or wait to be sent. */
  get outstandingCommands(): number {
    return this.#tasks.outstanding;
  }

  /** Calls the listener for every asynchronous message (RFC 7143 section 11.9); the returned function ends that. */
  onAsyncEvent(listener: (event: AsyncEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Executes a SCSI command. Status and sense are results. Rejects with an IscsiError when there is no answer: COMMAND_TIMED_OUT,
   * COMMAND_ABORTED, COMMAND_REJECTED, RESPONSE_NOT_COMPLETED, or whatever ended the session. Commands beyond the target's window wait
   * their turn. `dataOut` must not change until then.
   */
  execute(command: ScsiCommand): Promise<ScsiResponse> {
    return new Promise((resolve, reject) => {
      if (this.#state !== 'open') {
        reject(this.#closedError(command.lun));
        return;
      }
      if (command.signal?.aborted === true) {
        reject(new IscsiError('COMMAND_ABORTED', this.#at(command.lun, command.signal.reason)));
        return;
      }
      const expectedIn = command.expectedDataInBytes ?? 0;
      if (command.dataIn !== undefined && command.dataIn.length < expectedIn) {
        reject(outOfRange('dataIn', 'the buffer is shorter than expectedDataInBytes'));
        return;
      }
      if (command.dataOut !== undefined && command.dataOut.length > 0 && expectedIn > 0) {
        reject(outOfRange('expectedDataInBytes', 'a command with data in both directions is not supported'));
        return;
      }
      if (command.cdb.length < 1 || command.cdb.length > 16) {
        reject(outOfRange('cdb', `${command.cdb.length} bytes long, and 1 to 16 are supported`));
        return;
      }
      let task: Task;
      try {
        task = this.#tasks.take();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      task.state = 'queued';
      task.command = command;
      task.lun = command.lun;
      task.dataIn = command.dataIn;
      task.expectedIn = expectedIn;
      task.receivedIn = 0;
      task.nextDataSn = 0;
      task.dataOut = command.dataOut;
      task.resolve = resolve;
      task.reject = reject;
      task.timeoutMs = command.timeoutMs ?? this.#settings.commandTimeoutMs;
      task.deadline = performance.now() + task.timeoutMs;
      if (task.deadline < this.#wakeAt) this.#wakeBy(task.deadline);
      if (command.signal !== undefined) {
        task.onAbort = () =>
          this.#abandon(task, new IscsiError('COMMAND_ABORTED', this.#at(task.lun, command.signal?.reason)));
        command.signal.addEventListener('abort', task.onAbort, { once: true });
      }
      // Queued commands go first, or a busy caller could starve them.
      if (this.#queueHead === this.#queue.length && openWindow(this.#cmdSn, this.#maxCmdSn) > 0)
        this.#sendCommand(task);
      else this.#queue.push(task);
    });
  }

  /**
   * Asks for a task management function (RFC 7143 section 11.5). Commands that it ends reject with COMMAND_ABORTED. The target's answer is the
   * result; rejects with TIMED_OUT when there is none, and the session ends.
   */
  async manage(fn: SessionTaskManagement, lun = 0n): Promise<TaskManagementResponse> {
    if (this.#state !== 'open') throw this.#closedError(lun);
    const tag = this.#controls.nextTag();
    this.#connection.send({
      kind: 'taskManagementRequest',
      immediate: true,
      function: TASK_MANAGEMENT[fn],
      lun,
      itt: tag,
      referencedTaskTag: RESERVED_TAG, // 11.5.5: for all but abort and reassign
      refCmdSn: 0,
      cmdSn: this.#cmdSn,
      expStatSn: this.#expStatSn,
    });
    const answer = await this.#controls.wait(tag, this.#settings.taskManagementTimeoutMs, () => {
      this.fail(this.#silent(`the answer to ${fn}`, this.#settings.taskManagementTimeoutMs));
    });
    const response = answer.kind === 'taskManagementResponse' ? taskManagementResponseOf(answer.response) : 'undefined';
    if (response === 'functionComplete') {
      for (const task of this.#tasks.active()) {
        if ((task.state !== 'sent' && task.state !== 'abandoned') || !endsTask(fn, lun, task.lun)) continue;
        const { reject } = task;
        const error = new IscsiError('COMMAND_ABORTED', this.#at(task.lun));
        this.#tasks.free(task);
        reject(error);
      }
      this.#sendQueued();
    }
    return response;
  }

  /** Asks the target whether it is there (NOP-Out, RFC 7143 section 11.18). Rejects with TIMED_OUT, and then the session has ended. */
  async ping(timeoutMs = this.#settings.keepAliveTimeoutMs): Promise<void> {
    if (this.#state !== 'open') throw this.#closedError();
    const tag = this.#controls.nextTag();
    this.#connection.send({
      kind: 'nopOut',
      immediate: true,
      itt: tag,
      ttt: RESERVED_TAG,
      cmdSn: this.#cmdSn,
      expStatSn: this.#expStatSn,
    });
    await this.#controls.wait(tag, timeoutMs, () => this.fail(this.#silent('the answer to a ping', timeoutMs)));
  }

  /** Logs out (RFC 7143 section 11.14) and closes. Commands under way are rejected. Throws when the target does not agree in time. */
  async logout(): Promise<void> {
    if (this.#state !== 'open') throw this.#closedError();
    this.#state = 'closing';
    const aborted = new IscsiError('SESSION_CLOSED', { ...this.#context(), phase: 'logout' });
    this.#rejectAll(aborted);
    const tag = this.#controls.nextTag();
    this.#connection.waitingFor = 'the answer to the logout';
    this.#connection.send({
      kind: 'logoutRequest',
      immediate: true,
      reason: 0, // 11.14.1: close the session
      itt: tag,
      cmdSn: this.#cmdSn,
      expStatSn: this.#expStatSn,
    });
    const { logoutTimeoutMs } = this.#settings;
    const answer = await this.#controls.wait(tag, logoutTimeoutMs, () => {
      this.fail(this.#silent('the answer to the logout', logoutTimeoutMs, 'logout'));
    });
    const response = answer.kind === 'logoutResponse' ? answer.response : -1;
    this.#end(undefined);
    // 11.15.1: 0 closed, 1 CID not found, 2 recovery not supported, 3 cleanup failed.
    if (response !== 0)
      throw new IscsiError('LOGOUT_FAILED', { ...this.#context(), phase: 'logout', detail: { response } });
  }

  /** Ends the session in one way or the other: logs out if it can within the time, and is closed then. Never throws. */
  async close(): Promise<void> {
    if (this.#state === 'open') {
      try {
        await this.logout();
      } catch {
        // Closed is closed; who wants to know calls `logout`.
        this.#end(undefined);
      }
    } else if (this.#state === 'closing') await this.closed;
  }

  /** Cuts the connection without a word, as a pulled cable does. Commands under way reject with the error. */
  drop(error = new IscsiError('SESSION_CLOSED', { phase: 'session' })): void {
    this.fail(error);
  }

  /** Ends the session with an error. */
  fail(error: IscsiError): void {
    if (this.#state === 'closed') return;
    this.#end(error.at({ ...this.#context(), phase: 'session' }));
  }

  onEnd(error: IscsiError): void {
    this.fail(error);
  }

  onHeader(bhs: Buffer, dataLength: number): Buffer | undefined {
    this.#headerTask = undefined;
    if (bhs[0] !== DATA_IN) return undefined;
    const task = this.#tasks.find(bhs.readUInt32BE(16));
    if (task === undefined || task.state !== 'sent') return undefined; // late data of an abandoned command: thrown away
    const offset = bhs.readUInt32BE(40);
    // 11.7.5: the numbers of a command's Data-In PDUs rise by one from zero; nothing is lost on TCP, so a gap is a fault of the target.
    if (bhs.readUInt32BE(36) !== task.nextDataSn) throw broken('the DataSN of a Data-In PDU is out of order');
    if (dataLength > 0 && offset !== task.receivedIn) throw broken('a Data-In PDU is out of order'); // DataPDUInOrder=Yes: 13.18
    if (offset + dataLength > task.expectedIn) throw broken('more data came than the command asked for');
    task.nextDataSn++;
    if (dataLength === 0) return undefined;
    task.receivedIn += dataLength;
    task.dataIn ??= Buffer.allocUnsafe(task.expectedIn);
    this.#headerTask = task;
    return offset === 0 && task.dataIn.length === dataLength
      ? task.dataIn
      : task.dataIn.subarray(offset, offset + dataLength);
  }

  onPdu(bhs: Buffer, ahs: Buffer, data: Buffer, dataLength: number): void {
    this.#lastHeard = performance.now();
    const opcode = bhs[0] as number;
    if (opcode === DATA_IN) this.#receiveDataIn(bhs);
    else if (opcode === SCSI_RESPONSE) this.#receiveResponse(bhs, data);
    else if (opcode === R2T) this.#receiveR2t(bhs);
    else this.#receiveOther(bhs, ahs, data.subarray(0, dataLength));
  }

  /** RFC 7143 section 4.2.2.1. */
  #updateWindow(bhs: Buffer): void {
    const expCmdSn = bhs.readUInt32BE(28);
    const maxCmdSn = bhs.readUInt32BE(32);
    if (isSerialLess(maxCmdSn, (expCmdSn - 1) >>> 0)) return; // 4.2.2.1: then both are to be ignored
    this.#expCmdSn = laterSerial(this.#expCmdSn, expCmdSn);
    this.#maxCmdSn = laterSerial(this.#maxCmdSn, maxCmdSn);
  }

  #acknowledge(statSn: number): void {
    const next = (statSn + 1) >>> 0;
    if (isSerialLess(this.#expStatSn, next)) this.#expStatSn = next;
  }

  #sendQueued(): void {
    while (this.#queueHead < this.#queue.length && openWindow(this.#cmdSn, this.#maxCmdSn) > 0) {
      const task = this.#queue[this.#queueHead++] as Task;
      if (task.state === 'queued') this.#sendCommand(task);
      else this.#tasks.free(task);
    }
    if (this.#queueHead === this.#queue.length) {
      this.#queue.length = 0;
      this.#queueHead = 0;
    }
  }

  /** RFC 7143 section 11.3, written in place. */
  #sendCommand(task: Task): void {
    const command = task.command as ScsiCommand;
    const { writer, digests, trace } = this.#connection;
    const { dataOut } = task;
    const outLength = dataOut === undefined ? 0 : dataOut.length;
    const immediateLength = this.#dataOut.immediateLength(outLength);
    const hasMore = this.#dataOut.hasUnsolicited(outLength, immediateLength);
    task.state = 'sent';
    task.cmdSn = this.#cmdSn;
    this.#cmdSn = addSerial(this.#cmdSn, 1);

    const offset = writer.reserve(BHS_LENGTH + (digests.header ? 4 : 0));
    const buffer = writer.buffer;
    buffer[offset] = 0x01;
    buffer[offset + 1] =
      (hasMore ? 0 : 0x80) | // 11.3.1: F, no unsolicited Data-Out follows
      (task.expectedIn > 0 ? 0x40 : 0) |
      (outLength > 0 ? 0x20 : 0) |
      TASK_ATTRIBUTES[command.taskAttribute ?? 'simple'];
    buffer.writeUInt32BE(0, offset + 2);
    buffer.writeUIntBE(immediateLength, offset + 5, 3);
    buffer.writeBigUInt64BE(task.lun, offset + 8);
    buffer.writeUInt32BE(task.itt, offset + 16);
    buffer.writeUInt32BE(outLength > 0 ? outLength : task.expectedIn, offset + 20);
    buffer.writeUInt32BE(task.cmdSn, offset + 24);
    buffer.writeUInt32BE(this.#expStatSn, offset + 28);
    const { cdb } = command;
    for (let i = 0; i < 16; i++) buffer[offset + 32 + i] = i < cdb.length ? (cdb[i] as number) : 0;
    if (digests.header) buffer.writeUInt32LE(crc32c(buffer.subarray(offset, offset + BHS_LENGTH)), offset + BHS_LENGTH);
    if (trace !== undefined) {
      trace.command(cdb, task.lun);
      trace.bytes(true, buffer.subarray(offset, offset + BHS_LENGTH), EMPTY, EMPTY);
    }
    if (dataOut !== undefined && outLength > 0) {
      if (immediateLength > 0) this.#dataOut.appendSegment(dataOut, 0, immediateLength);
      if (hasMore) this.#dataOut.sendUnsolicited(task, dataOut, immediateLength, this.#expStatSn);
    }
  }

  #receiveDataIn(bhs: Buffer): void {
    this.#updateWindow(bhs);
    const flags = bhs[1] as number;
    const task = this.#tasks.find(bhs.readUInt32BE(16));
    this.#headerTask = undefined;
    if (task === undefined) return this.#unknownTask('a Data-In PDU');
    if ((flags & 0x01) !== 0) {
      // 11.7.3: status, residual and StatSN come with the last data.
      this.#acknowledge(bhs.readUInt32BE(24));
      this.#finish(task, bhs[3] as number, undefined, readResidual(flags, bhs));
    }
    this.#sendQueued();
  }

  #receiveResponse(bhs: Buffer, data: Buffer): void {
    this.#updateWindow(bhs);
    this.#acknowledge(bhs.readUInt32BE(24));
    const task = this.#tasks.find(bhs.readUInt32BE(16));
    if (task === undefined) return this.#unknownTask('a SCSI Response');
    const response = bhs[2] as number;
    if (response !== 0) {
      // 11.4.3: 01h target failure; the status field means nothing then.
      const { reject } = task;
      const error = new IscsiError('RESPONSE_NOT_COMPLETED', { ...this.#at(task.lun), detail: { response } });
      this.#tasks.free(task);
      reject(error);
    } else {
      const sense = data.length > 2 ? decodeSense(Buffer.from(decodeSenseSegment(data))) : undefined;
      this.#finish(task, bhs[3] as number, sense, readResidual(bhs[1] as number, bhs));
    }
    this.#sendQueued();
  }

  #finish(task: Task, status: number, sense: Sense | undefined, residual: Residual): void {
    if (task.state === 'abandoned') {
      this.#tasks.free(task);
      return;
    }
    const { resolve, command, lun } = task;
    const { dataIn, receivedIn } = task;
    const data = dataIn === undefined ? EMPTY : dataIn.length === receivedIn ? dataIn : dataIn.subarray(0, receivedIn);
    const response: ScsiResponse = sense === undefined ? { status, data, residual } : { status, sense, data, residual };
    const { trace } = this.#connection;
    if (trace !== undefined && command !== undefined) trace.response(command.cdb, lun, response);
    this.#tasks.free(task);
    resolve(response);
  }

  #unknownTask(what: string): void {
    // While we log out, answers to the commands that were given up are still on their way.
    if (this.#state === 'open') throw broken(`${what} for a command that does not exist`);
  }

  #receiveR2t(bhs: Buffer): void {
    this.#updateWindow(bhs);
    const task = this.#tasks.find(bhs.readUInt32BE(16));
    if (task === undefined) return this.#unknownTask('an R2T');
    // The caller of an abandoned command may have taken the buffer back: nothing of it is sent any more.
    if (task.state === 'abandoned' || task.dataOut === undefined) {
      if (task.state === 'abandoned') return;
      throw broken('an R2T for a command that writes nothing');
    }
    const offset = bhs.readUInt32BE(40);
    const length = bhs.readUInt32BE(44);
    if (length === 0 || offset + length > task.dataOut.length)
      throw broken('an R2T asks for data that the command does not have');
    if (length > this.#parameters.maxBurstLength) throw broken('an R2T asks for more than MaxBurstLength'); // 13.13
    this.#dataOut.sendSequence(task, task.dataOut, offset, length, bhs.readUInt32BE(20), this.#expStatSn);
    this.#sendQueued();
  }

  #receiveOther(bhs: Buffer, ahs: Buffer, data: Buffer): void {
    const pdu = decodePdu(bhs, ahs, data);
    this.#updateWindow(bhs);
    switch (pdu.kind) {
      case 'nopIn':
        this.#receiveNopIn(pdu);
        break;
      case 'taskManagementResponse':
      case 'logoutResponse':
        this.#acknowledge(pdu.statSn);
        if (!this.#controls.answer(pdu.itt, pdu)) throw broken(`a ${pdu.kind} that was not asked for`);
        break;
      case 'asyncMessage':
        this.#acknowledge(pdu.statSn);
        this.#receiveAsync(decodeAsyncEvent(pdu));
        break;
      case 'reject':
        this.#acknowledge(pdu.statSn);
        this.#receiveReject(pdu);
        break;
      case 'loginResponse':
      case 'textResponse':
      default:
        throw broken(`a ${pdu.kind} in the full feature phase`);
    }
    this.#sendQueued();
  }

  #receiveNopIn(pdu: PduOf<'nopIn'>): void {
    if (pdu.itt !== RESERVED_TAG) {
      this.#acknowledge(pdu.statSn); // 11.19.2: only an answer has a StatSN of its own
      this.#controls.answer(pdu.itt, pdu);
    }
    if (pdu.ttt === RESERVED_TAG) return;
    if (this.#connection.writer.queuedBytes > MAX_UNREAD_BYTES)
      throw broken('it asks for answers that it does not read');
    // 11.18: the answer carries the TTT and the LUN, no data, and takes no CmdSN.
    this.#connection.send({
      kind: 'nopOut',
      immediate: true,
      lun: pdu.lun,
      itt: RESERVED_TAG,
      ttt: pdu.ttt,
      cmdSn: this.#cmdSn,
      expStatSn: this.#expStatSn,
    });
  }

  #receiveAsync(event: AsyncEvent): void {
    for (const listener of this.#listeners) listener(event);
    switch (event.kind) {
      case 'logoutRequested': // 11.9.1: MUST be honoured within Parameter3 seconds
      case 'negotiationRequested': // 11.9.1: an initiator that does not negotiate again logs out
        if (this.#state === 'open') {
          this.#endError = new IscsiError('SESSION_LOGGED_OUT', { ...this.#context(), phase: 'session' });
          void this.close();
        }
        break;
      case 'connectionDropped':
      case 'sessionDropped':
        this.fail(new IscsiError('SESSION_DROPPED', { phase: 'session' }));
        break;
      case 'tasksTerminated':
        for (const task of this.#tasks.active()) {
          if (task.state !== 'sent' || task.lun !== event.lun) continue;
          const { reject } = task;
          const error = new IscsiError('COMMAND_ABORTED', this.#at(task.lun));
          this.#tasks.free(task);
          reject(error);
        }
        break;
      case 'scsi':
      case 'other':
        break;
    }
  }

  #receiveReject(pdu: PduOf<'reject'>): void {
    const reason = describeRejectReason(pdu.reason);
    // 11.17: the data segment is the header of the PDU that was refused.
    const itt = pdu.data.length >= 20 ? pdu.data.readUInt32BE(16) : RESERVED_TAG;
    const task = this.#tasks.find(itt);
    if (task !== undefined) {
      const { reject } = task;
      const error = new IscsiError('COMMAND_REJECTED', { ...this.#at(task.lun), detail: { reason } });
      this.#tasks.free(task);
      reject(error);
      return;
    }
    this.#controls.reject(
      itt,
      new IscsiError('COMMAND_REJECTED', { ...this.#context(), phase: 'command', detail: { reason } }),
    );
  }

  /** The caller gets its error now; the target is asked to forget the command, and its tag is free when it has. */
  #abandon(task: Task, error: IscsiError): void {
    if (task.state !== 'sent') {
      if (task.state !== 'queued') return;
      // It never left; its place in the queue is passed over when it comes up.
      const { reject } = task;
      task.release();
      task.state = 'cancelled';
      reject(error);
      return;
    }
    const { reject, itt, cmdSn, lun } = task;
    // The buffer is the caller's again, even when half a PDU has been written to it.
    if (this.#headerTask === task) this.#connection.discardData();
    task.release();
    task.state = 'abandoned';
    task.deadline = Infinity;
    reject(error);
    const tag = this.#controls.nextTag();
    this.#connection.send({
      kind: 'taskManagementRequest',
      immediate: true,
      function: TASK_MANAGEMENT.abortTask,
      lun,
      itt: tag,
      referencedTaskTag: itt,
      refCmdSn: cmdSn, // 11.5.6
      cmdSn: this.#cmdSn,
      expStatSn: this.#expStatSn,
    });
    const { taskManagementTimeoutMs } = this.#settings;
    this.#controls
      .wait(tag, taskManagementTimeoutMs, () =>
        this.fail(this.#silent('the answer to an abort', taskManagementTimeoutMs)),
      )
      .then(
        () => {
          // 4.2.3.3, 11.6.1: after the response nothing more comes of the task, whatever the response says.
          if (task.itt === itt && task.state === 'abandoned') this.#tasks.free(task);
        },
        () => undefined,
      );
  }

  #wakeBy(deadline: number): void {
    if (deadline >= this.#wakeAt || this.#state === 'closed') return;
    clearTimeout(this.#timer);
    this.#wakeAt = deadline;
    this.#timer = setTimeout(() => this.#wake(), Math.max(1, Math.ceil(deadline - performance.now())));
  }

  /** One timer for all deadlines of the session. */
  #wake(): void {
    this.#wakeAt = Infinity;
    const now = performance.now();
    let next = this.#controls.expire(now);
    for (const task of this.#tasks.active()) {
      if (task.state !== 'queued' && task.state !== 'sent') continue;
      if (task.deadline <= now) {
        const command = task.command === undefined ? '' : nameOfCdb(task.command.cdb);
        const detail = { command, timeoutMs: task.timeoutMs };
        this.#abandon(task, new IscsiError('COMMAND_TIMED_OUT', { ...this.#at(task.lun), detail }));
      } else next = Math.min(next, task.deadline);
    }
    const { keepAliveMs } = this.#settings;
    if (keepAliveMs > 0 && this.#state === 'open') {
      if (now - this.#lastHeard >= keepAliveMs) {
        this.#lastHeard = now;
        this.ping().catch(() => undefined);
      }
      next = Math.min(next, this.#lastHeard + keepAliveMs);
    }
    if (next !== Infinity) this.#wakeBy(next);
  }

  #end(error: IscsiError | undefined): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#endError ??= error;
    if (error === undefined) this.#connection.close();
    else this.#connection.fail(error);
    const reason = error ?? this.#closedError();
    this.#rejectAll(reason);
    this.#controls.rejectAll(reason);
    this.#listeners.clear();
    this.#finishClosed(this.#endError);
  }

  #rejectAll(error: IscsiError): void {
    this.#queue = [];
    this.#queueHead = 0;
    for (const task of this.#tasks.active()) {
      const { reject, lun } = task;
      this.#tasks.free(task);
      reject(error.at({ lun: formatLun(lun) }));
    }
  }

  #context(): IscsiErrorContext {
    return { portal: this.#connection.portalText, target: this.#settings.target };
  }

  #at(lun: bigint, cause?: unknown): IscsiErrorContext & { readonly cause?: unknown } {
    return { ...this.#context(), phase: 'command', lun: formatLun(lun), ...(cause === undefined ? {} : { cause }) };
  }

  #closedError(lun?: bigint): IscsiError {
    return new IscsiError('SESSION_CLOSED', {
      ...this.#context(),
      phase: 'session',
      ...(lun === undefined ? {} : { lun: formatLun(lun) }),
      ...(this.#endError === undefined ? {} : { cause: this.#endError }),
    });
  }

  #silent(waitingFor: string, timeoutMs: number, phase: 'session' | 'logout' = 'session'): IscsiError {
    return new IscsiError('TIMED_OUT', { ...this.#context(), phase, detail: { waitingFor, timeoutMs } });
  }
}

const broken = (reason: string): IscsiError =>
  new IscsiError('PROTOCOL_ERROR', { phase: 'session', detail: { reason } });

const outOfRange = (option: string, reason: string): IscsiError =>
  new IscsiError('OPTION_OUT_OF_RANGE', { phase: 'input', detail: { option, reason } });

/** RFC 7143 sections 11.4.1, 11.4.5 and 11.7.3: O and U never come together. */
const readResidual = (flags: number, bhs: Buffer): Residual => {
  if ((flags & 0x06) === 0) return NO_RESIDUAL;
  const bytes = bhs.readUInt32BE(44);
  return (flags & 0x04) !== 0 ? { kind: 'overflow', bytes } : { kind: 'underflow', bytes };
};

import { IscsiError, type IscsiErrorContext } from '../error.ts';
import { EMPTY } from '../pdu/codec.ts';
import { crc32c } from '../pdu/crc32c.ts';
import { BHS_LENGTH, PDU_LAYOUTS } from '../pdu/layouts.ts';
import { decodeSenseSegment } from '../pdu/sense-segment.ts';
import { isSerialLess } from '../pdu/serial.ts';
import { nameOfCdb } from '../scsi/cdb.ts';
import { NO_RESIDUAL, TASK_ATTRIBUTES, type Residual, type ScsiCommand, type ScsiResponse } from '../scsi/executor.ts';
import { formatLun, type LunAddresses } from '../scsi/lun.ts';
import { decodeSense, type Sense } from '../scsi/sense.ts';
import type { NegotiatedParameters } from '../text/negotiation.ts';
import type { Connection } from '../transport/connection.ts';
import type { ListeningClock } from '../transport/listening-clock.ts';
import { wrongTimeout } from '../transport/timeouts.ts';
import { traceCommand, traceResponse } from './command-trace.ts';
import { DataOutSender } from './data-out.ts';
import { get32, put32 } from '../wire/words.ts';
import type { SessionNumbers } from './numbers.ts';
import type { TaskManagementResponse } from './task-management.ts';
import { TaskTable, type Task } from './task-table.ts';

const DATA_IN = PDU_LAYOUTS.dataIn.opcode;
/** So often a target is asked to abort a command that it neither aborts nor answers; then the session ends. */
const MAX_ABORTS = 3;

/** What the commands need from their session. */
export interface CommandHost {
  readonly isOpen: boolean;
  readonly commandTimeoutMs: number;
  /** Portal and target, for errors. */
  readonly context: IscsiErrorContext;
  readonly lunAddresses: LunAddresses;
  closedError(lun: bigint): IscsiError;
  /** What the deadlines of commands are counted by. */
  readonly clock: ListeningClock;
  /** `wake` is wanted at this time of `clock` at the latest. */
  wakeBy(deadline: number): void;
  /** Asks the target to abort a task; rejects when it rejects the request, and when the session ends before it answers. */
  abortTask(itt: number, cmdSn: number, lun: bigint): Promise<TaskManagementResponse>;
  /** How long the target may take to answer a command that it did not want to abort, before it is asked again. */
  readonly taskManagementTimeoutMs: number;
  /** Ends the session: the target neither aborts a command nor answers it. */
  giveUp(): void;
}

/** The SCSI commands of a session, from `execute` to the answer. This is the hot path: nothing here makes garbage that it can avoid. */
export class CommandRunner {
  readonly #connection: Connection;
  readonly #parameters: NegotiatedParameters;
  readonly #numbers: SessionNumbers;
  readonly #host: CommandHost;
  readonly #tasks = new TaskTable();
  readonly #dataOut: DataOutSender;
  #queue: Task[] = [];
  #queueHead = 0;
  /** Those whose time has not begun. */
  readonly #unclocked: Task[] = [];
  #lastLun = 0n;
  #lunHigh = 0;
  #lunLow = 0;
  /** The command whose data is being read. */
  #readingTask: Task | undefined;

  constructor(connection: Connection, parameters: NegotiatedParameters, numbers: SessionNumbers, host: CommandHost) {
    this.#connection = connection;
    this.#parameters = parameters;
    this.#numbers = numbers;
    this.#host = host;
    this.#dataOut = new DataOutSender(connection, parameters, host.lunAddresses);
  }

  get outstanding(): number {
    return this.#tasks.outstanding;
  }

  /** See `Session.execute` and `ScsiExecutor.executeAs`. */
  executeAs<T>(command: ScsiCommand, convert: (response: ScsiResponse) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const refusal = this.#refuse(command);
      if (refusal !== undefined) {
        reject(refusal);
        return;
      }
      const task = this.#tasks.take();
      task.state = 'queued';
      task.command = command;
      task.lun = command.lun;
      task.dataIn = command.dataIn;
      task.expectedIn = command.expectedDataInBytes ?? 0;
      task.receivedIn = 0;
      task.nextDataSn = 0;
      task.aborts = 0;
      task.nextR2tSn = 0;
      task.nextOut = 0;
      task.r2tsSinceMark = 0;
      task.r2tMark = 0;
      task.dataOut = command.dataOut;
      task.convert = convert;
      task.resolve = resolve as (value: unknown) => void;
      task.reject = reject;
      task.timeoutMs = command.timeoutMs ?? this.#host.commandTimeoutMs;
      task.deadline = Infinity;
      this.#unclocked.push(task);
      const { signal } = command;
      if (signal !== undefined) {
        task.onAbort = () => this.#abandon(task, this.#aborted(task.lun, signal.reason));
        signal.addEventListener('abort', task.onAbort, { once: true });
      }
      // Queued commands go first, or a busy caller could starve them.
      if (this.#queueHead === this.#queue.length && this.#numbers.isWindowOpen) this.#send(task);
      else {
        this.#queue.push(task);
        this.#connection.writer.schedule();
      }
    });
  }

  /** The time of the commands that were issued in this turn of the event loop begins. It is told after they were sent, so that it costs them none. */
  startClocks(now: number): void {
    if (this.#unclocked.length === 0) return;
    let earliest = Infinity;
    // Popped one by one: to set an array's length costs more than to send a command.
    for (let task = this.#unclocked.pop(); task !== undefined; task = this.#unclocked.pop()) {
      if (task.state !== 'queued' && task.state !== 'sent') continue;
      task.deadline = now + task.timeoutMs;
      if (task.deadline < earliest) earliest = task.deadline;
    }
    if (earliest !== Infinity) this.#host.wakeBy(earliest);
  }

  #refuse(command: ScsiCommand): IscsiError | undefined {
    if (!this.#host.isOpen) return this.#host.closedError(command.lun);
    if (command.signal?.aborted === true) return this.#aborted(command.lun, command.signal.reason);
    const expectedIn = command.expectedDataInBytes ?? 0;
    if (command.dataIn !== undefined && command.dataIn.length < expectedIn) {
      return outOfRange('dataIn', 'the buffer is shorter than expectedDataInBytes');
    }
    if (command.dataOut !== undefined && command.dataOut.length > 0 && expectedIn > 0) {
      return outOfRange('expectedDataInBytes', 'a command with data in both directions is not supported');
    }
    if (command.cdb.length < 1 || command.cdb.length > 16) {
      return outOfRange('cdb', `${command.cdb.length} bytes long, and 1 to 16 are supported`);
    }
    const timeout = wrongTimeout('timeoutMs', command.timeoutMs);
    if (timeout !== undefined) return timeout;
    if (this.#tasks.isFull) return outOfRange('commands at once', `${this.#tasks.outstanding} are outstanding`);
    return undefined;
  }

  /** Sends what waits, as far as the window is open. */
  sendQueued(): void {
    while (this.#queueHead < this.#queue.length && this.#numbers.isWindowOpen) {
      const task = this.#queue[this.#queueHead++] as Task;
      if (task.state === 'queued') this.#send(task);
      else this.#tasks.free(task);
    }
    if (this.#queueHead > 0 && this.#queueHead === this.#queue.length) {
      this.#queue.length = 0;
      this.#queueHead = 0;
    }
  }

  /** RFC 7143 section 11.3, written in place. */
  #send(task: Task): void {
    const command = task.command as ScsiCommand;
    const { writer, digests, trace } = this.#connection;
    const { dataOut } = task;
    const outLength = dataOut === undefined ? 0 : dataOut.length;
    const immediateLength = this.#dataOut.immediateLength(outLength);
    const hasMore = this.#dataOut.hasUnsolicited(outLength, immediateLength);
    task.state = 'sent';
    task.cmdSn = this.#numbers.takeCmdSn();

    const offset = writer.reserve(BHS_LENGTH + (digests.header ? 4 : 0), this.#tasks.outstanding === 1);
    const buffer = writer.buffer;
    buffer[offset] = 0x01;
    buffer[offset + 1] =
      (hasMore ? 0 : 0x80) | // 11.3.1: F, no unsolicited Data-Out follows
      (task.expectedIn > 0 ? 0x40 : 0) |
      // W says what kind of command it is, also where no byte goes out: 11.3.1 allows it with an Expected Data Transfer Length of 0.
      (dataOut === undefined ? 0 : 0x20) |
      TASK_ATTRIBUTES[command.taskAttribute ?? 'simple'];
    put32(buffer, offset + 2, 0);
    put32(buffer, offset + 4, immediateLength); // no AHS, and a segment's length fits 24 bits
    if (task.lun !== this.#lastLun) this.#splitLun(task.lun);
    put32(buffer, offset + 8, this.#lunHigh);
    put32(buffer, offset + 12, this.#lunLow);
    put32(buffer, offset + 16, task.itt);
    put32(buffer, offset + 20, outLength > 0 ? outLength : task.expectedIn); // 11.3.4
    put32(buffer, offset + 24, task.cmdSn);
    put32(buffer, offset + 28, this.#numbers.expStatSn);
    const { cdb } = command;
    const cdbLength = cdb.length;
    for (let i = 0; i < cdbLength; i++) buffer[offset + 32 + i] = cdb[i] as number;
    for (let i = cdbLength; i < 16; i++) buffer[offset + 32 + i] = 0;
    if (digests.header) buffer.writeUInt32LE(crc32c(buffer.subarray(offset, offset + BHS_LENGTH)), offset + BHS_LENGTH);
    if (trace !== undefined) {
      traceCommand(trace, cdb, task.lun);
      trace.bytes(true, buffer.subarray(offset, offset + BHS_LENGTH), EMPTY, EMPTY);
    }
    if (dataOut !== undefined && outLength > 0) {
      if (immediateLength > 0) this.#dataOut.appendSegment(dataOut, 0, immediateLength);
      task.nextOut = immediateLength;
      if (hasMore)
        task.nextOut = this.#dataOut.sendUnsolicited(task, dataOut, immediateLength, this.#numbers.expStatSn);
    }
  }

  /** Commands mostly go to the LUN of the one before, and arithmetic of 64 bits costs more than all the rest of the header. */
  #splitLun(lun: bigint): void {
    const sent = this.#host.lunAddresses.toSend(lun);
    this.#lastLun = lun;
    this.#lunHigh = Number(sent >> 32n);
    this.#lunLow = Number(sent & 0xffff_ffffn);
  }

  /** The buffer for a Data-In PDU's data; undefined: it belongs to nobody. Throws PROTOCOL_ERROR. */
  startDataIn(bhs: Buffer, dataLength: number): Buffer | undefined {
    this.#readingTask = undefined;
    if (bhs[0] !== DATA_IN) return undefined;
    const task = this.#tasks.find(get32(bhs, 16));
    if (task === undefined || task.state !== 'sent') return undefined; // late data of an abandoned command: thrown away
    // 11.7.5: the numbers of a command's Data-In PDUs rise by one from zero; nothing is lost on TCP, so a gap is a fault of the target.
    if (get32(bhs, 36) !== task.nextDataSn) throw brokenProtocol('the DataSN of a Data-In PDU is out of order');
    task.nextDataSn++;
    if (dataLength === 0) return undefined;
    const offset = get32(bhs, 40);
    if (offset !== task.receivedIn) throw brokenProtocol('a Data-In PDU is out of order'); // DataPDUInOrder=Yes: 13.18
    if (offset + dataLength > task.expectedIn) throw brokenProtocol('more data came than the command asked for');
    task.receivedIn += dataLength;
    // 11.7.3: nothing comes after a status, so this is all of it, however much there was room for.
    task.dataIn ??= Buffer.allocUnsafe(
      offset === 0 && ((bhs[1] as number) & 0x01) !== 0 ? dataLength : task.expectedIn,
    );
    this.#readingTask = task;
    return offset === 0 && task.dataIn.length === dataLength
      ? task.dataIn
      : task.dataIn.subarray(offset, offset + dataLength);
  }

  receiveDataIn(bhs: Buffer): void {
    this.#readingTask = undefined;
    const flags = bhs[1] as number;
    const task = this.#tasks.find(get32(bhs, 16));
    if (task === undefined) return this.#unknownTask('a Data-In PDU');
    if ((flags & 0x01) === 0) return;
    // 11.7.3: status, residual and StatSN come with the last data.
    this.#numbers.acknowledge(get32(bhs, 24));
    this.#finish(task, bhs[3] as number, undefined, readResidual(flags, bhs));
  }

  receiveResponse(bhs: Buffer, data: Buffer): void {
    this.#numbers.acknowledge(get32(bhs, 24));
    const task = this.#tasks.find(get32(bhs, 16));
    if (task === undefined) return this.#unknownTask('a SCSI Response');
    const response = bhs[2] as number;
    if (response !== 0) {
      // 11.4.3: 01h target failure; the status field means nothing then.
      this.#end(task, new IscsiError('RESPONSE_NOT_COMPLETED', { ...this.#at(task.lun), detail: { response } }));
      return;
    }
    const sense = data.length > 2 ? decodeSense(decodeSenseSegment(data)) : undefined;
    this.#finish(task, bhs[3] as number, sense, readResidual(bhs[1] as number, bhs));
  }

  receiveR2t(bhs: Buffer): void {
    const task = this.#tasks.find(get32(bhs, 16));
    if (task === undefined) return this.#unknownTask('an R2T');
    // The caller of an abandoned command may have taken the buffer back: nothing of it is sent any more.
    if (task.state === 'abandoned') return;
    const { dataOut } = task;
    if (dataOut === undefined) throw brokenProtocol('an R2T for a command that writes nothing');
    const offset = get32(bhs, 40);
    const length = get32(bhs, 44);
    if (length === 0 || offset + length > dataOut.length) {
      throw brokenProtocol('an R2T asks for data that the command does not have');
    }
    // 13.13
    if (length > this.#parameters.maxBurstLength) throw brokenProtocol('an R2T asks for more than MaxBurstLength');
    // 11.8.2: the numbers of a command's R2Ts rise by one from zero.
    if (get32(bhs, 36) !== task.nextR2tSn) throw brokenProtocol('the R2TSN of an R2T is out of order');
    task.nextR2tSn++;
    // 13.19, DataSequenceInOrder=Yes: no R2T goes back. Nothing is asked for twice, so no target makes us queue more than the command has.
    if (offset < task.nextOut) throw brokenProtocol('an R2T asks for data that was sent before');
    task.nextOut = offset + length;
    const { writer } = this.#connection;
    const isAllSent = writer.sentBytes >= task.r2tMark;
    this.#countR2t(task, isAllSent);
    this.#dataOut.sendSequence(task, dataOut, offset, length, get32(bhs, 20), this.#numbers.expStatSn);
    if (isAllSent) task.r2tMark = writer.takenBytes;
  }

  /**
   * 13.17, MaxOutstandingR2T: an R2T is outstanding until its data is sent. What is counted are the R2Ts since one whose data is still here, so
   * that a target that keeps to the number is never blamed; one more is borne, because the system may tell of a finished write after the next
   * R2T has come.
   */
  #countR2t(task: Task, isAllSent: boolean): void {
    if (isAllSent) task.r2tsSinceMark = 0;
    task.r2tsSinceMark++;
    if (task.r2tsSinceMark > this.#parameters.maxOutstandingR2T + 1) {
      throw brokenProtocol('more R2Ts are outstanding than MaxOutstandingR2T');
    }
  }

  /** Ends the command with this tag, if there is one: the target rejected it. */
  reject(itt: number, reason: string): void {
    const task = this.#tasks.find(itt);
    if (task === undefined) return;
    this.#end(task, new IscsiError('COMMAND_REJECTED', { ...this.#at(task.lun), detail: { reason } }));
  }

  /** Ends the commands at the target that were ended there and were sent before this CmdSN. */
  endSent(beforeCmdSn: number, isEnded: (lun: bigint) => boolean): void {
    for (const task of this.#tasks.active()) {
      if (task.state !== 'sent' && task.state !== 'abandoned') continue;
      if (isSerialLess(task.cmdSn, beforeCmdSn) && isEnded(task.lun)) this.#end(task, this.#aborted(task.lun));
    }
  }

  /** Mostly there is none, and then no error is made. */
  rejectAll(makeError: () => IscsiError): void {
    this.#queue = [];
    this.#queueHead = 0;
    if (this.#tasks.outstanding === 0) return;
    const error = makeError();
    for (const task of this.#tasks.active()) this.#end(task, error.at({ lun: formatLun(task.lun) }));
  }

  /** Gives up the commands whose time is over; returns when the next one's is. */
  expire(now: number): number {
    let next = Infinity;
    for (const task of this.#tasks.active()) {
      if (task.state === 'cancelled') continue;
      if (task.deadline > now) {
        next = Math.min(next, task.deadline);
        continue;
      }
      if (task.state === 'abandoned') {
        if (task.aborts < MAX_ABORTS) this.#askToAbort(task);
        else this.#host.giveUp();
        continue;
      }
      const detail = {
        command: task.command === undefined ? '' : nameOfCdb(task.command.cdb),
        timeoutMs: task.timeoutMs,
      };
      this.#abandon(task, new IscsiError('COMMAND_TIMED_OUT', { ...this.#at(task.lun), detail }));
    }
    return next;
  }

  #finish(task: Task, status: number, sense: Sense | undefined, residual: Residual): void {
    if (task.state === 'abandoned') {
      this.#tasks.free(task);
      return;
    }
    const { convert, resolve, reject, command, lun, dataIn, receivedIn } = task;
    const data = dataIn === undefined ? EMPTY : dataIn.length === receivedIn ? dataIn : dataIn.subarray(0, receivedIn);
    const response: ScsiResponse = sense === undefined ? { status, data, residual } : { status, sense, data, residual };
    const { trace } = this.#connection;
    if (trace !== undefined && command !== undefined) traceResponse(trace, command.cdb, lun, response);
    this.#tasks.free(task);
    let value: unknown;
    try {
      value = convert(response);
    } catch (error) {
      reject(error);
      return;
    }
    resolve(value);
  }

  #end(task: Task, error: IscsiError): void {
    const { reject } = task;
    this.#tasks.free(task);
    reject(error);
  }

  /** The caller gets its error now; the target is asked to forget the command, and its tag is free when it has. */
  #abandon(task: Task, error: IscsiError): void {
    const { reject, state } = task;
    // The buffer is the caller's again, even when half a PDU has been written to it.
    if (this.#readingTask === task) this.#connection.discardData();
    task.release();
    task.deadline = Infinity;
    if (state === 'queued') {
      // It never left; its place in the queue is passed over when it comes up.
      task.state = 'cancelled';
      reject(error);
      return;
    }
    task.state = 'abandoned';
    reject(error);
    this.#askToAbort(task);
  }

  /** Its tag is free when the target has let go of the command: aborted it, or answered it after all. */
  #askToAbort(task: Task): void {
    const { itt, cmdSn, lun } = task;
    task.aborts++;
    task.deadline = Infinity;
    const isStillThere = (): boolean => task.itt === itt && task.state === 'abandoned';
    const askAgainLater = (): void => {
      if (!isStillThere()) return;
      task.deadline = this.#host.clock.now() + this.#host.taskManagementTimeoutMs;
      this.#host.wakeBy(task.deadline);
    };
    this.#host.abortTask(itt, cmdSn, lun).then((response) => {
      // 11.6.1: 0, it is aborted, and 1, there is no such task (any more): nothing more comes of it. Any other answer leaves it where it
      // is, and its SCSI Response will come.
      if (response !== 'functionComplete' && response !== 'taskDoesNotExist') askAgainLater();
      else if (isStillThere()) this.#tasks.free(task);
    }, askAgainLater);
  }

  #unknownTask(what: string): void {
    // While we log out, answers to the commands that were given up are still on their way.
    if (this.#host.isOpen) throw brokenProtocol(`${what} for a command that does not exist`);
  }

  #aborted(lun: bigint, cause?: unknown): IscsiError {
    return new IscsiError('COMMAND_ABORTED', { ...this.#at(lun), ...(cause === undefined ? {} : { cause }) });
  }

  #at(lun: bigint): IscsiErrorContext {
    return { ...this.#host.context, phase: 'command', lun: formatLun(lun) };
  }
}

/** The target did what the protocol does not allow: the session cannot go on. */
export const brokenProtocol = (reason: string): IscsiError =>
  new IscsiError('PROTOCOL_ERROR', { phase: 'session', detail: { reason } });

const outOfRange = (option: string, reason: string): IscsiError =>
  new IscsiError('OPTION_OUT_OF_RANGE', { phase: 'input', detail: { option, reason } });

/** RFC 7143 sections 11.4.1, 11.4.5 and 11.7.3: O and U never come together. */
const readResidual = (flags: number, bhs: Buffer): Residual => {
  if ((flags & 0x06) === 0) return NO_RESIDUAL;
  const bytes = get32(bhs, 44);
  return (flags & 0x04) !== 0 ? { kind: 'overflow', bytes } : { kind: 'underflow', bytes };
};

import { IscsiError, type IscsiErrorContext } from '../error.ts';
import type { LoginResult } from '../login/initiator-login.ts';
import type { Redirect } from '../login/login.ts';
import { decodePdu, type PduOf } from '../pdu/codec.ts';
import { kindOfOpcode, PDU_LAYOUTS, RESERVED_TAG } from '../pdu/layouts.ts';
import { describeRejectReason } from '../pdu/reject-reasons.ts';
import type { ScsiCommand, ScsiExecutor, ScsiResponse } from '../scsi/executor.ts';
import { formatLun, type LunAddresses } from '../scsi/lun.ts';
import type { Connection, Receiver } from '../transport/connection.ts';
import { ListeningClock } from '../transport/listening-clock.ts';
import { checkTimeout, MAX_TIMEOUT_MS } from '../transport/timeouts.ts';
import { decodeAsyncEvent, type AsyncEvent } from './async-events.ts';
import { brokenProtocol, CommandRunner } from './command-runner.ts';
import { Controls } from './controls.ts';
import { SessionNumbers } from './numbers.ts';
import { describeSession, type SessionInfo, type SessionSettings } from './session-info.ts';
import { endsTask, TASK_MANAGEMENT, taskManagementResponseOf } from './task-management.ts';
import type { SessionTaskManagement, TaskManagementResponse } from './task-management.ts';

const DATA_IN = PDU_LAYOUTS.dataIn.opcode;
const SCSI_RESPONSE = PDU_LAYOUTS.scsiResponse.opcode;
const R2T = PDU_LAYOUTS.r2t.opcode;
/** Answers to what we did not ask in a row that a target may leave unread before it is called broken. */
const MAX_UNREAD_ANSWERS = 10_000;

/** A normal session with one connection in the full feature phase. Made by `openSession`. */
export class Session implements ScsiExecutor {
  readonly info: SessionInfo;
  /** Ends when the session does: undefined after a logout or `close`, else the error. Never rejects. */
  readonly closed: Promise<IscsiError | undefined>;
  readonly #connection: Connection;
  readonly #settings: SessionSettings;
  readonly #numbers: SessionNumbers;
  readonly #commands: CommandRunner;
  readonly #controls: Controls;
  readonly #listeners = new Set<(event: AsyncEvent) => void>();
  #state: 'open' | 'closing' | 'closed' = 'open';
  #endError: IscsiError | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wakeAt = Infinity;
  readonly #clock = new ListeningClock();
  #lastHeard = this.#clock.now();
  /** Since `#lastHeard` was noted: the clock is read when the next command is on its way, or when the session wakes, and not while an answer is waited for. */
  #isHeard = false;
  #unreadAnswers = 0;
  #finishClosed: (error: IscsiError | undefined) => void = () => undefined;

  /** For `openSession`: the session and what takes the connection's PDUs for it. */
  static begin(
    connection: Connection,
    result: LoginResult,
    settings: SessionSettings,
    redirects: readonly Redirect[],
  ): { readonly session: Session; readonly receiver: Receiver } {
    const session = new Session(connection, result, settings, redirects);
    const receiver: Receiver = {
      onHeader: (bhs, dataLength) => session.#commands.startDataIn(bhs, dataLength),
      onPdu: (bhs, ahs, data, dataLength) => session.#receive(bhs, ahs, data, dataLength),
      onEnd: (error) => session.#fail(error),
    };
    return { session, receiver };
  }

  private constructor(
    connection: Connection,
    result: LoginResult,
    settings: SessionSettings,
    redirects: readonly Redirect[],
  ) {
    this.#connection = connection;
    this.#settings = settings;
    this.#numbers = new SessionNumbers(result);
    this.#controls = new Controls(this.#clock, (deadline) => this.#wakeBy(deadline));
    this.#commands = new CommandRunner(connection, result.parameters, this.#numbers, this.#makeHost());
    this.closed = new Promise((resolve) => {
      this.#finishClosed = resolve;
    });
    this.info = describeSession(connection, result, settings, redirects);
    connection.waitingFor = 'the session';
    connection.writer.onFlushed(() => this.#commands.startClocks(this.#readClock()));
    if (settings.keepAliveMs > 0) this.#wakeBy(this.#lastHeard + settings.keepAliveMs);
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** In which form LUNs are sent: filled with what REPORT LUNS gave, it has each number sent in the form in which the target lists it. */
  get lunAddresses(): LunAddresses {
    return this.#settings.lunAddresses;
  }

  /** Portal and target, for the errors of what is built on this executor. */
  get place(): IscsiErrorContext {
    return this.#context();
  }

  /** Commands that are sent or wait to be sent. */
  get outstandingCommands(): number {
    return this.#commands.outstanding;
  }

  /**
   * Calls the listener for every asynchronous message (RFC 7143 section 11.9); the returned function ends that. A listener that throws
   * hinders neither the session nor the others: what it threw becomes a warning of the process.
   */
  onAsyncEvent(listener: (event: AsyncEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Executes a SCSI command. Status and sense are results. Rejects with an IscsiError when there is no answer: COMMAND_TIMED_OUT,
   * COMMAND_ABORTED, COMMAND_REJECTED, RESPONSE_NOT_COMPLETED, or whatever ended the session. Commands beyond the target's window wait
   * their turn. `dataOut` must not change until then. `timeoutMs` is from 1 to 2147483647.
   */
  execute(command: ScsiCommand): Promise<ScsiResponse> {
    return this.#commands.executeAs(command, unchanged);
  }

  /** See `ScsiExecutor.executeAs`. */
  executeAs<T>(command: ScsiCommand, convert: (response: ScsiResponse) => T): Promise<T> {
    return this.#commands.executeAs(command, convert);
  }

  /**
   * Asks for a task management function (RFC 7143 section 11.5). Commands that it ends reject with COMMAND_ABORTED; commands that are issued
   * after it are not touched. The target's answer is the result; rejects with TIMED_OUT when there is none, and the session ends.
   */
  async manage(fn: SessionTaskManagement, lun = 0n): Promise<TaskManagementResponse> {
    if (this.#state !== 'open') throw this.#closedError(lun);
    // 4.2.3.3: only the tasks with a CmdSN before that of the request are affected, and the request takes none of its own.
    const { cmdSn } = this.#numbers;
    const response = await this.#manageTask(fn, lun, RESERVED_TAG, 0); // 11.5.5, 11.5.6: no referenced task
    if (response === 'functionComplete') {
      this.#commands.endSent(cmdSn, (taskLun) => endsTask(fn, lun, taskLun));
      this.#commands.sendQueued();
    }
    return response;
  }

  /**
   * Asks the target whether it is there (NOP-Out, RFC 7143 section 11.18), and waits from 1 to 2147483647 ms. Rejects with TIMED_OUT, and then the
   * session has ended.
   */
  async ping(timeoutMs = this.#settings.keepAliveTimeoutMs): Promise<void> {
    checkTimeout('timeoutMs', timeoutMs);
    if (this.#state !== 'open') throw this.#closedError();
    const itt = this.#controls.nextTag();
    this.#connection.send({ kind: 'nopOut', immediate: true, itt, ttt: RESERVED_TAG, ...this.#immediateNumbers() });
    await this.#controls.wait(itt, timeoutMs, () => this.#fail(this.#silent('the answer to a ping', timeoutMs)));
  }

  /**
   * Logs out (RFC 7143 section 11.14) and closes. Commands under way are rejected. Throws when the target does not agree in time; the session
   * is closed all the same.
   */
  async logout(): Promise<void> {
    if (this.#state !== 'open') throw this.#closedError();
    this.#state = 'closing';
    this.#commands.rejectAll(() => new IscsiError('SESSION_CLOSED', { ...this.#context(), phase: 'logout' }));
    const itt = this.#controls.nextTag();
    this.#connection.waitingFor = 'the answer to the logout';
    // 11.14.1: reason 0, close the session
    this.#connection.send({ kind: 'logoutRequest', immediate: true, reason: 0, itt, ...this.#immediateNumbers() });
    const { logoutTimeoutMs } = this.#settings;
    const silence = (): void => this.#fail(this.#silent('the answer to the logout', logoutTimeoutMs, 'logout'));
    const answer = await this.#controls.wait(itt, logoutTimeoutMs, silence).finally(() => {
      // Refused by a Reject (11.17) as well: no command was left when we asked, so nothing can be waited for any more.
      this.#end(undefined);
    });
    const response = answer.kind === 'logoutResponse' ? answer.response : -1;
    // 11.15.1: 0 closed, 1 CID not found, 2 recovery not supported, 3 cleanup failed.
    if (response !== 0)
      throw new IscsiError('LOGOUT_FAILED', { ...this.#context(), phase: 'logout', detail: { response } });
  }

  /** Ends the session in one way or the other: logs out if it can within the time, and is closed then. Never throws. */
  async close(): Promise<void> {
    if (this.#state === 'open') {
      // Closed is closed; who wants to know how calls `logout`.
      await this.logout().catch(() => this.#end(undefined));
    } else await this.closed;
  }

  /** Cuts the connection without a word, as a pulled cable does. Commands under way reject with the error. */
  drop(error = new IscsiError('SESSION_CLOSED', { phase: 'session' })): void {
    this.#fail(error);
  }

  #makeHost(): ConstructorParameters<typeof CommandRunner>[3] {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the getters below need the session
    const session = this;
    return {
      get isOpen() {
        return session.#state === 'open';
      },
      get context() {
        return session.#context();
      },
      lunAddresses: this.#settings.lunAddresses,
      commandTimeoutMs: this.#settings.commandTimeoutMs,
      closedError: (lun) => this.#closedError(lun),
      clock: this.#clock,
      wakeBy: (deadline) => this.#wakeBy(deadline),
      abortTask: (itt, cmdSn, lun) => this.#manageTask('abortTask', lun, itt, cmdSn),
      taskManagementTimeoutMs: this.#settings.taskManagementTimeoutMs,
      giveUp: () => this.#fail(this.#silent('the end of an aborted command', this.#settings.taskManagementTimeoutMs)),
    };
  }

  /** The numbers of a PDU that is sent with the I bit: it carries CmdSN without taking it (RFC 7143 section 4.2.2.1). */
  #immediateNumbers(): { readonly cmdSn: number; readonly expStatSn: number } {
    return { cmdSn: this.#numbers.cmdSn, expStatSn: this.#numbers.expStatSn };
  }

  async #manageTask(
    fn: SessionTaskManagement | 'abortTask',
    lun: bigint,
    referencedTaskTag: number,
    refCmdSn: number,
  ): Promise<TaskManagementResponse> {
    const itt = this.#controls.nextTag();
    this.#connection.send({
      kind: 'taskManagementRequest',
      immediate: true,
      function: TASK_MANAGEMENT[fn],
      lun: this.#settings.lunAddresses.toSend(lun),
      itt,
      referencedTaskTag,
      refCmdSn,
      ...this.#immediateNumbers(),
    });
    const { taskManagementTimeoutMs } = this.#settings;
    const answer = await this.#controls.wait(itt, taskManagementTimeoutMs, () => {
      this.#fail(this.#silent(`the answer to ${fn}`, taskManagementTimeoutMs));
    });
    return answer.kind === 'taskManagementResponse' ? taskManagementResponseOf(answer.response) : 'undefined';
  }

  #receive(bhs: Buffer, ahs: Buffer, data: Buffer, dataLength: number): void {
    this.#isHeard = true;
    this.#numbers.updateWindow(bhs);
    const opcode = bhs[0] as number;
    if (opcode === DATA_IN) this.#commands.receiveDataIn(bhs);
    else if (opcode === SCSI_RESPONSE) this.#commands.receiveResponse(bhs, data);
    else if (opcode === R2T) this.#commands.receiveR2t(bhs);
    else this.#receiveOther(bhs, ahs, data.subarray(0, dataLength));
    this.#commands.sendQueued();
  }

  #receiveOther(bhs: Buffer, ahs: Buffer, data: Buffer): void {
    const pdu = decodePdu(bhs, ahs, data);
    switch (pdu.kind) {
      case 'nopIn':
        this.#receiveNopIn(pdu);
        break;
      case 'taskManagementResponse':
      case 'logoutResponse':
        this.#numbers.acknowledge(pdu.statSn);
        if (!this.#controls.answer(pdu.itt, pdu)) throw brokenProtocol(`a ${pdu.kind} that was not asked for`);
        break;
      case 'asyncMessage':
        this.#numbers.acknowledge(pdu.statSn);
        this.#receiveAsync(decodeAsyncEvent(pdu), pdu.expCmdSn);
        break;
      case 'reject':
        this.#numbers.acknowledge(pdu.statSn);
        this.#receiveReject(pdu);
        break;
      case 'loginResponse':
      case 'textResponse':
      default:
        throw brokenProtocol(`a ${pdu.kind} in the full feature phase`);
    }
  }

  #receiveNopIn(pdu: PduOf<'nopIn'>): void {
    if (pdu.itt !== RESERVED_TAG) {
      this.#numbers.acknowledge(pdu.statSn); // 11.19.2: only an answer has a StatSN of its own
      this.#controls.answer(pdu.itt, pdu);
    }
    // 11.18: the answer carries the TTT and the LUN, no data, and takes no CmdSN.
    if (pdu.ttt !== RESERVED_TAG) this.#sendUnasked(pdu.lun, pdu.ttt);
  }

  /** A NOP-Out that wants no answer. A target that makes us send them and does not read them would fill the memory. */
  #sendUnasked(lun: bigint, ttt: number): void {
    this.#unreadAnswers = this.#connection.writer.queuedBytes === 0 ? 0 : this.#unreadAnswers + 1;
    if (this.#unreadAnswers > MAX_UNREAD_ANSWERS) throw brokenProtocol('it asks for answers that it does not read');
    const numbers = this.#immediateNumbers();
    this.#connection.send({ kind: 'nopOut', immediate: true, lun, itt: RESERVED_TAG, ttt, ...numbers });
  }

  #receiveAsync(event: AsyncEvent, expCmdSn: number): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // The listener's fault and not the session's: it must neither end it nor go unseen.
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
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
        this.#fail(new IscsiError('SESSION_DROPPED', { phase: 'session' }));
        break;
      case 'tasksTerminated':
        // 11.9.1, event 5: the tasks that the target has received are over and bring no Response; it waits until a NOP-Out with the LUN
        // acknowledges the message. It is meant for TaskReporting=FastAbort, which we never agree to, but a target that says it has ended them.
        this.#commands.endSent(expCmdSn, (lun) => this.#settings.lunAddresses.toSend(lun) === event.lun);
        this.#sendUnasked(event.lun, RESERVED_TAG);
        break;
      case 'scsi':
      case 'other':
        break;
    }
  }

  #receiveReject(pdu: PduOf<'reject'>): void {
    const reason = describeRejectReason(pdu.reason);
    // 11.17: the data segment is the header of the PDU that was refused.
    if (pdu.data.length < 20) return;
    const itt = pdu.data.readUInt32BE(16);
    switch (kindOfOpcode(pdu.data[0] as number)) {
      case 'scsiCommand':
        this.#commands.reject(itt, reason);
        break;
      case 'dataOut':
        break; // 11.17.1: the command itself is there, and the target ends it with a SCSI Response of its own
      default: {
        const phase = this.#state === 'closing' ? 'logout' : 'session';
        this.#controls.reject(
          itt,
          new IscsiError('COMMAND_REJECTED', { ...this.#context(), phase, detail: { reason } }),
        );
      }
    }
  }

  #readClock(): number {
    const now = this.#clock.now();
    if (this.#isHeard) {
      this.#isHeard = false;
      this.#lastHeard = now;
    }
    return now;
  }

  #wakeBy(deadline: number): void {
    if (deadline >= this.#wakeAt || this.#state === 'closed') return;
    clearTimeout(this.#timer);
    this.#wakeAt = deadline;
    // A timer that is asked to wait longer than it can fires at once, again and again; this one looks and waits on.
    const delayMs = Math.min(MAX_TIMEOUT_MS, Math.max(1, Math.ceil(deadline - this.#clock.now())));
    this.#timer = setTimeout(() => this.#wake(), delayMs);
  }

  /** One timer for all deadlines of the session. */
  #wake(): void {
    const due = this.#wakeAt;
    this.#wakeAt = Infinity;
    this.#clock.wakeFor(due);
    const now = this.#readClock();
    let next = Math.min(this.#controls.expire(now), this.#commands.expire(now));
    const { keepAliveMs } = this.#settings;
    if (keepAliveMs > 0 && this.#state === 'open') {
      if (now - this.#lastHeard >= keepAliveMs) {
        this.#lastHeard = now;
        this.ping().catch(() => undefined); // silence has ended the session already
      }
      // A quarter: what was heard last before a silence is noted no later than that.
      next = Math.min(next, this.#lastHeard + keepAliveMs, now + keepAliveMs / 4);
    }
    if (next !== Infinity) this.#wakeBy(next);
  }

  #fail(error: IscsiError): void {
    this.#end(error.at({ ...this.#context(), phase: 'session' }));
  }

  #end(error: IscsiError | undefined): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#endError ??= error;
    if (error === undefined) this.#connection.close();
    else this.#connection.fail(error);
    const reason = (): IscsiError => error ?? this.#closedError();
    this.#commands.rejectAll(reason);
    this.#controls.rejectAll(reason);
    this.#listeners.clear();
    this.#finishClosed(this.#endError);
  }

  #context(): IscsiErrorContext {
    // Errors may come before `info` is there.
    const redirectedFrom = (this.info as SessionInfo | undefined)?.redirects.at(-1)?.from;
    return {
      portal: this.#connection.portalText,
      target: this.#settings.target,
      ...(redirectedFrom === undefined ? {} : { redirectedFrom }),
    };
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

const unchanged = (response: ScsiResponse): ScsiResponse => response;

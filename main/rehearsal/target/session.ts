import {
  addSerial,
  BHS_LENGTH,
  encodePdu,
  encodeText,
  isSerialLess,
  RESERVED_TAG,
  serialDistance,
  TextAssembler,
  type Pdu,
  type PduOf,
  type TextPair,
} from '../../iscsi/index.ts';
import type { NexusEnd } from '../store/index.ts';
import type { Connection, FullFeatureHandler } from './connection.ts';
import { rejectReasons } from './reject-reasons.ts';
import { ScsiTransfers } from './scsi-transfers.ts';
import type { SessionHost } from './session-host.ts';
import { manageTasks } from './task-management.ts';
import type { Aborted, Task } from './task.ts';

const none = Buffer.alloc(0);

/** The full feature phase of one session, which has one connection (MaxConnections is 1, ErrorRecoveryLevel 0). */
export class TargetSession implements FullFeatureHandler {
  readonly host: SessionHost;
  readonly connection: Connection;
  readonly #transfers = new ScsiTransfers(this);
  /** Commands that came before an earlier one: kept until the gap is filled. */
  readonly #early = new Map<number, Pdu>();
  readonly #text = new TextAssembler();
  #textRest: Buffer = none;
  #textTag = 1;
  #expCmdSn: number;
  #nextTransferTag = 1;
  #isEnded = false;
  #pings = new Map<number, () => void>();

  constructor(host: SessionHost, connection: Connection, cmdSn: number) {
    this.host = host;
    this.connection = connection;
    this.#expCmdSn = cmdSn;
  }

  get expCmdSn(): number {
    return this.#expCmdSn;
  }

  /** The window closes by as many commands as are under way, so MaxCmdSN never goes back (RFC 7143 section 4.2.2.1). */
  get maxCmdSn(): number {
    return addSerial(this.#expCmdSn, Math.max(0, this.host.queueDepth - this.#transfers.count) - 1);
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  receive(pdu: Pdu): void {
    if (this.#isEnded) return;
    if (pdu.kind === 'dataOut') return this.#transfers.takeData(pdu);
    if (pdu.kind === 'snackRequest') return this.reject(pdu, rejectReasons.snackReject); // ErrorRecoveryLevel 0
    if (!('cmdSn' in pdu)) return this.reject(pdu, rejectReasons.protocolError);
    if (pdu.kind === 'loginRequest') return this.reject(pdu, rejectReasons.protocolError);
    if (pdu.immediate) return this.#dispatch(pdu);
    const ahead = serialDistance(this.#expCmdSn, pdu.cmdSn);
    // Outside the window, or seen before: ignored without a word (RFC 7143 section 4.2.2.1).
    if (ahead < 0 || isSerialLess(this.maxCmdSn, pdu.cmdSn)) return;
    if (ahead > 0) {
      this.#early.set(pdu.cmdSn, pdu);
      return;
    }
    let next: Pdu | undefined = pdu;
    while (next && !this.#isEnded) {
      this.#expCmdSn = addSerial(this.#expCmdSn, 1);
      this.#dispatch(next);
      next = this.#early.get(this.#expCmdSn);
      this.#early.delete(this.#expCmdSn);
    }
  }

  connectionClosed(because: string): void {
    this.end(because);
  }

  /** Ends the session: its commands go without an answer. */
  end(because: string, end: NexusEnd = 'cut'): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#transfers.abort(() => true);
    this.#early.clear();
    this.host.ended(because, end);
  }

  /** Ends the commands that match, without an answer. */
  abortTasks(matches: (task: Task) => boolean): Aborted {
    return this.#transfers.abort(matches);
  }

  /** Asks the initiator whether it is there (RFC 7143 section 11.19); resolves with its NOP-Out. */
  ping(): Promise<void> {
    const ttt = this.takeTransferTag();
    return new Promise((resolve) => {
      this.#pings.set(ttt, resolve);
      this.connection.send({ kind: 'nopIn', itt: RESERVED_TAG, ttt, statSn: this.connection.statSn });
    });
  }

  /** Sends an asynchronous message (RFC 7143 section 11.9). `timeSeconds` is Parameter3 of the events 1 to 4. */
  sendAsync(event: number, parameters: { parameter1?: number; parameter2?: number; parameter3?: number } = {}): void {
    this.connection.send({
      kind: 'asyncMessage',
      asyncEvent: event,
      statSn: this.connection.takeStatSn(),
      ...parameters,
    });
  }

  #dispatch(pdu: Pdu): void {
    switch (pdu.kind) {
      case 'scsiCommand':
        return this.#transfers.start(pdu);
      case 'nopOut':
        return this.#answerNop(pdu);
      case 'textRequest':
        return this.#answerText(pdu);
      case 'logoutRequest':
        return this.#logOut(pdu);
      case 'taskManagementRequest':
        return this.#manage(pdu);
      default:
        return this.reject(pdu, rejectReasons.protocolError);
    }
  }

  /** Sends a Reject PDU for one that was not wanted (RFC 7143 section 11.17). */
  reject(pdu: Pdu, reason: number): void {
    // 11.17: the data segment holds the header of the PDU that was not wanted. Its fields were decoded, so it is written anew.
    this.connection.send({ kind: 'reject', reason, statSn: this.connection.takeStatSn(), data: headerOf(pdu) });
  }

  // NOP, text, logout, task management

  #answerNop(pdu: PduOf<'nopOut'>): void {
    if (pdu.ttt !== RESERVED_TAG) {
      this.#pings.get(pdu.ttt)?.();
      this.#pings.delete(pdu.ttt);
    }
    if (pdu.itt === RESERVED_TAG) return; // no answer is wanted: RFC 7143 section 11.18.1
    const data = pdu.data.subarray(0, this.host.parameters.maxSendDataSegmentLength);
    const statSn = this.connection.takeStatSn();
    this.connection.send({ kind: 'nopIn', lun: pdu.lun, itt: pdu.itt, ttt: RESERVED_TAG, statSn, data }, ['nop-in']);
  }

  #answerText(pdu: PduOf<'textRequest'>): void {
    const isContinuation = pdu.ttt !== RESERVED_TAG;
    if (isContinuation) {
      if (pdu.ttt !== this.#textTag || this.#textRest.length === 0) {
        return this.reject(pdu, rejectReasons.protocolError);
      }
      return this.#sendText(pdu);
    }
    this.#text.add(pdu.data);
    if (pdu.continue) {
      this.connection.send({
        kind: 'textResponse',
        itt: pdu.itt,
        ttt: this.#textTag,
        statSn: this.connection.takeStatSn(),
      });
      return;
    }
    const answers: TextPair[] = [];
    for (const [key, value] of this.#text.take()) {
      if (key === 'SendTargets') answers.push(...this.host.answerSendTargets(value));
      else answers.push([key, 'NotUnderstood']);
    }
    this.#textRest = encodeText(answers);
    this.#sendText(pdu);
  }

  /** Sends as much as the initiator takes at once; it asks for the rest with our tag (RFC 7143 sections 11.10.4, 11.11). */
  #sendText(pdu: PduOf<'textRequest'>): void {
    const most = this.host.parameters.maxSendDataSegmentLength;
    const data = this.#textRest.subarray(0, most);
    this.#textRest = this.#textRest.subarray(most);
    const hasMore = this.#textRest.length > 0;
    if (!hasMore) this.#textTag = (this.#textTag % 0x7fff_ffff) + 1;
    this.connection.send(
      {
        kind: 'textResponse',
        final: !hasMore,
        continue: hasMore,
        itt: pdu.itt,
        ttt: hasMore ? this.#textTag : RESERVED_TAG,
        statSn: this.connection.takeStatSn(),
        data,
      },
      ['text-response'],
    );
  }

  #logOut(pdu: PduOf<'logoutRequest'>): void {
    // 11.15.1: 0 closed; 1 the CID was not found; 2 recovery is not supported.
    const response = pdu.reason === 2 ? 2 : 0;
    const statSn = this.connection.takeStatSn();
    this.connection.send({ kind: 'logoutResponse', response, itt: pdu.itt, statSn }, ['logout-response']);
    if (response !== 0) return;
    this.end('the initiator logged out', 'loggedOut');
    this.connection.finish('the initiator logged out');
  }

  #manage(pdu: PduOf<'taskManagementRequest'>): void {
    const { code, ended, afterwards } = manageTasks(this, pdu);
    const answer = (): void => {
      if (this.#isEnded) return;
      const statSn = this.connection.takeStatSn();
      this.connection.send({ kind: 'taskManagementResponse', response: code, itt: pdu.itt, statSn }, [
        'task-management-response',
      ]);
      afterwards?.();
    };
    // Function complete means that nothing of the commands is done any more (RFC 7143 section 4.2.3.3, SAM-5 clause 7.1).
    if (ended) void ended.then(answer);
    else answer();
  }

  /** A Target Transfer Tag that is not in use. */
  takeTransferTag(): number {
    const tag = this.#nextTransferTag;
    this.#nextTransferTag = (tag % 0x7fff_ffff) + 1;
    return tag;
  }
}

const headerOf = (pdu: Pdu): Buffer => encodePdu({ ...pdu, ahs: [], data: none }).subarray(0, BHS_LENGTH);

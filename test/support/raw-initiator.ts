import { createHash, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  decodeBinaryValue,
  decodePdu,
  decodeSenseSegment,
  decodeText,
  encodeBinaryValue,
  encodePdu,
  lunFromNumber,
  NO_DIGESTS,
  PduReader,
  RESERVED_TAG,
  type Digests,
  type Pdu,
  type PduInput,
  type PduKind,
  type PduOf,
  type TextPair,
} from '../../main/iscsi/index.ts';

/** How long a test waits for a PDU or an end before it says what it waited for. */
const patienceMs = 60_000;

export interface RawLoginOptions {
  readonly initiatorName?: string;
  readonly targetName?: string | null;
  readonly sessionType?: 'Normal' | 'Discovery';
  /** Twelve hexadecimal digits. */
  readonly isid?: string;
  readonly tsih?: number;
  readonly keys?: readonly TextPair[];
  readonly chap?: { user: string; secret: string; algorithms?: string; mutualSecret?: string; reflect?: boolean };
}

export interface RawAnswer {
  readonly status: number;
  readonly data: Buffer;
  readonly sense: { readonly key: number; readonly asc: number; readonly ascq: number } | null;
  readonly residual: number;
  readonly overflow: boolean;
  readonly underflow: boolean;
  /** Every PDU that belonged to the command, in order. */
  readonly pdus: readonly Pdu[];
}

export const rawInitiatorName = 'iqn.2026-01.test:raw';

/**
 * An initiator that only does what it is told, PDU by PDU: it can break every rule, which the product's own cannot. For
 * tests of the target.
 */
export class RawInitiator {
  readonly socket: Socket;
  readonly received: Pdu[] = [];
  readonly #reader: PduReader;
  #digests: Digests = NO_DIGESTS;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;
  #error: Error | null = null;
  cmdSn = 100;
  expStatSn = 0;
  #itt = 1;
  tsih = 0;
  lastLogin: PduOf<'loginResponse'> | null = null;

  constructor(socket: Socket) {
    this.socket = socket;
    this.#reader = new PduReader(
      {
        onPdu: (bhs, ahs, data) => {
          const pdu = decodePdu(bhs, ahs, data);
          if ('statSn' in pdu && pdu.kind !== 'r2t' && !(pdu.kind === 'dataIn' && !pdu.hasStatus)) {
            this.expStatSn = (pdu.statSn + 1) >>> 0;
          }
          this.received.push(pdu);
          this.#wake();
        },
      },
      { maxDataSegmentLength: 0xffffff, sender: 'target' },
    );
    socket.on('data', (chunk) => {
      try {
        this.#reader.push(chunk);
      } catch (error) {
        this.#error = error instanceof Error ? error : new Error(JSON.stringify(error));
        this.#wake();
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  static async connect(portal: { host: string; port: number }): Promise<RawInitiator> {
    const socket = connect(portal);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const initiator = new RawInitiator(socket);
    onTestFinished(() => initiator.close());
    return initiator;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** What was wrong with the bytes that came; null while nothing was. */
  get streamError(): Error | null {
    return this.#error;
  }

  useDigests(digests: Digests): void {
    this.#digests = digests;
    this.#reader.setDigests(digests);
  }

  nextTag(): number {
    return this.#itt++;
  }

  send(pdu: PduInput): void {
    this.socket.write(encodePdu(pdu, this.#digests));
  }

  /** Waits until `found` says something, with a deadline; an end of the connection is a failure, unless it was meant. */
  async waitFor<Value>(found: () => Value | undefined, what: string, orClosed = false): Promise<Value | undefined> {
    const end = Date.now() + patienceMs;
    for (;;) {
      const value = found();
      if (value !== undefined) return value;
      if (this.#error) throw new Error(`instead of ${what}: ${this.#error.message}`);
      if (this.#isClosed) {
        if (orClosed) return undefined;
        throw new Error(`the connection ended instead of ${what}`);
      }
      const left = end - Date.now();
      if (left <= 0) throw new Error(`${what} did not come within ${patienceMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Takes the oldest PDU of this kind. */
  async take<Kind extends PduKind>(kind: Kind): Promise<PduOf<Kind>> {
    const pdu = await this.waitFor(() => {
      const index = this.received.findIndex((one) => one.kind === kind);
      return index < 0 ? undefined : this.received.splice(index, 1)[0];
    }, kind);
    return pdu as unknown as PduOf<Kind>;
  }

  /** Waits until the target has closed the connection. */
  async closed(): Promise<void> {
    await this.waitFor(() => (this.#isClosed ? true : undefined), 'the end of the connection', true);
  }

  close(): void {
    this.socket.destroy();
  }

  #wake(): void {
    for (const waiting of this.#waiting) waiting();
    this.#waiting.clear();
  }

  // Login

  sendLogin(fields: Partial<Omit<PduOf<'loginRequest'>, 'kind' | 'data' | 'ahs'>>, pairs: readonly TextPair[]): void {
    this.send({
      kind: 'loginRequest',
      isid: Buffer.from('400001370001', 'hex'),
      itt: 0,
      cmdSn: this.cmdSn,
      expStatSn: this.expStatSn,
      ...fields,
      data: rawText(pairs),
    });
  }

  /** Sends one login request and waits for the response. */
  async loginStep(
    fields: Partial<Omit<PduOf<'loginRequest'>, 'kind' | 'data' | 'ahs'>>,
    pairs: readonly TextPair[],
  ): Promise<{ response: PduOf<'loginResponse'>; pairs: TextPair[]; status: string }> {
    this.sendLogin(fields, pairs);
    const response = await this.take('loginResponse');
    this.lastLogin = response;
    const status = ((response.statusClass << 8) | response.statusDetail).toString(16).padStart(4, '0');
    return { response, pairs: decodeText(response.data), status };
  }

  /** A whole login; returns the status as four hexadecimal digits and every key that the target said. */
  async login(options: RawLoginOptions = {}): Promise<{ status: string; pairs: TextPair[] }> {
    const { initiatorName = rawInitiatorName, sessionType = 'Normal', isid = '400001370001', tsih = 0 } = options;
    const targetName = options.targetName === undefined ? 'iqn.2026-01.example.quorate:target' : options.targetName;
    const frame = { isid: Buffer.from(isid, 'hex'), tsih };
    const all: TextPair[] = [];
    const first: TextPair[] = [
      ['InitiatorName', initiatorName],
      ['SessionType', sessionType],
      ...(sessionType === 'Normal' && targetName !== null ? [['TargetName', targetName] as const] : []),
      ['AuthMethod', options.chap ? 'CHAP,None' : 'None'],
    ];
    let step = await this.loginStep({ ...frame, transit: !options.chap, currentStage: 0, nextStage: 1 }, first);
    all.push(...step.pairs);
    if (step.status !== '0000') return { status: step.status, pairs: all };
    if (options.chap) {
      step = await this.#proveChap(options.chap, frame, all);
      if (step.status !== '0000') return { status: step.status, pairs: all };
    }
    step = await this.loginStep({ ...frame, transit: true, currentStage: 1, nextStage: 3 }, [
      ...(options.keys ?? [['MaxRecvDataSegmentLength', '262144'] as const]),
    ]);
    all.push(...step.pairs);
    if (step.status === '0000') this.tsih = step.response.tsih;
    return { status: step.status, pairs: all };
  }

  async #proveChap(chap: NonNullable<RawLoginOptions['chap']>, frame: { isid: Buffer; tsih: number }, all: TextPair[]) {
    const asked = await this.loginStep({ ...frame, currentStage: 0, nextStage: 0 }, [
      ['CHAP_A', chap.algorithms ?? '5'],
    ]);
    all.push(...asked.pairs);
    if (asked.status !== '0000') return asked;
    const value = (key: string): string => asked.pairs.find(([name]) => name === key)?.[1] ?? '';
    const digest = { 5: 'md5', 6: 'sha1', 7: 'sha256', 8: 'sha3-256' }[value('CHAP_A')] ?? 'md5';
    const challenge = decodeBinaryValue(value('CHAP_C')) ?? Buffer.alloc(0);
    const proof = (identifier: number, secret: string, bytes: Buffer): Buffer =>
      createHash(digest)
        .update(Buffer.from([identifier]))
        .update(secret)
        .update(bytes)
        .digest();
    const own = chap.reflect ? challenge : randomBytes(16);
    const mutual: TextPair[] =
      chap.mutualSecret === undefined
        ? []
        : [
            ['CHAP_I', '7'],
            ['CHAP_C', encodeBinaryValue(own)],
          ];
    const answered = await this.loginStep({ ...frame, transit: true, currentStage: 0, nextStage: 1 }, [
      ['CHAP_N', chap.user],
      ['CHAP_R', encodeBinaryValue(proof(Number(value('CHAP_I')), chap.secret, challenge))],
      ...mutual,
    ]);
    all.push(...answered.pairs);
    if (answered.status === '0000' && chap.mutualSecret !== undefined) {
      const theirs = decodeBinaryValue(answered.pairs.find(([key]) => key === 'CHAP_R')?.[1] ?? '');
      const isRight = theirs?.equals(proof(7, chap.mutualSecret, own)) === true;
      if (!isRight) return { ...answered, status: 'target not proven' };
    }
    return answered;
  }

  // Full feature phase

  /** Sends a SCSI command with all its data and collects the answer; R2Ts are answered. */
  async command(
    cdb: Buffer | string,
    options: {
      lun?: number | bigint;
      expectedLength?: number;
      dataOut?: Buffer;
      immediateBytes?: number;
      read?: boolean;
      immediate?: boolean;
    } = {},
  ): Promise<RawAnswer> {
    const bytes = typeof cdb === 'string' ? Buffer.from(cdb, 'hex') : cdb;
    const { dataOut } = options;
    const lun = typeof options.lun === 'bigint' ? options.lun : lunFromNumber(options.lun ?? 1);
    const expectedDataTransferLength = options.expectedLength ?? dataOut?.length ?? 0;
    const immediateBytes = options.immediateBytes ?? 0;
    const itt = this.nextTag();
    this.send({
      kind: 'scsiCommand',
      immediate: options.immediate ?? false,
      final: true,
      read: options.read ?? (!dataOut && expectedDataTransferLength > 0),
      write: dataOut !== undefined,
      taskAttribute: 1,
      lun,
      itt,
      expectedDataTransferLength,
      cmdSn: options.immediate ? this.cmdSn : this.cmdSn++,
      expStatSn: this.expStatSn,
      cdb: bytes,
      data: dataOut?.subarray(0, immediateBytes) ?? Buffer.alloc(0),
    });
    return this.finishCommand(itt, dataOut);
  }

  /** Answers R2Ts of a command until its status comes. */
  async finishCommand(itt: number, dataOut?: Buffer): Promise<RawAnswer> {
    const pdus: Pdu[] = [];
    for (;;) {
      const pdu = await this.waitFor(() => {
        const index = this.received.findIndex((one) => 'itt' in one && one.itt === itt);
        return index < 0 ? undefined : this.received.splice(index, 1)[0];
      }, `an answer to the command ${itt}`);
      if (!pdu) throw new Error('unreachable');
      pdus.push(pdu);
      if (pdu.kind === 'r2t') this.answerR2t(pdu, dataOut ?? Buffer.alloc(0));
      if (pdu.kind === 'scsiResponse' || (pdu.kind === 'dataIn' && pdu.hasStatus)) return collect(pdus, pdu);
    }
  }

  answerR2t(r2t: PduOf<'r2t'>, dataOut: Buffer, mostBytes = 65536): void {
    const { bufferOffset, desiredDataTransferLength } = r2t;
    for (let done = 0, dataSn = 0; done < desiredDataTransferLength; dataSn++) {
      const length = Math.min(mostBytes, desiredDataTransferLength - done);
      const start = bufferOffset + done;
      done += length;
      this.send({
        kind: 'dataOut',
        final: done === desiredDataTransferLength,
        lun: r2t.lun,
        itt: r2t.itt,
        ttt: r2t.ttt,
        expStatSn: this.expStatSn,
        dataSn,
        bufferOffset: start,
        data: dataOut.subarray(start, start + length),
      });
    }
  }

  /** TEST UNIT READY until the pending unit attentions are gone; returns what they were, as `ASC/ASCQ`. */
  async clearAttentions(lun = 1): Promise<string[]> {
    const seen: string[] = [];
    for (;;) {
      const { status, sense } = await this.command('000000000000', { lun });
      if (status !== 0x02 || sense?.key !== 0x06) return seen;
      seen.push(`${sense.asc.toString(16)}/${sense.ascq.toString(16)}`);
    }
  }

  async text(pairs: readonly TextPair[]): Promise<PduOf<'textResponse'>> {
    this.send({
      kind: 'textRequest',
      final: true,
      itt: this.nextTag(),
      ttt: RESERVED_TAG,
      cmdSn: this.cmdSn++,
      expStatSn: this.expStatSn,
      data: rawText(pairs),
    });
    return this.take('textResponse');
  }

  async logout(reason = 0): Promise<PduOf<'logoutResponse'>> {
    this.send({
      kind: 'logoutRequest',
      reason,
      itt: this.nextTag(),
      cmdSn: this.cmdSn++,
      expStatSn: this.expStatSn,
    });
    return this.take('logoutResponse');
  }

  async manageTask(fn: number, lun = 1, referencedTaskTag = RESERVED_TAG): Promise<number> {
    this.send({
      kind: 'taskManagementRequest',
      immediate: true,
      function: fn,
      lun: lunFromNumber(lun),
      itt: this.nextTag(),
      referencedTaskTag,
      cmdSn: this.cmdSn,
      expStatSn: this.expStatSn,
    });
    return (await this.take('taskManagementResponse')).response;
  }
}

const collect = (pdus: readonly Pdu[], last: PduOf<'scsiResponse'> | PduOf<'dataIn'>): RawAnswer => {
  const pieces = pdus.filter((pdu): pdu is PduOf<'dataIn'> => pdu.kind === 'dataIn');
  const sense = last.kind === 'scsiResponse' ? decodeSenseSegment(last.data) : Buffer.alloc(0);
  return {
    status: last.status,
    data: Buffer.concat(pieces.map((one) => one.data)),
    sense: sense.length >= 14 ? { key: (sense[2] ?? 0) & 0x0f, asc: sense[12] ?? 0, ascq: sense[13] ?? 0 } : null,
    residual: last.residualCount,
    overflow: last.overflow,
    underflow: last.underflow,
    pdus,
  };
};

/** Key=value pairs as they are given: the product's own encoder refuses those that are none. */
const rawText = (pairs: readonly TextPair[]): Buffer =>
  Buffer.from(pairs.map(([key, value]) => `${key}=${value}\0`).join(''));

/** Connects and logs in; throws when the target says no. */
export const openRawSession = async (
  portal: { host: string; port: number },
  options: RawLoginOptions = {},
): Promise<RawInitiator> => {
  const initiator = await RawInitiator.connect(portal);
  const { status } = await initiator.login(options);
  if (status !== '0000') throw new Error(`the login ended in ${status}`);
  return initiator;
};

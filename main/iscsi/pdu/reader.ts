import { IscsiError } from '../error.ts';
import { crc32c } from './crc32c.ts';
import { EMPTY, NO_DIGESTS, paddedLength, type Digests } from './codec.ts';
import { BHS_LENGTH, kindOfOpcode, type PduKind } from './layouts.ts';

/** Takes the PDUs that a `PduReader` cuts out of the byte stream. */
export interface PduSink {
  /**
   * The header is there and its digest was right; `dataLength` bytes of data follow. May return a buffer of at least that length into
   * which the data is then written (no copy in between); undefined: the reader allocates one. The header is only lent until return.
   */
  onHeader?(bhs: Buffer, dataLength: number): Buffer | undefined;
  /**
   * The whole PDU is there. `bhs` and `ahs` are lent until return, `data` belongs to the receiver and has exactly the segment's length,
   * except when `onHeader` gave the buffer: then it is that buffer and the length is that of the header's field.
   */
  onPdu(bhs: Buffer, ahs: Buffer, data: Buffer, dataLength: number): void;
}

/** What a reader takes and what it refuses. */
export interface PduReaderOptions {
  /** Longest data segment that is taken; more throws PDU_TOO_LONG before anything is allocated. */
  readonly maxDataSegmentLength: number;
  readonly digests?: Digests;
  /** Only PDUs of this sender are taken; others throw PDU_MALFORMED at their first byte. Undefined: both. */
  readonly sender?: 'initiator' | 'target';
  /** What the very first PDU can be; anything else throws PDU_MALFORMED at its first byte. Undefined: any. */
  readonly firstKinds?: readonly PduKind[];
}

/** From here on a read of its own costs less than a copy. */
const DIRECT_LENGTH = 16 * 1024;
/** The rest of a data segment of this length is read on its own to its end, however little it is. */
export const LARGE_SEGMENT_LENGTH = 32 * 1024;

const IN_BHS = 0;
const IN_AHS = 1;
const IN_HEADER_DIGEST = 2;
const IN_DATA = 3;
const IN_PADDING = 4;
const IN_DATA_DIGEST = 5;

/**
 * Cuts PDUs out of a byte stream that arrives in pieces of any size. Holds at most one header, one AHS and one data segment. After it
 * threw it throws the same error for ever: there is no way to find the next PDU in a stream that lost its place (RFC 7143 section 7.1).
 */
export class PduReader {
  readonly #sink: PduSink;
  readonly #bhs = Buffer.alloc(BHS_LENGTH);
  readonly #digest = Buffer.alloc(4);
  readonly #sender: 'initiator' | 'target' | undefined;
  #firstKinds: readonly PduKind[] | undefined;
  #ahs = EMPTY;
  #data = EMPTY;
  #state = IN_BHS;
  #filled = 0;
  #dataLength = 0;
  #paddingLength = 0;
  #crc = 0;
  #viewed = EMPTY;
  #viewStart = 0;
  #view = EMPTY;
  #failed: IscsiError | undefined;
  #stopped = false;
  #maxDataSegmentLength: number;
  #digests: Digests;

  constructor(sink: PduSink, options: PduReaderOptions) {
    this.#sink = sink;
    this.#maxDataSegmentLength = options.maxDataSegmentLength;
    this.#digests = options.digests ?? NO_DIGESTS;
    this.#sender = options.sender;
    this.#firstKinds = options.firstKinds;
  }

  /** Applies to the PDUs whose first byte has not been read yet: digests start with the full feature phase (13.1). */
  setDigests(digests: Digests): void {
    this.#digests = digests;
  }

  setMaxDataSegmentLength(lengthBytes: number): void {
    this.#maxDataSegmentLength = lengthBytes;
  }

  /** True between two PDUs. */
  get isAtBoundary(): boolean {
    return this.#state === IN_BHS && this.#filled === 0;
  }

  /** No further PDU is delivered, not even from bytes already given. */
  stop(): void {
    this.#stopped = true;
  }

  /** What is still to come of the data segment under way is thrown away, and not written to the buffer that was given for it. */
  discardData(): void {
    if (this.#state === IN_DATA) this.#data = Buffer.allocUnsafeSlow(this.#dataLength);
  }

  /**
   * Where the next bytes can be read to by the system itself, without a copy: the rest of a data segment that has much to come. The bytes that
   * then arrive are told to `pushDirect`. Undefined: read elsewhere and `push`.
   */
  directTarget(): Buffer | undefined {
    if (this.#state !== IN_DATA || this.#failed !== undefined) return undefined;
    const remaining = this.#dataLength - this.#filled;
    if (remaining < DIRECT_LENGTH && this.#dataLength < LARGE_SEGMENT_LENGTH) return undefined;
    return this.#data.subarray(this.#filled, this.#dataLength);
  }

  /** `length` bytes lie at the front of `target`, the last `directTarget`. */
  pushDirect(target: Buffer, length: number): void {
    if (this.#failed !== undefined) throw this.#failed;
    if (this.#state !== IN_DATA || length > this.#dataLength - this.#filled) throw new Error('pushDirect out of place');
    if (this.#digests.data) this.#crc = crc32c(target.subarray(0, length), this.#crc);
    this.#filled += length;
    if (this.#filled < this.#dataLength) return;
    this.#enter(IN_PADDING);
    this.push(EMPTY);
  }

  /** Length of the data segment of the PDU under way or, between two, of the last one. */
  get dataLength(): number {
    return this.#dataLength;
  }

  /** Takes the next bytes, which the reader does not keep. Throws an IscsiError; `onPdu` is called from inside. */
  push(chunk: Buffer, start = 0, end = chunk.length): void {
    if (this.#failed !== undefined) throw this.#failed;
    try {
      this.#push(chunk, start, end);
    } catch (error) {
      if (error instanceof IscsiError) this.#failed = error;
      throw error;
    }
  }

  #push(chunk: Buffer, start: number, end: number): void {
    let at = start;
    while (!this.#stopped) {
      switch (this.#state) {
        case IN_BHS: {
          if (at === end) return;
          if (this.#filled === 0) this.#checkFirstByte(chunk[at] as number);
          const take = Math.min(BHS_LENGTH - this.#filled, end - at);
          // Byte by byte: `copy` would make a view of so little each time.
          for (let i = 0; i < take; i++) this.#bhs[this.#filled + i] = chunk[at + i] as number;
          at += take;
          this.#filled += take;
          if (this.#filled < BHS_LENGTH) return;
          this.#startHeader();
          break;
        }
        case IN_AHS: {
          if (at === end) return;
          const take = Math.min(this.#ahs.length - this.#filled, end - at);
          chunk.copy(this.#ahs, this.#filled, at, at + take);
          at += take;
          this.#filled += take;
          if (this.#filled < this.#ahs.length) return;
          if (this.#digests.header) this.#enter(IN_HEADER_DIGEST);
          else this.#startData();
          break;
        }
        case IN_HEADER_DIGEST: {
          if (at === end) return;
          const take = Math.min(4 - this.#filled, end - at);
          chunk.copy(this.#digest, this.#filled, at, at + take);
          at += take;
          this.#filled += take;
          if (this.#filled < 4) return;
          this.#checkHeaderDigest();
          this.#startData();
          break;
        }
        case IN_DATA: {
          if (at === end) return;
          const take = Math.min(this.#dataLength - this.#filled, end - at);
          this.#data.set(this.#viewOf(chunk, at, at + take), this.#filled);
          if (this.#digests.data) this.#crc = crc32c(chunk.subarray(at, at + take), this.#crc);
          at += take;
          this.#filled += take;
          if (this.#filled < this.#dataLength) return;
          this.#enter(IN_PADDING);
          break;
        }
        case IN_PADDING: {
          if (this.#paddingLength > 0) {
            if (at === end) return;
            const take = Math.min(this.#paddingLength - this.#filled, end - at);
            // 13.1: padding bytes are covered by the data digest, and need not be zero (11.1 says SHOULD).
            if (this.#digests.data) this.#crc = crc32c(chunk.subarray(at, at + take), this.#crc);
            at += take;
            this.#filled += take;
            if (this.#filled < this.#paddingLength) return;
          }
          if (this.#digests.data) this.#enter(IN_DATA_DIGEST);
          else this.#deliver();
          break;
        }
        case IN_DATA_DIGEST: {
          if (at === end) return;
          const take = Math.min(4 - this.#filled, end - at);
          chunk.copy(this.#digest, this.#filled, at, at + take);
          at += take;
          this.#filled += take;
          if (this.#filled < 4) return;
          if (this.#digest.readUInt32LE(0) !== this.#crc) throw new IscsiError('DATA_DIGEST_WRONG');
          this.#deliver();
          break;
        }
        default:
          throw new Error(`PduReader in state ${this.#state}`);
      }
    }
  }

  /** One command at a time brings its data to the same place each time, and a view costs as much as the copy. */
  #viewOf(chunk: Buffer, start: number, end: number): Buffer {
    if (this.#viewed !== chunk || this.#viewStart !== start || this.#view.length !== end - start) {
      this.#viewed = chunk;
      this.#viewStart = start;
      this.#view = chunk.subarray(start, end);
    }
    return this.#view;
  }

  #enter(state: number): void {
    this.#state = state;
    this.#filled = 0;
  }

  /** Wrong speakers are told at their first byte, so that they need not send 48 of them. */
  #checkFirstByte(byte: number): void {
    const opcode = byte & 0x3f;
    const kind = kindOfOpcode(opcode);
    const isWrongSender = this.#sender !== undefined && ((opcode & 0x20) !== 0) !== (this.#sender === 'target');
    const isWrongFirst = this.#firstKinds !== undefined && kind !== undefined && !this.#firstKinds.includes(kind);
    this.#firstKinds = undefined;
    if (kind === undefined || isWrongSender || isWrongFirst || (byte & 0x80) !== 0) {
      throw new IscsiError('PDU_MALFORMED', {
        detail: {
          reason: `a PDU cannot begin with the byte ${byte.toString(16).padStart(2, '0')}h here`,
          firstByte: byte,
        },
      });
    }
  }

  #startHeader(): void {
    const bhs = this.#bhs;
    const ahsLength = (bhs[4] as number) * 4;
    if (ahsLength > 0) {
      this.#ahs = Buffer.allocUnsafe(ahsLength);
      this.#enter(IN_AHS);
      return;
    }
    this.#ahs = EMPTY;
    if (this.#digests.header) this.#enter(IN_HEADER_DIGEST);
    else this.#startData();
  }

  #checkHeaderDigest(): void {
    let crc = crc32c(this.#bhs);
    if (this.#ahs.length > 0) crc = crc32c(this.#ahs, crc);
    if (this.#digest.readUInt32LE(0) !== crc) throw new IscsiError('HEADER_DIGEST_WRONG');
  }

  #startData(): void {
    const bhs = this.#bhs;
    // Only after the header's digest: a damaged length must not be believed.
    const length = ((bhs[5] as number) << 16) | ((bhs[6] as number) << 8) | (bhs[7] as number);
    if (length > this.#maxDataSegmentLength) {
      throw new IscsiError('PDU_TOO_LONG', { detail: { length, limit: this.#maxDataSegmentLength } });
    }
    this.#dataLength = length;
    const given = this.#sink.onHeader?.(bhs, length);
    if (length === 0) {
      this.#data = EMPTY;
      this.#deliver();
      return;
    }
    if (given !== undefined && given.length < length) {
      throw new IscsiError('PDU_MALFORMED', {
        detail: { reason: 'the data does not fit the buffer that is meant for it' },
      });
    }
    this.#data = given ?? Buffer.allocUnsafeSlow(length);
    this.#paddingLength = paddedLength(length) - length;
    this.#crc = 0;
    this.#enter(IN_DATA);
  }

  #deliver(): void {
    const data = this.#data;
    const ahs = this.#ahs;
    this.#data = EMPTY;
    this.#ahs = EMPTY;
    this.#enter(IN_BHS);
    this.#sink.onPdu(this.#bhs, ahs, data, this.#dataLength);
  }
}

import type { Socket } from 'node:net';

/** Room for some three hundred headers; more of them take further slabs. */
const SLAB_LENGTH = 16 * 1024;
/** Up to here a copy costs less than a part of its own in the write: a header and the parameter list behind it go out as one piece. */
const COPIED_LENGTH = 1024;
const ZEROES = Buffer.alloc(4);

interface Slab {
  readonly bytes: Buffer;
  /** Writes of parts of it that the socket has not finished. */
  writesInFlight: number;
}

/**
 * Collects headers in slabs that are used again, and data by reference, and gives everything that was collected in one turn of the event
 * loop to the socket at once. No PDU makes a buffer of its own.
 */
export class PduWriter {
  readonly #socket: Socket;
  readonly #idle: Slab[] = [];
  #slab: Slab = { bytes: Buffer.allocUnsafeSlow(SLAB_LENGTH), writesInFlight: 0 };
  /** Part of the slab that is filled but not yet in `#parts`. */
  #start = 0;
  #end = 0;
  #parts: Buffer[] = [];
  /** For each part of `#parts` the slab that it lies in; undefined: it is the caller's data. */
  #slabs: (Slab | undefined)[] = [];
  #takenBytes = 0;
  #flushedBytes = 0;
  #isScheduled = false;
  #isClosed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes that the socket has not given to the system yet. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** All bytes that were ever given to this writer. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** How many of them the system has taken, as far as it has told. */
  get sentBytes(): number {
    return this.#flushedBytes - this.#socket.writableLength;
  }

  /** Where `reserve`d bytes are to be written; only until the next call of `reserve`. */
  get buffer(): Buffer {
    return this.#slab.bytes;
  }

  /** Reserves up to a few hundred bytes that the caller fills at once, in `buffer` from the offset that is returned. */
  reserve(lengthBytes: number): number {
    if (this.#end + lengthBytes > SLAB_LENGTH) this.#changeSlab();
    const offset = this.#end;
    this.#end += lengthBytes;
    this.#takenBytes += lengthBytes;
    this.#schedule();
    return offset;
  }

  /** Takes bytes by reference, unless they are few: they must not change until the command that they belong to has been answered. */
  append(bytes: Buffer): void {
    if (bytes.length <= COPIED_LENGTH) {
      const offset = this.reserve(bytes.length);
      bytes.copy(this.#slab.bytes, offset);
      return;
    }
    this.#cutPart();
    this.#parts.push(bytes);
    this.#slabs.push(undefined);
    this.#takenBytes += bytes.length;
    this.#schedule();
  }

  /** Zero to three bytes that fill a segment up: RFC 7143 section 11.1. */
  appendPadding(lengthBytes: number): void {
    if (lengthBytes === 0) return;
    const offset = this.reserve(lengthBytes);
    ZEROES.copy(this.#slab.bytes, offset, 0, lengthBytes);
  }

  /** Everything collected so far goes out now. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#isClosed) return;
    this.#cutPart();
    const parts = this.#parts;
    if (parts.length === 0) return;
    const slabs = this.#slabs;
    this.#flushedBytes = this.#takenBytes;
    this.#parts = [];
    this.#slabs = [];
    if (parts.length === 1) {
      this.#writePart(parts[0] as Buffer, slabs[0]);
      return;
    }
    this.#socket.cork();
    for (let i = 0; i < parts.length; i++) this.#writePart(parts[i] as Buffer, slabs[i]);
    this.#socket.uncork();
  }

  close(): void {
    this.#isClosed = true;
    this.#parts = [];
    this.#slabs = [];
  }

  #writePart(part: Buffer, slab: Slab | undefined): void {
    if (slab === undefined) {
      this.#socket.write(part);
      return;
    }
    slab.writesInFlight++;
    this.#socket.write(part, () => this.#written(slab));
  }

  #written(slab: Slab): void {
    slab.writesInFlight--;
    if (slab.writesInFlight > 0) return;
    if (slab === this.#slab) {
      // Nothing of it is under way or waiting: begin at its front again.
      if (this.#start === this.#end && !this.#slabs.includes(slab)) {
        this.#start = 0;
        this.#end = 0;
      }
    } else if (this.#idle.length < 4 && !this.#slabs.includes(slab)) {
      this.#idle.push(slab);
    }
  }

  #changeSlab(): void {
    this.#cutPart();
    this.#slab = this.#idle.pop() ?? { bytes: Buffer.allocUnsafeSlow(SLAB_LENGTH), writesInFlight: 0 };
    this.#start = 0;
    this.#end = 0;
  }

  #cutPart(): void {
    if (this.#start === this.#end) return;
    this.#parts.push(this.#slab.bytes.subarray(this.#start, this.#end));
    this.#slabs.push(this.#slab);
    this.#start = this.#end;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // After the microtasks of this turn: commands that were issued by the answers of one read go out together.
    process.nextTick(flushWriter, this);
  }
}

const flushWriter = (writer: PduWriter): void => writer.flush();

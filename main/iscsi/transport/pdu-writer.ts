import type { Socket } from 'node:net';

/** Room for some three hundred headers; more of them take further slabs. */
const SLAB_LENGTH = 16 * 1024;
/** Most sessions never have more under way than fits here. */
const FIRST_SLAB_LENGTH = 2048;
/** Up to here a copy costs less than a part of its own in the write: a header and the parameter list behind it go out as one piece. */
const COPIED_LENGTH = 1024;
/** Slabs kept for later. */
const MAX_IDLE = 4;
const EMPTY = Buffer.alloc(0);
const ZEROES = Buffer.alloc(4);

/** A slab that is full: free again once the system has taken all bytes up to `mark`. */
interface FullSlab {
  readonly bytes: Buffer;
  readonly mark: number;
}

/**
 * Collects headers in slabs that are used again, and data by reference, and gives everything that was collected in one turn of the event
 * loop to the socket at once. No PDU makes a buffer of its own.
 */
export class PduWriter {
  readonly #socket: Socket;
  readonly #idle: Buffer[] = [];
  /** Those that wait or are under way, the oldest first. */
  readonly #full: FullSlab[] = [];
  #slab: Buffer = Buffer.allocUnsafeSlow(FIRST_SLAB_LENGTH);
  /** Part of the slab that is filled but not yet in `#parts`. */
  #start = 0;
  #end = 0;
  #parts: Buffer[] = [];
  #takenBytes = 0;
  #flushedBytes = 0;
  /** The view of the last part, and where it begins in its slab. */
  #part: Buffer = EMPTY;
  #partStart = 0;
  #isScheduled = false;
  #isClosed = false;
  #afterFlush: () => void = () => undefined;
  readonly #flushNow = (): void => this.flush();

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
    return this.#slab;
  }

  /**
   * Reserves up to a few hundred bytes that the caller fills at once, in `buffer` from the offset that is returned. `isLone`: nothing is under way that
   * others could follow the answers of, so there is nobody to wait for.
   */
  reserve(lengthBytes: number, isLone = false): number {
    if (this.#end + lengthBytes > this.#slab.length) this.#changeSlab();
    const offset = this.#end;
    this.#end += lengthBytes;
    this.#takenBytes += lengthBytes;
    this.schedule(isLone);
    return offset;
  }

  /** Takes bytes by reference, unless they are few: they must not change until the command that they belong to has been answered. */
  append(bytes: Buffer): void {
    if (bytes.length <= COPIED_LENGTH) {
      const offset = this.reserve(bytes.length);
      bytes.copy(this.#slab, offset);
      return;
    }
    this.#cutPart();
    this.#parts.push(bytes);
    this.#takenBytes += bytes.length;
    this.schedule();
  }

  /** Zero to three bytes that fill a segment up: RFC 7143 section 11.1. */
  appendPadding(lengthBytes: number): void {
    if (lengthBytes === 0) return;
    const offset = this.reserve(lengthBytes);
    ZEROES.copy(this.#slab, offset, 0, lengthBytes);
  }

  /**
   * There will be a flush in this turn of the event loop, even if nothing is sent: at its end, so that commands that were issued by the answers of all its
   * reads of the socket go out in one write, which costs more than all else that a command costs; in the case of a lone one after the microtasks that
   * already wait, which saves the way to the end of the turn.
   */
  schedule(isLone = false): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (isLone) void SETTLED.then(this.#flushNow);
    else setImmediate(flushWriter, this);
  }

  /** Called after every flush: what can be done when the bytes are on their way costs them no time. */
  onFlushed(callback: () => void): void {
    this.#afterFlush = callback;
  }

  /** Everything collected so far goes out now. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#isClosed) return;
    this.#cutPart();
    this.#write();
    this.#afterFlush();
  }

  #write(): void {
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#flushedBytes = this.#takenBytes;
    if (parts.length === 1) {
      this.#socket.write(parts.pop() as Buffer);
    } else {
      this.#parts = [];
      this.#socket.cork();
      for (const part of parts) this.#socket.write(part);
      this.#socket.uncork();
    }
    // Mostly the system takes everything at once. Nothing of the slab is under way or waiting then: begin at its front again.
    if (this.#socket.writableLength === 0) {
      this.#start = 0;
      this.#end = 0;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#parts = [];
  }

  #changeSlab(): void {
    this.#cutPart();
    this.#full.push({ bytes: this.#slab, mark: this.#takenBytes });
    const { sentBytes } = this;
    while (this.#full.length > 0 && (this.#full[0] as FullSlab).mark <= sentBytes) {
      const { bytes } = this.#full.shift() as FullSlab;
      if (bytes.length === SLAB_LENGTH && this.#idle.length < MAX_IDLE) this.#idle.push(bytes);
    }
    this.#slab = this.#idle.pop() ?? Buffer.allocUnsafeSlow(SLAB_LENGTH);
    this.#start = 0;
    this.#end = 0;
  }

  #cutPart(): void {
    if (this.#start === this.#end) return;
    // One command after another mostly lies where the last one lay; a view costs more than the header in it.
    const isSame =
      this.#partStart === this.#start &&
      this.#part.length === this.#end - this.#start &&
      this.#part.buffer === this.#slab.buffer;
    if (!isSame) {
      this.#part = this.#slab.subarray(this.#start, this.#end);
      this.#partStart = this.#start;
    }
    this.#parts.push(this.#part);
    this.#start = this.#end;
  }
}

const SETTLED = Promise.resolve();
const flushWriter = (writer: PduWriter): void => writer.flush();

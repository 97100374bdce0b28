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

/** What waits for company is sent after this at the latest: the shortest time that a timer of the runtime has. */
const LONGEST_HOLD_MS = 1;
/** After a hold that brought no company before its time was over, so many flushes wait for none: the target is not that quick. */
const FLUSHES_WITHOUT_HOLD = 64;

/** A slab that is full: free again once the system has taken all bytes up to `mark`. */
interface FullSlab {
  readonly bytes: Buffer;
  readonly mark: number;
}

/**
 * When bytes go out. `lone`: after the microtasks that already wait, because nothing else is under way whose answer others could follow. `turn`: at
 * the end of this turn of the event loop, with all that its reads of the socket brought about, because a write costs more than everything else that a
 * command costs. `patient`: the same, or a little later, where more will follow soon.
 */
export type Urgency = 'lone' | 'turn' | 'patient';

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
  /** Something that was collected must not wait for company. */
  #isUrgent = false;
  #isHeld = false;
  #holdTimer: NodeJS.Timeout | undefined;
  #flushesWithoutHold = 0;
  #isClosed = false;
  #afterFlush: () => void = () => undefined;
  #mayHold: () => boolean = () => false;
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

  /** Reserves up to a few hundred bytes that the caller fills at once, in `buffer` from the offset that is returned. */
  reserve(lengthBytes: number, urgency: Urgency = 'turn'): number {
    if (this.#end + lengthBytes > this.#slab.length) this.#changeSlab();
    const offset = this.#end;
    this.#end += lengthBytes;
    this.#takenBytes += lengthBytes;
    this.schedule(urgency);
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

  /** There will be a flush, even if nothing is sent: see `Urgency`. */
  schedule(urgency: Urgency = 'turn'): void {
    if (urgency !== 'patient') this.#isUrgent = true;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (urgency === 'lone') void SETTLED.then(this.#flushNow);
    else setImmediate(endTurn, this);
  }

  /** What was collected goes out, or waits for what the next turns bring because that is near. */
  endTurn(): void {
    if (!this.#isScheduled) return;
    if (this.#isUrgent || this.#flushesWithoutHold > 0 || !this.#mayHold()) {
      this.flush();
      return;
    }
    this.#isScheduled = false;
    if (this.#isHeld) return;
    this.#isHeld = true;
    if (this.#holdTimer === undefined) this.#holdTimer = setTimeout(endHold, LONGEST_HOLD_MS, this);
    else this.#holdTimer.refresh();
  }

  /** No company came in time. */
  endHold(): void {
    if (!this.#isHeld) return;
    this.#flushesWithoutHold = FLUSHES_WITHOUT_HOLD;
    this.flush();
  }

  /**
   * `flushed` is called after every flush: what can be done when the bytes are on their way costs them no time. `mayHold` says whether patient bytes may
   * wait for more of them.
   */
  attach({ flushed, mayHold }: { readonly flushed: () => void; readonly mayHold: () => boolean }): void {
    this.#afterFlush = flushed;
    this.#mayHold = mayHold;
  }

  /** Everything collected so far goes out now. */
  flush(): void {
    this.#isScheduled = false;
    this.#isUrgent = false;
    this.#isHeld = false;
    if (this.#flushesWithoutHold > 0) this.#flushesWithoutHold--;
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
    this.#isHeld = false;
    clearTimeout(this.#holdTimer);
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
const endTurn = (writer: PduWriter): void => writer.endTurn();
const endHold = (writer: PduWriter): void => writer.endHold();

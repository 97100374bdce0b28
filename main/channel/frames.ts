import type { Duplex } from 'node:stream';
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  Message,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc/node';
import type { ChannelLimits } from './limits.ts';

/** Why a conversation can not go on: the other side does not keep to the form of messages. */
export class FrameError extends Error {}

const headerBytes = 4;

/** Whether a byte occurs less often than so many times. */
const isFewerThan = (text: Buffer, byte: number, most: number): boolean => {
  let at = text.indexOf(byte);
  for (let count = 1; at >= 0; count += 1) {
    if (count >= most) return false;
    at = text.indexOf(byte, at + 1);
  }
  return true;
};

/**
 * How deep arrays and objects stand in each other in a JSON text, counted without parsing it.
 * @throws FrameError when deeper than allowed
 */
const checkDepth = (text: Buffer, maxDepth: number): void => {
  // Most messages have fewer brackets than may stand in each other.
  if (isFewerThan(text, 0x7b, maxDepth / 2) && isFewerThan(text, 0x5b, maxDepth / 2)) return;
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at];
    if (isInString) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) isInString = false;
    } else if (byte === 0x22) isInString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > maxDepth) throw new FrameError(`a message is nested more than ${maxDepth} deep`);
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
};

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && (value as { jsonrpc?: unknown }).jsonrpc === '2.0';

/**
 * Takes a stream of bytes apart into messages: four bytes of length (big-endian), then so many bytes of UTF-8 JSON. A length that is too
 * great ends the conversation before a byte of it is stored.
 */
export class FrameSplitter {
  readonly #limits: Pick<ChannelLimits, 'maxMessageBytes' | 'maxDepth'>;
  #chunks: Buffer[] = [];
  #stored = 0;
  #wanted = 0;
  #isHeader = true;

  constructor(limits: Pick<ChannelLimits, 'maxMessageBytes' | 'maxDepth'>) {
    this.#limits = limits;
  }

  push(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#stored += bytes.length;
  }

  /** The next whole message; null while it is not complete. @throws FrameError */
  next(): Message | null {
    if (this.#isHeader) {
      if (this.#stored < headerBytes) return null;
      const length = this.#take(headerBytes).readUInt32BE(0);
      if (length === 0) throw new FrameError('a message is empty');
      if (length > this.#limits.maxMessageBytes)
        throw new FrameError(`a message of ${length} bytes was announced, ${this.#limits.maxMessageBytes} are allowed`);
      this.#wanted = length;
      this.#isHeader = false;
    }
    if (this.#stored < this.#wanted) return null;
    const text = this.#take(this.#wanted);
    this.#isHeader = true;
    return this.#parse(text);
  }

  /** How many bytes are held. */
  get stored(): number {
    return this.#stored;
  }

  /** True between two messages: an end here is clean. */
  isBetween(): boolean {
    return this.#isHeader && this.#stored === 0;
  }

  #take(length: number): Buffer {
    const first = this.#chunks[0] as Buffer;
    const whole = first.length >= length ? first : Buffer.concat(this.#chunks, this.#stored);
    const rest = whole.subarray(length);
    if (first.length >= length) {
      if (rest.length > 0) this.#chunks[0] = rest;
      else this.#chunks.shift();
    } else this.#chunks = rest.length > 0 ? [rest] : [];
    this.#stored -= length;
    return whole.subarray(0, length);
  }

  #parse(text: Buffer): Message {
    checkDepth(text, this.#limits.maxDepth);
    let value: unknown;
    try {
      value = JSON.parse(text.toString('utf8'));
    } catch {
      throw new FrameError('a message is not JSON');
    }
    if (!isMessage(value)) throw new FrameError('a message is not JSON-RPC 2.0');
    return value;
  }
}

/** So many bytes may lie unread in messages that are whole, before no more are taken from the stream. */
const backlogBytes = 256 << 10;

/** So many questions and notices are handed over in one turn of the event loop: others of the process have theirs in between. */
const mostInTurn = 32;

/**
 * Reads messages from a stream, within limits; what breaks the form is an error, and nothing is read after it. It hands over so many messages for
 * each turn of the event loop as the library behind it works off in one, and stops the stream when more arrive: so nobody fills the
 * library's queue, which has no bound.
 */
export class FrameReader extends AbstractMessageReader implements MessageReader {
  readonly #stream: Duplex;
  readonly #splitter: FrameSplitter;
  readonly #onBytes: () => void;
  #isBroken = false;
  #isWaiting = false;
  /** Taken from the stream, for the next turn. */
  #kept: Message | null = null;
  #isEnded = false;

  constructor(stream: Duplex, limits: ChannelLimits, onBytes: () => void) {
    super();
    this.#stream = stream;
    this.#splitter = new FrameSplitter(limits);
    this.#onBytes = onBytes;
  }

  listen(callback: DataCallback): Disposable {
    const onData = (bytes: Buffer): void => {
      this.#onBytes();
      if (this.#isBroken) return;
      this.#splitter.push(bytes);
      if (!this.#isWaiting) this.#handOver(callback);
      else if (this.#splitter.stored > backlogBytes) this.#stream.pause();
    };
    const onEnd = (): void => {
      this.#isEnded = true;
      if (!this.#isWaiting) this.#finish();
    };
    const onClose = (): void => this.fireClose();
    this.#stream.on('data', onData);
    this.#stream.once('end', onEnd);
    this.#stream.once('close', onClose);
    return {
      dispose: () => {
        this.#isBroken = true;
        this.#stream.off('data', onData);
        this.#stream.off('end', onEnd);
        this.#stream.off('close', onClose);
      },
    };
  }

  #next(): Message | null {
    const kept = this.#kept;
    this.#kept = null;
    return kept ?? this.#splitter.next();
  }

  #handOver(callback: DataCallback): void {
    if (this.#isBroken) return;
    try {
      let handed = 0;
      let isAnswered = false;
      for (let message = this.#next(); message; message = this.#next()) {
        this.#isWaiting = true;
        // An answer is taken at once; anything else lies in the library's queue until this turn ends.
        if (Message.isResponse(message)) isAnswered = true;
        else handed += 1;
        // A question that came after an answer may count on what the answer makes of this side: who waited for it goes on first.
        if (handed > mostInTurn || (handed > 0 && isAnswered && !Message.isResponse(message))) {
          this.#kept = message;
          setImmediate(() => this.#handOver(callback));
          return;
        }
        callback(message);
      }
      this.#isWaiting = false;
    } catch (error) {
      this.#isBroken = true;
      this.fireError(error);
      return;
    }
    if (this.#isEnded) this.#finish();
    else if (this.#stream.isPaused()) this.#stream.resume();
  }

  #finish(): void {
    if (!this.#isBroken && !this.#splitter.isBetween()) this.fireError(new FrameError('a message was cut off'));
    this.fireClose();
  }
}

/** So many frames in one piece of memory: each would cost more than the bytes in it, in memory and as a record of TLS. */
const packed = (texts: readonly string[], size: number): Buffer => {
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const text of texts) {
    const length = bytes.write(text, at + headerBytes, 'utf8');
    bytes.writeUInt32BE(length, at);
    at += headerBytes + length;
  }
  return bytes;
};

/** What a message is refused with that is longer than the other side reads; the library passes on the text of an error and no more. */
const tooLong = (bytes: number): string => `a message of ${bytes} bytes is too long`;
export const tooLongText = /^a message of \d+ bytes is too long$/;

/** The code of the answer that takes the place of one that is too long. */
export const answerTooLongCode = -32_051;

const written = Promise.resolve();

/** What is written in one turn leaves together, and at once when it is so much, in bytes. */
const mostHeldBytes = 64 << 10;

/**
 * Writes messages to a stream in their order, those of one turn of the event loop in one piece; a write is done when the stream takes more.
 */
export class FrameWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #stream: Duplex;
  readonly #maxMessageBytes: number;
  /** What all writes wait for while the stream is full. */
  #drained: Promise<void> | null = null;
  readonly #onWrite: () => void;
  #held: string[] = [];
  #heldBytes = 0;

  constructor(stream: Duplex, limits: ChannelLimits, onWrite: () => void) {
    super();
    this.#stream = stream;
    this.#maxMessageBytes = limits.maxMessageBytes;
    this.#onWrite = onWrite;
  }

  write(message: Message): Promise<void> {
    if (this.#stream.destroyed || this.#stream.writableEnded)
      return Promise.reject(new Error('the connection has ended'));
    let text = JSON.stringify(message);
    let length = Buffer.byteLength(text);
    if (length > this.#maxMessageBytes) {
      if (!Message.isResponse(message)) return Promise.reject(new Error(tooLong(length)));
      const error = { code: answerTooLongCode, message: tooLong(length) };
      text = JSON.stringify({ jsonrpc: '2.0', id: message.id, error });
      length = Buffer.byteLength(text);
    }
    this.#onWrite();
    if (this.#held.length === 0) process.nextTick(() => this.flush());
    this.#held.push(text);
    this.#heldBytes += headerBytes + length;
    if (this.#heldBytes >= mostHeldBytes) this.flush();
    return this.#drained ?? written;
  }

  /** Hands over to the stream what was written in this turn. */
  flush(): void {
    if (this.#held.length === 0) return;
    const bytes = packed(this.#held, this.#heldBytes);
    this.#held = [];
    this.#heldBytes = 0;
    if (this.#stream.destroyed || this.#stream.writableEnded || this.#stream.write(bytes)) return;
    this.#drained ??= new Promise<void>((resolve) => {
      const done = (): void => {
        this.#stream.off('drain', done);
        this.#stream.off('close', done);
        this.#drained = null;
        resolve();
      };
      this.#stream.once('drain', done);
      this.#stream.once('close', done);
    });
  }

  end(): void {
    this.flush();
    this.#stream.end();
  }
}

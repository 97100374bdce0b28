import type { Duplex } from 'node:stream';
import { errorCodes, isAnswer, isMessage, type Message } from './rpc.ts';
import type { ChannelLimits } from './limits.ts';

/** Why a conversation cannot go on: the other side does not keep to the form of messages. */
export class FrameError extends Error {}

const headerBytes = 4;

/** Whether a letter occurs less often than so many times. */
const isFewerThan = (text: string, letter: string, most: number): boolean => {
  let at = text.indexOf(letter);
  for (let count = 1; at >= 0; count += 1) {
    if (count >= most) return false;
    at = text.indexOf(letter, at + 1);
  }
  return true;
};

/**
 * How deep arrays and objects stand in each other in a JSON text, counted without parsing it.
 * @throws FrameError when deeper than allowed
 */
const checkDepth = (text: string, maxDepth: number): void => {
  // Most messages have fewer brackets than may stand in each other.
  if (isFewerThan(text, '{', maxDepth / 2) && isFewerThan(text, '[', maxDepth / 2)) return;
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (isInString) {
      if (unit === 0x5c) at += 1;
      else if (unit === 0x22) isInString = false;
    } else if (unit === 0x22) isInString = true;
    else if (unit === 0x7b || unit === 0x5b) {
      depth += 1;
      if (depth > maxDepth) throw new FrameError(`a message is nested more than ${maxDepth} deep`);
    } else if (unit === 0x7d || unit === 0x5d) depth -= 1;
  }
};

/**
 * Takes a stream of bytes apart into messages: four bytes of length (big-endian), then so many bytes of UTF-8 JSON. A length that is too
 * great ends the conversation before a byte of it is stored.
 */
export class FrameSplitter {
  readonly #limits: Pick<ChannelLimits, 'maxMessageBytes' | 'maxDepth'>;
  #chunks: Buffer[] = [];
  /** So much of the first chunk is read. */
  #at = 0;
  #stored = 0;
  /** The length of the message whose header was read; 0 between messages. */
  #wanted = 0;

  constructor(limits: Pick<ChannelLimits, 'maxMessageBytes' | 'maxDepth'>) {
    this.#limits = limits;
  }

  push(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#stored += bytes.length;
  }

  /** The next whole message; null while it is not complete. @throws FrameError */
  next(): Message | null {
    if (this.#wanted === 0) {
      if (this.#stored < headerBytes) return null;
      const length = this.#whole(headerBytes).readUInt32BE(this.#at);
      this.#skip(headerBytes);
      if (length === 0) throw new FrameError('a message is empty');
      if (length > this.#limits.maxMessageBytes)
        throw new FrameError(`a message of ${length} bytes was announced, ${this.#limits.maxMessageBytes} are allowed`);
      this.#wanted = length;
    }
    const length = this.#wanted;
    if (this.#stored < length) return null;
    const text = this.#whole(length).toString('utf8', this.#at, this.#at + length);
    this.#skip(length);
    this.#wanted = 0;
    return this.#parse(text);
  }

  /** How many bytes are held. */
  get stored(): number {
    return this.#stored;
  }

  /** True between two messages: an end here is clean. */
  isBetween(): boolean {
    return this.#wanted === 0 && this.#stored === 0;
  }

  /** The chunk in which so many bytes lie at `#at`; those that are stored are joined only where a message is cut. */
  #whole(length: number): Buffer {
    const first = this.#chunks[0] as Buffer;
    if (first.length - this.#at >= length) return first;
    const whole = Buffer.concat([first.subarray(this.#at), ...this.#chunks.slice(1)], this.#stored);
    this.#chunks = [whole];
    this.#at = 0;
    return whole;
  }

  #skip(length: number): void {
    this.#at += length;
    this.#stored -= length;
    if (this.#at < (this.#chunks[0] as Buffer).length) return;
    this.#chunks.shift();
    this.#at = 0;
  }

  #parse(text: string): Message {
    checkDepth(text, this.#limits.maxDepth);
    let value: unknown;
    try {
      value = JSON.parse(text);
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

/** Who hears what a reader reads. */
export interface FrameListener {
  onBytes(): void;
  onMessage(message: Message): void;
  /** The form was broken; nothing is read after it. */
  onBroken(error: FrameError): void;
  /** The other side says no more, or the stream is gone. May be called more than once. */
  onEnd(): void;
}

/**
 * Reads messages from a stream, within limits. It hands over a bounded number for each turn of the event loop, and stops the stream while more wait than it may store.
 */
export class FrameReader {
  readonly #stream: Duplex;
  readonly #splitter: FrameSplitter;
  readonly #listener: FrameListener;
  #isStopped = false;
  #isWaiting = false;
  /** Taken from the stream, for the next turn. */
  #kept: Message | null = null;
  #isEnded = false;
  readonly #onData = (bytes: Buffer): void => {
    this.#listener.onBytes();
    if (this.#isStopped) return;
    this.#splitter.push(bytes);
    if (!this.#isWaiting) this.#handOver();
    else if (this.#splitter.stored > backlogBytes) this.#stream.pause();
  };
  readonly #onEnd = (): void => {
    this.#isEnded = true;
    if (!this.#isWaiting) this.#finish();
  };
  readonly #onClose = (): void => this.#listener.onEnd();

  constructor(stream: Duplex, limits: Pick<ChannelLimits, 'maxMessageBytes' | 'maxDepth'>, listener: FrameListener) {
    this.#stream = stream;
    this.#splitter = new FrameSplitter(limits);
    this.#listener = listener;
    stream.on('data', this.#onData);
    stream.once('end', this.#onEnd);
    stream.once('close', this.#onClose);
  }

  /** Reads no more. */
  stop(): void {
    this.#isStopped = true;
    this.#stream.off('data', this.#onData);
    this.#stream.off('end', this.#onEnd);
    this.#stream.off('close', this.#onClose);
  }

  #next(): Message | null {
    const kept = this.#kept;
    this.#kept = null;
    return kept ?? this.#splitter.next();
  }

  #handOver(): void {
    try {
      let handed = 0;
      let hasAnswer = false;
      for (let message = this.#isStopped ? null : this.#next(); message; message = this.#next()) {
        this.#isWaiting = true;
        if (isAnswer(message)) hasAnswer = true;
        else handed += 1;
        // A question that came after an answer may count on what the answer makes of this side: who waited for it goes on first.
        if (handed > mostInTurn || (hasAnswer && !isAnswer(message))) {
          this.#kept = message;
          setImmediate(() => this.#handOver());
          return;
        }
        this.#listener.onMessage(message);
        if (this.#isStopped) return;
      }
      this.#isWaiting = false;
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#isStopped = true;
      this.#listener.onBroken(error);
      return;
    }
    if (this.#isEnded) this.#finish();
    else if (this.#stream.isPaused()) this.#stream.resume();
  }

  #finish(): void {
    if (!this.#isStopped && !this.#splitter.isBetween())
      this.#listener.onBroken(new FrameError('a message was cut off'));
    this.#listener.onEnd();
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

/** A message is longer than the other side reads. */
export class TooLongError extends Error {
  readonly bytes: number;

  constructor(bytes: number) {
    super(`a message of ${bytes} bytes is too long`);
    this.bytes = bytes;
  }
}

/** What is written in one turn leaves together, and at once when it is so much, in bytes. */
const mostHeldBytes = 64 << 10;

/** Writes messages to a stream in their order, those of one turn of the event loop in one piece. */
export class FrameWriter {
  readonly #stream: Duplex;
  readonly #maxMessageBytes: number;
  readonly #onWrite: () => void;
  readonly #flushLater = (): void => this.flush();
  #held: string[] = [];
  #heldBytes = 0;

  constructor(stream: Duplex, limits: Pick<ChannelLimits, 'maxMessageBytes'>, onWrite: () => void) {
    this.#stream = stream;
    this.#maxMessageBytes = limits.maxMessageBytes;
    this.#onWrite = onWrite;
  }

  /** An answer that is too long is replaced by one that says so. @throws TooLongError, TypeError of what JSON can not carry */
  write(message: Message): void {
    if (this.#stream.destroyed || this.#stream.writableEnded) return;
    let text = JSON.stringify(message);
    let length = Buffer.byteLength(text);
    if (length > this.#maxMessageBytes) {
      const tooLong = new TooLongError(length);
      if (!isAnswer(message)) throw tooLong;
      const error = { code: errorCodes.answerTooLong, message: tooLong.message };
      text = JSON.stringify({ jsonrpc: '2.0', id: message.id, error });
      length = Buffer.byteLength(text);
    }
    this.#onWrite();
    if (this.#held.length === 0) process.nextTick(this.#flushLater);
    this.#held.push(text);
    this.#heldBytes += headerBytes + length;
    if (this.#heldBytes >= mostHeldBytes) this.flush();
  }

  /** Hands over to the stream what was written in this turn. */
  flush(): void {
    if (this.#held.length === 0) return;
    const bytes = packed(this.#held, this.#heldBytes);
    this.#held = [];
    this.#heldBytes = 0;
    if (!this.#stream.destroyed && !this.#stream.writableEnded) this.#stream.write(bytes);
  }

  end(): void {
    this.flush();
    this.#stream.end();
  }
}

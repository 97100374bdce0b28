import { setMaxListeners } from 'node:events';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Progress } from '../../shared/contract/define.ts';
import { cancelled, failure, type Failure } from '../../shared/errors/failure.ts';
import { onBeat } from './beat.ts';
import { callerGone } from './caller-gone.ts';
import { Deadlines } from './deadlines.ts';
import { FrameReader, FrameWriter, TooLongError } from './frames.ts';
import { peerLimits, type ChannelLimits } from './limits.ts';
import { errorCodes, JsonRpc, RpcError, type Asked, type Stop } from './rpc.ts';

/** What an answering side knows of a call. */
export interface IncomingCall {
  readonly method: string;
  readonly input: unknown;
  /** Aborts when the caller cancels and, with the reason {@link callerGone}, when the connection ends. */
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/** Answers a call with a value that JSON can carry. What it throws is told to the log, never to the other side. */
export type CallHandler = (call: IncomingCall) => Promise<unknown>;

export interface ChannelCallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** How long to wait for the answer, in milliseconds; null for work that lasts as long as it lasts. */
  readonly deadlineMs?: number | null;
}

export interface ChannelOptions {
  /** Who is at the other end, for failures and the log. */
  readonly peer: string;
  readonly limits?: ChannelLimits;
  readonly onCall: CallHandler;
  readonly onBug?: (error: unknown, method: string) => void;
}

const defaultDeadlineMs = 30_000;
/** What a connection that ends by itself may take to send what it still has, in milliseconds. */
const farewellMs = 2_000;

interface CallMessage {
  readonly call: number;
  readonly method: string;
  readonly input: unknown;
}
interface ProgressMessage {
  readonly call: number;
  readonly progress: Progress;
}

/** A call of the other side, as its handler sees it. What most handlers never look at is made when it is. */
class Incoming implements IncomingCall {
  readonly method: string;
  readonly input: unknown;
  readonly #stop: Stop;
  readonly #tell: (progress: Progress) => void;

  constructor(method: string, input: unknown, stop: Stop, tell: (progress: Progress) => void) {
    this.method = method;
    this.input = input;
    this.#stop = stop;
    this.#tell = tell;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get progress(): (progress: Progress) => void {
    return this.#tell;
  }
}

/** A call of ours that is under way. */
interface Outgoing extends Asked {
  readonly onProgress: ((progress: Progress) => void) | undefined;
  /** The connection ended. */
  onLost(): void;
}

/**
 * Questions and answers over one connection, in both directions: with progress, cancellation, limits and signs of life. It knows nothing of
 * what is asked. The stream is authentic already.
 */
export class Channel {
  readonly peer: string;
  /** Resolves with the reason once the connection has ended. */
  readonly closed: Promise<string>;
  readonly #stream: Duplex;
  readonly #limits: ChannelLimits;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #rpc: JsonRpc<Outgoing>;
  readonly #deadlines = new Deadlines();
  readonly #waiting: (() => void)[] = [];
  readonly #stopHeart: () => void;
  #callsOut = 0;
  #lastHeard = performance.now();
  #lastSent = performance.now();
  #reason: string | null = null;
  #resolveClosed: (reason: string) => void = () => undefined;

  constructor(stream: Duplex, options: ChannelOptions) {
    this.peer = options.peer;
    this.#stream = stream;
    this.#limits = options.limits ?? peerLimits;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#writer = new FrameWriter(stream, this.#limits, () => (this.#lastSent = performance.now()));
    this.#rpc = new JsonRpc({
      send: (message) => this.#writer.write(message),
      onQuestion: (method, params, stop) => this.#answer(options.onCall, method, params, stop),
      onNotice: (method, params) => {
        if (method !== 'progress') return;
        const { call, progress } = (params ?? {}) as Partial<ProgressMessage>;
        if (typeof call === 'number' && progress) this.#rpc.waiting(call)?.onProgress?.(progress);
      },
      onBug: (error, method) => options.onBug?.(error, method),
      maxAnswering: this.#limits.maxCallsIn,
    });
    this.#reader = new FrameReader(stream, this.#limits, {
      onBytes: () => (this.#lastHeard = performance.now()),
      onMessage: (message) => this.#rpc.receive(message),
      onBroken: ({ message }) => this.destroy(`the other side does not keep to the form of messages: ${message}`),
      onEnd: () => this.destroy('the other side ended it'),
    });
    stream.on('error', (error: NodeJS.ErrnoException) => this.destroy(error.code ?? error.message));
    stream.once('close', () => this.destroy('the other side ended it'));
    this.#stopHeart = onBeat(this.#limits.heartbeatMs, () => this.#beat());
  }

  get isOpen(): boolean {
    return this.#reason === null;
  }

  /** The address of this server that the connection runs over; null for what is no connection of the network, and after its end. */
  get localAddress(): string | null {
    return (this.#stream instanceof Socket ? this.#stream.localAddress : undefined) ?? null;
  }

  /**
   * Asks the other side.
   * @throws Failure CHANNEL_LOST, CHANNEL_TIMEOUT, CHANNEL_BUSY, CHANNEL_MESSAGE_TOO_LONG, CANCELLED
   */
  async call(method: string, input: unknown, options: ChannelCallOptions = {}): Promise<unknown> {
    if (options.signal?.aborted) throw cancelled(method);
    if (this.#callsOut < this.#limits.maxCallsOut) this.#callsOut += 1;
    else await this.#turn(method, options.signal);
    return this.#ask(method, input, options);
  }

  /** Ends the connection after what was written has left. */
  async end(reason: string): Promise<void> {
    if (this.#reason === null) {
      this.#writer.end();
      const timer = setTimeout(() => this.destroy(reason), farewellMs);
      this.#stream.once('close', () => clearTimeout(timer));
      await this.closed;
    }
  }

  /** Ends the connection at once: whoever waits is told, and what works for the other side is stopped. */
  destroy(reason: string): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#stopHeart();
    this.#deadlines.clear();
    this.#reader.stop();
    for (const call of this.#rpc.end(callerGone)) call.onLost();
    for (const next of this.#waiting.splice(0)) next();
    // An answer that was given in this turn is still sent.
    this.#writer.flush();
    this.#stream.destroy();
    this.#resolveClosed(reason);
  }

  #ask(method: string, input: unknown, options: ChannelCallOptions): Promise<unknown> {
    const { signal, onProgress, deadlineMs = defaultDeadlineMs } = options;
    const call = this.#rpc.newId();
    return new Promise((resolve, reject) => {
      let patience: NodeJS.Timeout | undefined;
      const settle = (): void => {
        if (deadlineMs !== null) this.#deadlines.delete(call);
        if (signal) {
          clearTimeout(patience);
          signal.removeEventListener('abort', onAbort);
        }
        this.#callsOut -= 1;
        this.#waiting.shift()?.();
      };
      const giveUp = (error: Error): void => {
        this.#rpc.forget(call);
        settle();
        reject(error);
      };
      const onAbort = (): void => {
        this.#rpc.cancel(call);
        patience = setTimeout(() => giveUp(cancelled(method, 'unknown')), this.#limits.cancelPatienceMs);
      };
      if (this.#reason !== null) return giveUp(this.#lost(method, 'none'));
      const message: CallMessage = { call, method, input };
      try {
        this.#rpc.ask(call, 'call', message, {
          onProgress,
          onResult: (result) => {
            settle();
            resolve(result);
          },
          onError: (error) => giveUp(this.#failureOf(method, error)),
          onLost: () => giveUp(this.#lost(method)),
        });
      } catch (error) {
        return giveUp(error instanceof TooLongError ? this.#tooLong(method, error.bytes) : (error as Error));
      }
      if (deadlineMs !== null)
        this.#deadlines.set(call, deadlineMs, () => {
          this.#rpc.cancel(call);
          giveUp(failure('CHANNEL_TIMEOUT', { peer: this.peer, method, seconds: Math.ceil(deadlineMs / 1000) }));
        });
      if (!signal) return;
      // One signal may belong to calls to every peer at once; each listens while it is under way.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', onAbort, { once: true });
      // It may have been aborted while this call waited for its turn.
      if (signal.aborted) onAbort();
    });
  }

  /** The text of what it throws stays here: see {@link JsonRpc}. */
  #answer(onCall: CallHandler, kind: string, params: unknown, stop: Stop): Promise<unknown> {
    if (kind !== 'call') throw new RpcError(errorCodes.methodNotFound, 'only calls are answered');
    const { call, method, input } = (params ?? {}) as Partial<CallMessage>;
    if (typeof method !== 'string' || typeof call !== 'number' || !Number.isSafeInteger(call))
      throw new RpcError(errorCodes.failed, 'a call has a number and a method');
    return onCall(new Incoming(method, input, stop, (progress) => this.#sendProgress({ call, progress })));
  }

  /** Progress is news, not record: when the other side does not read, it is left out. */
  #sendProgress(message: ProgressMessage): void {
    if (this.#reason !== null || this.#stream.writableLength > this.#limits.maxUnsentBytes) return;
    try {
      this.#rpc.tell('progress', message);
    } catch (error) {
      if (!(error instanceof TooLongError)) throw error;
    }
  }

  /** Waits until fewer calls are under way, and counts this one among them. */
  #turn(method: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        signal?.removeEventListener('abort', giveUp);
        this.#callsOut += 1;
        resolve();
      };
      const giveUp = (): void => {
        const at = this.#waiting.indexOf(turn);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(cancelled(method));
      };
      this.#waiting.push(turn);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  #beat(): void {
    const now = performance.now();
    if (this.#stream.writableLength > 4 * this.#limits.maxUnsentBytes)
      return this.destroy('the other side does not read');
    if (now - this.#lastSent >= this.#limits.heartbeatMs * 0.9) this.#rpc.tell('alive');
    if (now - this.#lastHeard < this.#limits.silenceMs) return;
    // This process itself may have stood still (a suspended machine, a long computation): what arrived meanwhile is read first.
    setImmediate(() =>
      setImmediate(() => {
        const silence = performance.now() - this.#lastHeard;
        if (silence >= this.#limits.silenceMs)
          this.destroy(`nothing was heard from the other side for ${(silence / 1000).toFixed(1)} s`);
      }),
    );
  }

  #lost(method: string, effect: 'none' | 'unknown' = 'unknown'): Failure {
    return failure('CHANNEL_LOST', { peer: this.peer, reason: this.#reason ?? 'it ended', method }, { effect });
  }

  #tooLong(method: string, bytes: number): Failure {
    const limit = this.#limits.maxMessageBytes;
    return failure('CHANNEL_MESSAGE_TOO_LONG', { peer: this.peer, method, bytes, limit });
  }

  #failureOf(method: string, error: RpcError): Failure {
    switch (error.code) {
      case errorCodes.busy:
        return failure('CHANNEL_BUSY', { peer: this.peer, method });
      case errorCodes.answerTooLong:
        return this.#tooLong(method, Number(error.message.replace(/\D+/g, '')));
      case errorCodes.failed:
        return failure('INTERNAL_BUG', { message: `${this.peer} failed at ${method}; its log says why` });
      default:
        return this.#lost(method);
    }
  }
}

import { setMaxListeners } from 'node:events';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  CancellationStrategy,
  type CancellationToken,
  createMessageConnection,
  ResponseError,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import './turns.ts';
import type { Progress } from '../../shared/contract/define.ts';
import { cancelled, Failure, failure } from '../../shared/errors/failure.ts';
import { callerGone } from './caller-gone.ts';
import { Cancellation } from './cancellation.ts';
import { Deadlines } from './deadlines.ts';
import { answerTooLongCode, FrameError, FrameReader, FrameWriter, tooLongText } from './frames.ts';
import { peerLimits, type ChannelLimits } from './limits.ts';
import { Numbered } from './numbered.ts';

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

const busyCode = -32_050;
const failedCode = -32_052;
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

/** An abort signal that costs something only when somebody looks at it: most questions are answered before anybody would. */
class LazySignal {
  #controller: AbortController | null = null;
  #reason: { readonly value: unknown } | null = null;

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason.value);
    }
    return this.#controller.signal;
  }

  abort(reason?: unknown): void {
    this.#reason ??= { value: reason };
    this.#controller?.abort(reason);
  }
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
  readonly #writer: FrameWriter;
  readonly #connection: MessageConnection;
  /** What is worked on for the other side; a signal is made for those who ask for it. */
  readonly #incoming = new Numbered<LazySignal>();
  readonly #progress = new Numbered<(progress: Progress) => void>();
  readonly #deadlines = new Deadlines();
  readonly #waiting: (() => void)[] = [];
  readonly #heart: NodeJS.Timeout;
  #callsOut = 0;
  #nextCall = 1;
  #lastHeard = performance.now();
  #lastSent = performance.now();
  #reason: string | null = null;
  #resolveClosed: (reason: string) => void = () => undefined;

  constructor(stream: Duplex, options: ChannelOptions) {
    this.peer = options.peer;
    this.#stream = stream;
    this.#limits = options.limits ?? peerLimits;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    const reader = new FrameReader(stream, this.#limits, () => (this.#lastHeard = performance.now()));
    this.#writer = new FrameWriter(stream, this.#limits, () => (this.#lastSent = performance.now()));
    // Any bound makes the library take answers at once instead of one for each turn; this one is never reached, see maxCallsIn.
    const maxParallelism = 2 * this.#limits.maxCallsIn + 64;
    this.#connection = createMessageConnection(reader, this.#writer, undefined, {
      maxParallelism,
      cancellationStrategy: {
        receiver: { kind: 'id', createCancellationTokenSource: () => new Cancellation() },
        sender: CancellationStrategy.Message.sender,
      },
    });
    this.#answer(options);
    this.#connection.onNotification('progress', ({ call, progress }: ProgressMessage) =>
      this.#progress.get(call)?.(progress),
    );
    this.#connection.onNotification('alive', () => undefined);
    this.#connection.onError(([error]) => {
      if (error instanceof FrameError)
        this.destroy(`the other side does not keep to the form of messages: ${error.message}`);
    });
    this.#connection.onClose(() => this.destroy('the other side ended it'));
    stream.on('error', (error: NodeJS.ErrnoException) => this.destroy(error.code ?? error.message));
    stream.once('close', () => this.destroy('the other side ended it'));
    this.#heart = setInterval(() => this.#beat(), Math.max(20, this.#limits.heartbeatMs / 2));
    this.#heart.unref();
    this.#connection.listen();
  }

  get isOpen(): boolean {
    return this.#reason === null;
  }

  /** The address of this server that the connection runs over; null for what is no connection of the network, and after its end. */
  get localAddress(): string | null {
    return (this.#stream instanceof Socket ? this.#stream.localAddress : undefined) ?? null;
  }

  /** How many questions of the other side are being worked on. */
  get callsIn(): number {
    return this.#incoming.size;
  }

  /**
   * Asks the other side.
   * @throws Failure CHANNEL_LOST, CHANNEL_TIMEOUT, CHANNEL_BUSY, CHANNEL_MESSAGE_TOO_LONG, CANCELLED
   */
  async call(method: string, input: unknown, options: ChannelCallOptions = {}): Promise<unknown> {
    const { signal, onProgress, deadlineMs = defaultDeadlineMs } = options;
    if (signal?.aborted) throw cancelled(method);
    await this.#takeTurn(method, signal);
    const call = this.#nextCall++;
    const cancellation = new Cancellation();
    let patience: NodeJS.Timeout | undefined;
    let onAbort: (() => void) | undefined;
    try {
      if (this.#reason !== null) throw this.#lost(method, 'none');
      if (onProgress) this.#progress.add(call, onProgress);
      const message: CallMessage = { call, method, input };
      const answer = this.#connection.sendRequest<unknown>('call', message, cancellation.token);
      if (deadlineMs === null && !signal) return await answer;
      return await new Promise<unknown>((resolve, reject) => {
        answer.then(resolve, reject);
        if (deadlineMs !== null)
          this.#deadlines.set(call, deadlineMs, () => {
            cancellation.cancel();
            reject(failure('CHANNEL_TIMEOUT', { peer: this.peer, method, seconds: Math.ceil(deadlineMs / 1000) }));
          });
        onAbort = () => {
          cancellation.cancel();
          patience = setTimeout(() => reject(cancelled(method, 'unknown')), this.#limits.cancelPatienceMs);
        };
        // One signal may belong to calls to every peer at once; each listens while it is under way.
        if (signal) setMaxListeners(0, signal);
        signal?.addEventListener('abort', onAbort, { once: true });
        // It may have been aborted while this call waited for its turn.
        if (signal?.aborted) onAbort();
      });
    } catch (error) {
      throw this.#failureOf(method, error);
    } finally {
      this.#deadlines.delete(call);
      clearTimeout(patience);
      if (onAbort) signal?.removeEventListener('abort', onAbort);
      this.#progress.delete(call);
      cancellation.dispose();
      this.#callsOut -= 1;
      this.#waiting.shift()?.();
    }
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
    clearInterval(this.#heart);
    this.#deadlines.clear();
    // The library keeps questions that wait when a stream ends, and tells no handler that its caller is gone.
    this.#connection.dispose();
    for (const [, stop] of this.#incoming.entries()) stop.abort(callerGone);
    this.#incoming.clear();
    for (const next of this.#waiting.splice(0)) next();
    // An answer that was given in this turn is still sent.
    this.#writer.flush();
    this.#stream.destroy();
    this.#resolveClosed(reason);
  }

  #answer(options: ChannelOptions): void {
    this.#connection.onRequest(
      'call',
      async (message: Partial<CallMessage> | null, cancellation: CancellationToken) => {
        const { call, method, input } = message ?? {};
        if (typeof method !== 'string' || !Number.isSafeInteger(call) || typeof call !== 'number')
          throw new ResponseError(failedCode, 'a call has a number and a method');
        if (this.#incoming.size >= this.#limits.maxCallsIn || this.#incoming.has(call))
          throw new ResponseError(busyCode, 'too many calls at once');
        const stop = new LazySignal();
        this.#incoming.add(call, stop);
        cancellation.onCancellationRequested(() => stop.abort());
        try {
          const progress = (value: Progress): void => this.#sendProgress({ call, progress: value });
          const incoming: IncomingCall = {
            method,
            input,
            progress,
            get signal() {
              return stop.signal;
            },
          };
          return (await options.onCall(incoming)) ?? null;
        } catch (error) {
          // The library would send the error's own text to the other side.
          options.onBug?.(error, method);
          throw new ResponseError(failedCode, 'the call failed');
        } finally {
          this.#incoming.delete(call);
        }
      },
    );
  }

  /** Progress is news, not record: when the other side does not read, it is left out. */
  #sendProgress(message: ProgressMessage): void {
    if (this.#reason !== null || this.#stream.writableLength > this.#limits.maxUnsentBytes) return;
    void this.#connection.sendNotification('progress', message).catch(() => undefined);
  }

  #takeTurn(method: string, signal: AbortSignal | undefined): Promise<void> {
    if (this.#callsOut < this.#limits.maxCallsOut) {
      this.#callsOut += 1;
      return Promise.resolve();
    }
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
    if (now - this.#lastSent >= this.#limits.heartbeatMs * 0.9)
      void this.#connection.sendNotification('alive').catch(() => undefined);
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

  #failureOf(method: string, error: unknown): unknown {
    if (error instanceof ResponseError) {
      if (error.code === busyCode) return failure('CHANNEL_BUSY', { peer: this.peer, method });
      if (error.code === answerTooLongCode || tooLongText.test(error.message))
        return failure('CHANNEL_MESSAGE_TOO_LONG', {
          peer: this.peer,
          method,
          bytes: error.message.replace(/\D+/g, ''),
          limit: this.#limits.maxMessageBytes,
        });
      if (error.code === failedCode)
        return failure('INTERNAL_BUG', { message: `${this.peer} failed at ${method}; its log says why` });
      return this.#lost(method);
    }
    return error instanceof Failure ? error : this.#lost(method);
  }
}

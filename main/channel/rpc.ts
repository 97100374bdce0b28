import { Numbered } from './numbered.ts';

/** What travels: a question has `method` and `id`, a notice `method` alone, an answer `id` with `result` or `error`. */
export interface Message {
  readonly jsonrpc: '2.0';
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

export const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && (value as { jsonrpc?: unknown }).jsonrpc === '2.0';

/** An answer takes the place of what its `method` would ask; anything that has one is a question or a notice. */
export const isAnswer = (message: Message): boolean => message.method === undefined;

/** The codes of section 5.1 of JSON-RPC 2.0 that are used here, and ours from its range for servers. */
export const errorCodes = {
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  busy: -32_050,
  answerTooLong: -32_051,
  failed: -32_052,
} as const;

/** An error that the other side is told as it is; of any other it is told nothing but that there was one. */
export class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** A question of ours that waits. One of the two is called, once; none after {@link JsonRpc.forget}. */
export interface Asked {
  onResult(result: unknown): void;
  onError(error: RpcError): void;
}

/** Whether the one who asks still wants to know. The abort signal costs something only when somebody looks at it: most questions are answered before. */
export class Stop {
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

export interface RpcOptions {
  /** Takes a message to the other side. What it throws, the one who asks is told; where it was an answer, that answer is replaced by a failure. */
  readonly send: (message: Message) => void;
  /** Answers a question; `id` is the other side's number for it. */
  readonly onQuestion: (method: string, params: unknown, stop: Stop, id: number) => Promise<unknown>;
  readonly onNotice: (method: string, params: unknown) => void;
  /** What was thrown and no {@link RpcError}. */
  readonly onBug: (error: unknown, method: string) => void;
  /** How many questions of the other side are worked on at once; more are refused as busy. */
  readonly maxAnswering: number;
}

/**
 * One end of a conversation in JSON-RPC 2.0 (no batches; identifiers are whole numbers), with the cancellation of the Language Server Protocol, the notice
 * `$/cancelRequest`. It knows neither what carries the messages nor what they are about. Made for many short questions: see docs/adr/own-frames.md.
 */
export class JsonRpc<Question extends Asked = Asked> {
  readonly #options: RpcOptions;
  readonly #asked = new Numbered<Question>();
  readonly #answering = new Numbered<Stop>();
  #lastId = 0;
  #isEnded = false;

  constructor(options: RpcOptions) {
    this.#options = options;
  }

  /** The number of the question that is asked next. */
  newId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  ask(id: number, method: string, params: unknown, asked: Question): void {
    this.#asked.add(id, asked);
    try {
      this.#options.send({ jsonrpc: '2.0', id, method, params });
    } catch (error) {
      this.#asked.delete(id);
      throw error;
    }
  }

  /** The question of ours that still waits under this number. */
  waiting(id: number): Question | undefined {
    return this.#asked.get(id);
  }

  /** Nobody waits for this answer any more. */
  forget(id: number): void {
    this.#asked.delete(id);
  }

  /** Asks the other side to stop; it answers in its time. */
  cancel(id: number): void {
    this.tell('$/cancelRequest', { id });
  }

  tell(method: string, params?: unknown): void {
    this.#options.send(params === undefined ? { jsonrpc: '2.0', method } : { jsonrpc: '2.0', method, params });
  }

  receive(message: Message): void {
    if (this.#isEnded) return;
    const { id, method } = message;
    if (method === undefined) this.#onAnswer(message);
    else if (typeof method !== 'string') this.#refuse(id, errorCodes.invalidRequest, 'a method is a text');
    else if (id === undefined) this.#onNotice(method, message.params);
    else if (!Number.isSafeInteger(id)) this.#refuse(id, errorCodes.invalidRequest, 'an id is a whole number');
    else if (this.#answering.size >= this.#options.maxAnswering || this.#answering.has(id as number))
      this.#refuse(id, errorCodes.busy, 'too many calls at once');
    else void this.#answer(id as number, method, message.params);
  }

  /** Hears and says nothing any more: stops what works for the other side, for this reason, and returns the questions of ours that stay without an answer. */
  end(reason: unknown): Question[] {
    this.#isEnded = true;
    const unanswered = this.#asked.entries().map(([, asked]) => asked);
    this.#asked.clear();
    for (const [, stop] of this.#answering.entries()) stop.abort(reason);
    this.#answering.clear();
    return unanswered;
  }

  #onAnswer({ id, result, error }: Message): void {
    if (typeof id !== 'number') return;
    const asked = this.#asked.get(id);
    if (!asked) return;
    this.#asked.delete(id);
    if (error === undefined || error === null) return asked.onResult(result);
    const { code, message } = error as { code?: unknown; message?: unknown };
    asked.onError(new RpcError(typeof code === 'number' ? code : errorCodes.failed, String(message)));
  }

  #onNotice(method: string, params: unknown): void {
    try {
      if (method !== '$/cancelRequest') return this.#options.onNotice(method, params);
      const { id } = (params ?? {}) as { id?: unknown };
      if (typeof id === 'number') this.#answering.get(id)?.abort();
    } catch (error) {
      this.#options.onBug(error, method);
    }
  }

  async #answer(id: number, method: string, params: unknown): Promise<void> {
    const stop = new Stop();
    this.#answering.add(id, stop);
    try {
      const result = await this.#options.onQuestion(method, params, stop, id);
      this.#answering.delete(id);
      if (!this.#isEnded) this.#options.send({ jsonrpc: '2.0', id, result: result ?? null });
    } catch (error) {
      this.#answering.delete(id);
      if (error instanceof RpcError) return this.#refuse(id, error.code, error.message);
      this.#options.onBug(error, method);
      this.#refuse(id, errorCodes.failed, 'the call failed');
    }
  }

  #refuse(id: unknown, code: number, message: string): void {
    if (!this.#isEnded && id !== undefined) this.#options.send({ jsonrpc: '2.0', id, error: { code, message } });
  }
}

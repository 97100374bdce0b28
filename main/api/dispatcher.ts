import type { Method, Progress } from '../../shared/contract/define.ts';
import { failure, ofReading, toEnvelope, type Outcome } from '../../shared/errors/failure.ts';
import { printCaller, type Caller } from '../../shared/model/caller.ts';
import { problemOf } from '../../shared/model/issue-words.ts';
import { knownAnswer, noPeers, type PeerPort } from '../ports/peer-port.ts';
import { Activities } from './activities.ts';
import { answerOfPeer, inputAtPeer, isAboutThisServer, peerOf, serverOf } from './at-peer.ts';
import type { Implementation, LazyImplementations } from './registry.ts';

export interface CallOptions {
  readonly caller: Caller;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** For `work`: told the id of the activity as soon as there is one. */
  readonly onActivity?: (id: string) => void;
}

export interface Log {
  error(detail: object, message: string): void;
  info(detail: object, message: string): void;
}

/** Who may order something of this server at the moment. */
export interface Orders {
  /** Throws where the order is refused; else the caller's epoch is on this server's disk when it returns. */
  admit(caller: Extract<Caller, { kind: 'peer' }>, method: string): Promise<void>;
}

/** Of a server that takes nobody's orders. */
const noOrders: Orders = {
  admit: (caller, method) => Promise.reject(failure('CALL_NOT_ALLOWED', { caller: printCaller(caller), method })),
};

/** What every host calls: the same for a window, the loopback page, the pipe and the command line. */
export interface CoreApi {
  call(method: string, input: unknown, options: CallOptions): Promise<Outcome>;
}

/**
 * The server side of the contract: finds the method, checks the caller, parses the input, runs the operation or hands the
 * call to the peer that it is about, checks the output and wraps the outcome. It never throws.
 */
export class Dispatcher implements CoreApi {
  readonly activities: Activities;
  readonly #implementations = new Map<string, Implementation>();
  /** Groups that are not bound yet, and those that are being bound. */
  readonly #unbound = new Map<LazyImplementations, Promise<void> | null>();
  readonly #log: Log | undefined;
  readonly #peers: PeerPort;
  readonly #orders: Orders;

  constructor(
    implementations: readonly (Implementation | LazyImplementations)[],
    options: { activities?: Activities; log?: Log; peers?: PeerPort; orders?: Orders } = {},
  ) {
    for (const one of implementations)
      if ('load' in one) this.#unbound.set(one, null);
      else this.#implementations.set(one.method.name, one);
    this.activities = options.activities ?? new Activities();
    this.#log = options.log;
    this.#peers = options.peers ?? noPeers;
    this.#orders = options.orders ?? noOrders;
  }

  /** The declaration of a method; undefined where nothing has this name. */
  async find(name: string): Promise<Method | undefined> {
    return (await this.#bound(name))?.method;
  }

  async #bound(name: string): Promise<Implementation | undefined> {
    const found = this.#implementations.get(name);
    if (found) return found;
    const [domain = ''] = name.split('.', 1);
    const groups = [...this.#unbound.keys()];
    const named = groups.filter(({ of }) => of.includes(name));
    for (const group of named.length > 0 ? named : groups.filter(({ of }) => of.includes(domain))) {
      const bind = async (): Promise<void> => {
        for (const one of await group.load()) this.#implementations.set(one.method.name, one);
        this.#unbound.delete(group);
      };
      // It may have been bound meanwhile.
      if (!this.#unbound.has(group)) continue;
      const binding = this.#unbound.get(group) ?? bind();
      this.#unbound.set(group, binding);
      try {
        await binding;
      } catch (error) {
        // The next call tries again.
        if (this.#unbound.has(group)) this.#unbound.set(group, null);
        throw error;
      }
    }
    return this.#implementations.get(name);
  }

  async call(name: string, input: unknown, options: CallOptions): Promise<Outcome> {
    try {
      return { ok: true, result: await this.#run(name, input, options) };
    } catch (error) {
      const isRead = this.#implementations.get(name)?.method.kind === 'read';
      const envelope = isRead ? ofReading(toEnvelope(error)) : toEnvelope(error);
      if (envelope.code === 'INTERNAL_BUG' || envelope.code === 'CALL_OUTPUT_INVALID')
        this.#log?.error({ method: name, stack: error instanceof Error ? error.stack : undefined }, 'a call met a bug');
      else this.#log?.info({ method: name, code: envelope.code }, 'a call failed');
      return { ok: false, error: envelope };
    }
  }

  async #run(name: string, rawInput: unknown, options: CallOptions): Promise<unknown> {
    const implementation = this.#implementations.get(name) ?? (await this.#bound(name));
    if (!implementation) throw failure('CALL_UNKNOWN_METHOD', { method: name });
    const { method } = implementation;
    if (!method.callers.includes(options.caller.kind))
      throw failure('CALL_NOT_ALLOWED', { caller: printCaller(options.caller), method: name });
    const input = method.input.safeParse(rawInput ?? {});
    if (!input.success) throw failure('CALL_INPUT_INVALID', { method: name, problem: problemOf(input.error.issues) });

    const peer = peerOf(input.data);
    // No second hop: a peer asks a server about that server itself.
    if (options.caller.kind === 'peer' && !isAboutThisServer(input.data))
      throw failure('CALL_NOT_ALLOWED', { caller: printCaller(options.caller), method: name });

    if (method.isOrder && options.caller.kind === 'peer') await this.#orders.admit(options.caller, name);

    const handle = async (signal: AbortSignal, progress: (progress: Progress) => void): Promise<unknown> => {
      const result = peer
        ? answerOfPeer(await this.#peers.call(peer.id, name, inputAtPeer(rawInput), { signal, progress }), peer)
        : await implementation.handle(input.data, { caller: options.caller, signal, progress });
      if (peer) return knownAnswer(this.#peers, peer.id, method, result);
      const output = method.output.safeParse(result);
      if (!output.success)
        throw failure('CALL_OUTPUT_INVALID', { method: name, problem: problemOf(output.error.issues) });
      return output.data;
    };

    if (method.kind !== 'work')
      return handle(options.signal ?? new AbortController().signal, (progress) => options.onProgress?.(progress));

    let forget = (): void => undefined;
    const work = this.activities.run(
      method,
      rawInput,
      { server: serverOf(input.data), caller: printCaller(options.caller) },
      (signal, progress) =>
        handle(signal, (value) => {
          progress(value);
          options.onProgress?.(value);
        }),
      (id) => {
        options.onActivity?.(id);
        // A caller that says "cancel" means the work; one that merely goes away does not (hosts do not abort on close).
        const cancel = (): void => void this.activities.cancel(id);
        options.signal?.addEventListener('abort', cancel, { once: true });
        // One caller's signal may stand for many calls, one after the other: work that is over is not kept by it.
        forget = () => options.signal?.removeEventListener('abort', cancel);
        if (options.signal?.aborted) cancel();
      },
    );
    return work.finally(() => forget());
  }
}

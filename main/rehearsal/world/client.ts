import { setMaxListeners } from 'node:events';
import { connect, type Socket } from 'node:net';
import { failure, fromEnvelope, type Envelope, type Failure } from '../../../shared/errors/failure.ts';

interface WorldReply {
  readonly id: string | number;
  readonly ok: boolean;
  readonly result?: unknown;
  readonly failure?: Envelope;
}

/** A connection to a world: requests are answered in their order; one connection serves any number of callers. */
export class WorldClient {
  readonly #socket: Socket;
  readonly #who: string;
  readonly #waiting = new Map<number, { resolve: (reply: WorldReply) => void; reject: (error: Failure) => void }>();
  #pending = '';
  #nextId = 1;
  #ended: Failure | null = null;

  private constructor(socket: Socket, who: string) {
    this.#socket = socket;
    this.#who = who;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#receive(text));
    socket.on('error', () => this.#end('its process ended'));
    socket.on('close', () => this.#end('its process ended'));
  }

  /** Throws `HOST_UNREACHABLE` when no world listens at `path`. `who` is the name that the world's log shows. */
  static connect(path: string, who: string): Promise<WorldClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once('connect', () => {
        socket.removeAllListeners('error');
        resolve(new WorldClient(socket, who));
      });
      socket.once('error', (error) => {
        socket.destroy();
        reject(
          failure(
            'HOST_UNREACHABLE',
            { server: path, reason: 'no world listens there' },
            { cause: error, effect: 'none' },
          ),
        );
      });
    });
  }

  get isOpen(): boolean {
    return this.#ended === null;
  }

  /** Asks a server's port; throws the failure that the port promises, and HOST_UNREACHABLE where it does not answer in time. */
  async port(
    server: string,
    method: string,
    input: unknown,
    signal?: AbortSignal,
    withinMs?: number,
  ): Promise<unknown> {
    const reply = await this.ask({ server, port: method, input }, signal, withinMs);
    if (reply.ok) return reply.result;
    throw reply.failure ? fromEnvelope(reply.failure) : failure('INTERNAL_BUG', { message: `${method} has no answer` });
  }

  /** Drives the world itself: faults, clock, servers, log. */
  async control(name: string, input: unknown = {}): Promise<unknown> {
    const reply = await this.ask({ control: name, input });
    if (reply.ok) return reply.result;
    throw reply.failure ? fromEnvelope(reply.failure) : failure('INTERNAL_BUG', { message: `${name} has no answer` });
  }

  /**
   * Asks the process of the world to end, which keeps its state; returns when it has agreed or hung up. Who needs it gone waits
   * for its end: a number that came over a socket is nothing to send a signal to.
   */
  async shutdown(): Promise<void> {
    await this.ask({ control: 'shutdown' }, undefined, 10_000).catch(() => undefined);
  }

  close(): void {
    this.#end('the connection was closed');
    this.#socket.destroy();
  }

  /**
   * Sends one request as it is, and gives the reply as it comes. What is given up, or has no answer within so long, is not carried out any
   * more where it still waits for its turn.
   */
  ask(request: Readonly<Record<string, unknown>>, signal?: AbortSignal, withinMs?: number): Promise<WorldReply> {
    if (this.#ended) return Promise.reject(this.#ended);
    if (signal?.aborted) return Promise.reject(failure('CANCELLED', { what: 'The call' }));
    const id = this.#nextId++;
    return new Promise<WorldReply>((resolve, reject) => {
      const giveUp = (why: Failure): void => {
        settle();
        this.#waiting.delete(id);
        this.#socket.write(`${JSON.stringify({ id, who: this.#who, control: 'cancel' })}\n`);
        reject(why);
      };
      const abort = (): void => giveUp(failure('CANCELLED', { what: 'The call' }, { effect: 'unknown' }));
      const late = (): void => {
        const reason = `it gave no answer within ${withinMs! / 1000} s`;
        giveUp(failure('HOST_UNREACHABLE', { server: String(request['server']), reason }, { effect: 'unknown' }));
      };
      // Signals made for each request, and joined, cost more than many an answer.
      const timer = withinMs === undefined ? undefined : setTimeout(late, withinMs);
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      if (signal) {
        // A caller asks several servers, and each for several things, at once; Node warns on the console from the eleventh on.
        setMaxListeners(0, signal);
        signal.addEventListener('abort', abort, { once: true });
      }
      this.#waiting.set(id, {
        resolve: (reply) => {
          settle();
          resolve(reply);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      this.#socket.write(`${JSON.stringify({ id, who: this.#who, ...request })}\n`);
    });
  }

  #receive(text: string): void {
    this.#pending += text;
    for (let end = this.#pending.indexOf('\n'); end >= 0; end = this.#pending.indexOf('\n')) {
      const line = this.#pending.slice(0, end);
      this.#pending = this.#pending.slice(end + 1);
      const reply = JSON.parse(line) as WorldReply;
      const waiting = this.#waiting.get(Number(reply.id));
      this.#waiting.delete(Number(reply.id));
      waiting?.resolve(reply);
    }
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = failure('HOST_UNREACHABLE', { server: 'The rehearsal', reason }, { effect: 'unknown' });
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

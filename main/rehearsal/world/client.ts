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

  /** Asks a server's port; throws the failure that the port promises. */
  async port(server: string, method: string, input: unknown, signal?: AbortSignal): Promise<unknown> {
    const reply = await this.ask({ server, port: method, input }, signal);
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
    const patience = AbortSignal.timeout(10_000);
    await this.ask({ control: 'shutdown' }, patience).catch(() => undefined);
  }

  close(): void {
    this.#end('the connection was closed');
    this.#socket.destroy();
  }

  /** Sends one request as it is, and gives the reply as it comes. */
  ask(request: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<WorldReply> {
    if (this.#ended) return Promise.reject(this.#ended);
    if (signal?.aborted) return Promise.reject(failure('CANCELLED', { what: 'The call' }));
    const id = this.#nextId++;
    return new Promise<WorldReply>((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.delete(id);
        // A request that still waits for its turn is not carried out any more.
        this.#socket.write(`${JSON.stringify({ id, who: this.#who, control: 'cancel' })}\n`);
        reject(failure('CANCELLED', { what: 'The call' }, { effect: 'unknown' }));
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.set(id, {
        resolve: (reply) => {
          signal?.removeEventListener('abort', abort);
          resolve(reply);
        },
        reject: (error) => {
          signal?.removeEventListener('abort', abort);
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

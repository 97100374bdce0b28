import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  CancellationTokenSource,
  createMessageConnection,
  ResponseError,
  type CancellationToken,
  type DataCallback,
  type Message,
} from 'vscode-jsonrpc/node';
import { Channel, type ChannelOptions } from '../../../main/channel/channel.ts';
import { FrameSplitter } from '../../../main/channel/frames.ts';
import { peerLimits } from '../../../main/channel/limits.ts';
import { frameOf } from '../../support/frames.ts';
import { until } from '../../support/peers.ts';

/*
 * The versions up to 0.1 spoke by vscode-jsonrpc, over the same frames; servers that still do are asked and ask. The library is also a second opinion on what
 * JSON-RPC 2.0 and its cancellation are.
 */

class Reader extends AbstractMessageReader {
  readonly #socket: Socket;
  constructor(socket: Socket) {
    super();
    this.#socket = socket;
  }
  listen(callback: DataCallback) {
    const splitter = new FrameSplitter(peerLimits);
    this.#socket.on('data', (bytes) => {
      splitter.push(bytes);
      for (let message = splitter.next(); message; message = splitter.next()) callback(message);
    });
    return { dispose: () => undefined };
  }
}

class Writer extends AbstractMessageWriter {
  readonly #socket: Socket;
  constructor(socket: Socket) {
    super();
    this.#socket = socket;
  }
  async write(message: Message): Promise<void> {
    this.#socket.write(frameOf(message));
  }
  end(): void {
    this.#socket.end();
  }
}

interface OldCall {
  readonly call: number;
  readonly method: string;
  readonly input: unknown;
}

/** A channel, and the other end as an earlier version has it. */
const pair = async (options: Partial<ChannelOptions> = {}) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const far = await accepted;
  server.close();
  const channel = new Channel(near, { peer: 'OLD', onCall: async ({ input }) => input, ...options });
  const old = createMessageConnection(new Reader(far), new Writer(far));
  onTestFinished(() => {
    channel.destroy('the test ends');
    old.dispose();
    far.destroy();
  });
  return { channel, old };
};

describe('asked by an earlier version', () => {
  it('answers, with progress, and what is cancelled stops', async () => {
    const { old } = await pair({
      onCall: async ({ method, input, progress, signal }) => {
        progress({ doing: 'x', done: 1, total: 2, leftMs: null });
        if (method === 'waits') await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return { input, wasStopped: signal.aborted };
      },
    });
    const heard: unknown[] = [];
    old.onNotification('progress', (message) => void heard.push(message));
    old.listen();
    const call: OldCall = { call: 1, method: 'asks', input: { text: 'ä' } };
    expect(await old.sendRequest('call', call)).toEqual({ input: { text: 'ä' }, wasStopped: false });
    expect(heard).toEqual([{ call: 1, progress: { doing: 'x', done: 1, total: 2, leftMs: null } }]);
    const source = new CancellationTokenSource();
    const waiting = old.sendRequest('call', { ...call, call: 2, method: 'waits' }, source.token);
    await until('it has begun', () => heard.length === 2);
    source.cancel();
    expect(await waiting).toMatchObject({ wasStopped: true });
  });

  it('refuses with the codes that it knows', async () => {
    const { old } = await pair({
      limits: { ...peerLimits, maxCallsIn: 1, maxMessageBytes: 1_000 },
      onCall: ({ method }) => {
        if (method === 'long') return Promise.resolve('x'.repeat(2_000));
        return method === 'breaks' ? Promise.reject(new Error('swordfish')) : new Promise(() => undefined);
      },
    });
    old.listen();
    const codeOf = (method: string, call: number): Promise<unknown> =>
      old
        .sendRequest('call', { call, method, input: null })
        .then(null, ({ code, message }: ResponseError) => [code, message]);
    expect(await codeOf('breaks', 1)).toEqual([-32_052, 'the call failed']);
    expect(await codeOf('long', 2)).toEqual([
      -32_051,
      expect.stringMatching(/^a message of \d+ bytes is too long$/) as unknown,
    ]);
    expect(await old.sendRequest('another').then(null, ({ code }: ResponseError) => code)).toBe(-32_601);
    void codeOf('hangs', 3);
    expect(await codeOf('hangs', 4)).toEqual([-32_050, 'too many calls at once']);
  });
});

describe('asking an earlier version', () => {
  it('gets answers in any order, hears progress, and cancels', async () => {
    const { channel, old } = await pair();
    old.onRequest('call', async ({ call, method, input }: OldCall, token: CancellationToken) => {
      await old.sendNotification('progress', { call, progress: { doing: method, done: 1, total: 1, leftMs: null } });
      if (method === 'waits') await new Promise((resolve) => token.onCancellationRequested(resolve));
      else await new Promise((resolve) => setTimeout(resolve, 20 - (input as number)));
      return { input, wasStopped: token.isCancellationRequested };
    });
    old.onNotification('alive', () => undefined);
    old.listen();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => channel.call('asks', n)));
    expect(answers).toEqual(Array.from({ length: 20 }, (_, input) => ({ input, wasStopped: false })));
    const controller = new AbortController();
    const heard: unknown[] = [];
    const waiting = channel.call('waits', null, {
      signal: controller.signal,
      onProgress: ({ doing }) => {
        heard.push(doing);
        controller.abort();
      },
    });
    expect(await waiting).toMatchObject({ wasStopped: true });
    expect(heard).toEqual(['waits']);
  });

  it.each([
    [-32_050, 'too many calls at once', 'CHANNEL_BUSY'],
    [-32_051, 'a message of 9000000 bytes is too long', 'CHANNEL_MESSAGE_TOO_LONG'],
    [-32_052, 'the call failed', 'INTERNAL_BUG'],
    [-32_601, 'Unhandled method call', 'CHANNEL_LOST'],
  ])('understands the refusal %d', async (code, message, expected) => {
    const { channel, old } = await pair();
    old.onRequest('call', () => new ResponseError(code, message));
    old.listen();
    await expect(channel.call('asks', 1)).rejects.toMatchObject({ code: expected });
    expect(channel.isOpen).toBe(true);
  });
});

import fc from 'fast-check';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { callerGone } from '../../../main/channel/caller-gone.ts';
import { Channel, type ChannelOptions } from '../../../main/channel/channel.ts';
import { FrameError, FrameSplitter } from '../../../main/channel/frames.ts';
import { frameOf } from '../../support/frames.ts';
import { peerLimits, strangerLimits } from '../../../main/channel/limits.ts';
import { quickLimits, until } from '../../support/peers.ts';

const socketPair = async (): Promise<[Socket, Socket]> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const far = await accepted;
  server.close();
  near.setNoDelay(true);
  far.setNoDelay(true);
  onTestFinished(() => {
    near.destroy();
    far.destroy();
  });
  return [near, far];
};

const channelPair = async (near: Partial<ChannelOptions> = {}, far: Partial<ChannelOptions> = {}) => {
  const [one, other] = await socketPair();
  const make = (socket: Socket, peer: string, options: Partial<ChannelOptions>): Channel =>
    new Channel(socket, { peer, onCall: async ({ method, input }) => ({ method, input }), ...options });
  const a = make(one, 'B', near);
  const b = make(other, 'A', far);
  onTestFinished(() => {
    a.destroy('the test ends');
    b.destroy('the test ends');
  });
  return { a, b, near: one, far: other };
};

describe('a channel', () => {
  it('asks and answers in both directions at once', async () => {
    const { a, b } = await channelPair();
    const answers = await Promise.all([
      ...Array.from({ length: 200 }, (_, n) => a.call('to b', { n })),
      ...Array.from({ length: 200 }, (_, n) => b.call('to a', { n })),
    ]);
    expect(answers[7]).toEqual({ method: 'to b', input: { n: 7 } });
    expect(answers[207]).toEqual({ method: 'to a', input: { n: 7 } });
  });

  it('brings progress in order, and only to its own call', async () => {
    const seen: number[] = [];
    const { a } = await channelPair(
      {},
      {
        onCall: async ({ progress }) => {
          for (let done = 0; done < 5; done += 1) progress({ doing: 'x', done, total: 5, leftMs: null });
          return null;
        },
      },
    );
    await a.call('work', {}, { onProgress: ({ done }) => seen.push(done ?? -1) });
    await a.call('work', {});
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it('tells the handler that its caller cancelled, and waits for what it says', async () => {
    const { a } = await channelPair(
      {},
      {
        onCall: ({ signal }) =>
          new Promise((resolve) => signal.addEventListener('abort', () => resolve({ reason: String(signal.reason) }))),
      },
    );
    const controller = new AbortController();
    const answer = a.call('work', {}, { signal: controller.signal, deadlineMs: null });
    setTimeout(() => controller.abort(), 20);
    expect(await answer).toEqual({ reason: expect.stringContaining('AbortError') as unknown });
  });

  it('gives a cancelled call up when the handler says nothing', async () => {
    const limits = { ...peerLimits, cancelPatienceMs: 50 };
    const { a } = await channelPair({ limits }, { onCall: () => new Promise(() => undefined) });
    const controller = new AbortController();
    const answer = a.call('work', {}, { signal: controller.signal, deadlineMs: null });
    controller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED', effect: 'unknown' });
  });

  it('gives a question up that stays unanswered, and the rest goes on', async () => {
    const { a } = await channelPair(
      {},
      { onCall: ({ method }) => (method === 'hangs' ? new Promise(() => undefined) : Promise.resolve(1)) },
    );
    await expect(a.call('hangs', {}, { deadlineMs: 50 })).rejects.toMatchObject({
      code: 'CHANNEL_TIMEOUT',
      detail: { peer: 'B', method: 'hangs' },
    });
    expect(await a.call('answers', {})).toBe(1);
  });

  it('rejects what waits when the connection ends, and tells handlers that their caller is gone', async () => {
    const gone: unknown[] = [];
    let begun = 0;
    const { a, far } = await channelPair(
      {},
      {
        onCall: ({ signal }) =>
          new Promise((_resolve, reject) => {
            begun += 1;
            signal.addEventListener('abort', () => {
              gone.push(signal.reason);
              reject(new Error('stopped'));
            });
          }),
      },
    );
    const waiting = [a.call('one', {}), a.call('two', {}, { deadlineMs: null })].map((one) =>
      one.catch((e: unknown) => e),
    );
    await a.call('three', {}, { deadlineMs: 30 }).catch(() => undefined);
    // The deadline may pass before any of them is there.
    await until('three are worked on', () => begun === 3);
    far.destroy();
    for (const error of await Promise.all(waiting))
      expect(error).toMatchObject({ code: 'CHANNEL_LOST', effect: 'unknown' });
    await until('three handlers told', () => gone.length === 3);
    expect(gone.filter((reason) => reason === callerGone).length).toBeGreaterThanOrEqual(2);
    await expect(a.call('later', {})).rejects.toMatchObject({ code: 'CHANNEL_LOST', effect: 'none' });
  });

  it('keeps the text of an error to itself', async () => {
    const bugs: unknown[] = [];
    const { a, near } = await channelPair(
      {},
      {
        onCall: async () => {
          throw new Error('the secret is swordfish');
        },
        onBug: (error) => bugs.push(error),
      },
    );
    let raw = '';
    near.on('data', (bytes: Buffer) => (raw += bytes.toString('latin1')));
    await expect(a.call('breaks', {})).rejects.toMatchObject({ code: 'INTERNAL_BUG' });
    expect(raw).not.toContain('swordfish');
    expect(String(bugs[0])).toContain('swordfish');
  });

  it('refuses more calls at once than it works on, and waits with its own', async () => {
    let most = 0;
    let now = 0;
    const onCall = async (): Promise<number> => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now -= 1;
      return 1;
    };
    const { a } = await channelPair({ limits: { ...peerLimits, maxCallsOut: 4 } }, { onCall });
    await Promise.all(Array.from({ length: 40 }, () => a.call('work', {})));
    expect(most).toBeLessThanOrEqual(4);
    // None of the four ends before the sixteen others were refused.
    let end = (): void => undefined;
    const working = new Promise<number>((resolve) => (end = () => resolve(1)));
    const rude = await channelPair(
      { limits: { ...peerLimits, maxCallsOut: 20 } },
      { onCall: () => working, limits: { ...peerLimits, maxCallsIn: 4 } },
    );
    const refused: unknown[] = [];
    const outcomes = Array.from({ length: 20 }, () =>
      rude.a.call('work', {}).catch((error: unknown) => void refused.push(error)),
    );
    await until('sixteen are refused', () => refused.length === 16);
    for (const error of refused) expect(error).toMatchObject({ code: 'CHANNEL_BUSY', effect: 'none' });
    end();
    expect((await Promise.all(outcomes)).filter((answer) => answer === 1)).toHaveLength(4);
  });

  it('sends nothing that is too long, and says so of an answer', async () => {
    const limits = { ...peerLimits, maxMessageBytes: 2_000 };
    const { a } = await channelPair({ limits }, { limits, onCall: async () => 'x'.repeat(3_000) });
    await expect(a.call('long', 'x'.repeat(3_000))).rejects.toMatchObject({ code: 'CHANNEL_MESSAGE_TOO_LONG' });
    await expect(a.call('short', 'x')).rejects.toMatchObject({ code: 'CHANNEL_MESSAGE_TOO_LONG' });
    expect(a.isOpen).toBe(true);
  });

  it('finds a half-open connection within its time, and a busy process does not take the other for dead', async () => {
    const { a, b, near, far } = await channelPair({ limits: quickLimits }, { limits: quickLimits });
    // This process stands still longer than the silence that is allowed: both live on.
    const end = Date.now() + quickLimits.silenceMs * 1.5;
    while (Date.now() < end);
    expect(await a.call('still', {})).toMatchObject({ method: 'still' });
    // From here on nothing arrives any more, and nobody says so.
    const waiting = a.call('lost', {}, { deadlineMs: null }).catch((error: unknown) => error);
    far.pause();
    near.pause();
    const reasons = await Promise.all([a.closed, b.closed]);
    expect(reasons.join()).toMatch(/nothing was heard from the other side/);
    expect(await waiting).toMatchObject({ code: 'CHANNEL_LOST' });
  });

  it('leaves out progress when the other side does not read', async () => {
    const limits = { ...quickLimits, maxUnsentBytes: 64 << 10, silenceMs: 60_000 };
    let sent = 0;
    const { a, b, near, far } = await channelPair(
      { limits },
      {
        limits,
        onCall: async ({ progress, signal }) => {
          while (!signal.aborted && sent < 20_000) {
            progress({ doing: 'y'.repeat(1_000), done: (sent += 1), total: null, leftMs: null });
            if (sent % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
          }
          return null;
        },
      },
    );
    void a.call('floods', {}, { deadlineMs: null }).catch(() => undefined);
    near.pause();
    await until('the flood has run', () => sent >= 20_000);
    expect(b.isOpen).toBe(true);
    expect(far.writableLength).toBeLessThan(4 * limits.maxUnsentBytes);
  });

  it('keeps its memory while a peer floods it with messages', async () => {
    const { b, near } = await channelPair({}, { onCall: async () => null, limits: peerLimits });
    const notice = frameOf({ jsonrpc: '2.0', method: 'nobody knows this', params: { text: 'z'.repeat(200) } });
    const flood = Buffer.concat(Array.from({ length: 200 }, () => notice));
    const before = process.memoryUsage().rss;
    for (let written = 0; written < 12 << 20; written += flood.length)
      if (!near.write(flood)) await new Promise((resolve) => near.once('drain', resolve));
    expect((process.memoryUsage().rss - before) / (1 << 20)).toBeLessThan(150);
    expect(b.isOpen).toBe(true);
  });
});

describe('frames', () => {
  const read = (bytes: Buffer, chunk: number, limits = peerLimits): unknown[] => {
    const splitter = new FrameSplitter(limits);
    const messages: unknown[] = [];
    for (let at = 0; at < bytes.length; at += chunk) {
      splitter.push(bytes.subarray(at, at + chunk));
      for (let message = splitter.next(); message; message = splitter.next()) messages.push(message);
    }
    return messages;
  };

  it('are read back however the stream is cut', () => {
    const message = fc.record({
      jsonrpc: fc.constant('2.0'),
      method: fc.string(),
      params: fc.jsonValue({ maxDepth: 4 }),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.integer({ min: 1, max: 97 }), (messages, chunk) => {
        const bytes = Buffer.concat(messages.map(frameOf));
        expect(JSON.stringify(read(bytes, chunk))).toBe(JSON.stringify(messages));
      }),
    );
  });

  it('end the conversation, and nothing else, when they are garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 50 }), (bytes, chunk) => {
        try {
          read(Buffer.from(bytes), chunk, strangerLimits);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('are never garbage by a change of one byte without being noticed or still JSON-RPC', () => {
    const bytes = frameOf({
      jsonrpc: '2.0',
      id: 1,
      method: 'call',
      params: { call: 1, method: 'x', input: { a: [1, '"\\'] } },
    });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        try {
          for (const message of read(changed, 10)) expect((message as { jsonrpc: string }).jsonrpc).toBe('2.0');
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
    );
  });

  it('are refused by their length alone, before they are stored', () => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(peerLimits.maxMessageBytes + 1);
    expect(() => read(header, 4)).toThrow(/announced/);
    header.writeUInt32BE(0);
    expect(() => read(header, 4)).toThrow(/empty/);
    const deep = Buffer.from(`{"jsonrpc":"2.0","x":${'['.repeat(100)}${']'.repeat(100)}}`);
    const frame = Buffer.concat([Buffer.alloc(4), deep]);
    frame.writeUInt32BE(deep.length);
    expect(() => read(frame, 1_000)).toThrow(/nested/);
  });

  it.each([
    ['oversize', () => Buffer.from([0x7f, 0xff, 0xff, 0xff])],
    ['not JSON', () => Buffer.concat([Buffer.from([0, 0, 0, 2]), Buffer.from('{]')])],
    ['not JSON-RPC', () => frameOf({ hello: 1 })],
    ['HTTP', () => Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('close the channel when they are %s', async (_name, bytes) => {
    const { b, near } = await channelPair();
    near.write(bytes());
    expect(await b.closed).toMatch(/does not keep to the form/);
  });
});

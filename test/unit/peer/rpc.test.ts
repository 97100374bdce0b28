import { describe, expect, it } from 'vitest';
import { errorCodes, JsonRpc, RpcError, Stop, type Message, type RpcOptions } from '../../../main/channel/rpc.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** One end, what it sends, and what it held for a bug of its own. */
const end = (options: Partial<RpcOptions> = {}) => {
  const sent: Message[] = [];
  const bugs: unknown[] = [];
  const rpc = new JsonRpc({
    send: (message) => void sent.push(message),
    onQuestion: async (_method, params) => params,
    onNotice: () => undefined,
    onBug: (error) => bugs.push(error),
    maxAnswering: 4,
    ...options,
  });
  const question = (id: unknown, params: unknown = null): void =>
    rpc.receive({ jsonrpc: '2.0', id, method: 'x', params });
  return { rpc, sent, bugs, question };
};

const told = () => {
  const results: unknown[] = [];
  return {
    results,
    onResult: (result: unknown) => void results.push(result),
    onError: ({ code, message }: RpcError) => void results.push({ code, message }),
  };
};

describe('a question of ours', () => {
  it('is answered once, by its own number, with a result or an error', () => {
    const { rpc, sent } = end();
    const [one, two] = [told(), told()];
    rpc.ask(rpc.newId(), 'a', { n: 1 }, one);
    rpc.ask(rpc.newId(), 'b', undefined, two);
    expect(JSON.parse(JSON.stringify(sent))).toEqual([
      { jsonrpc: '2.0', id: 1, method: 'a', params: { n: 1 } },
      { jsonrpc: '2.0', id: 2, method: 'b' },
    ]);
    rpc.receive({ jsonrpc: '2.0', id: 2, error: { code: 5, message: 'no' } });
    for (let times = 0; times < 2; times += 1) rpc.receive({ jsonrpc: '2.0', id: 1, result: null });
    for (const id of [3, '1', null, undefined]) rpc.receive({ jsonrpc: '2.0', id, result: 'nobody asked' });
    expect([one.results, two.results]).toEqual([[null], [{ code: 5, message: 'no' }]]);
  });

  it('that is forgotten hears nothing more, and one that was not sent waits for nothing', () => {
    const { rpc } = end();
    const asked = told();
    rpc.ask(rpc.newId(), 'a', {}, asked);
    rpc.forget(1);
    rpc.receive({ jsonrpc: '2.0', id: 1, result: 'late' });
    expect(asked.results).toEqual([]);
    const broken = end({
      send: () => {
        throw new Error('no way out');
      },
    });
    expect(() => broken.rpc.ask(broken.rpc.newId(), 'a', {}, asked)).toThrow('no way out');
    expect(broken.rpc.end(null)).toEqual([]);
  });

  it('that waits at the end is handed back, and an error of any form is one', () => {
    const { rpc } = end();
    const [one, two] = [told(), told()];
    rpc.ask(rpc.newId(), 'a', {}, one);
    rpc.ask(rpc.newId(), 'b', {}, two);
    rpc.receive({ jsonrpc: '2.0', id: 1, error: 'broken' });
    expect(one.results).toEqual([{ code: errorCodes.failed, message: 'undefined' }]);
    expect(rpc.end('over')).toEqual([two]);
    rpc.receive({ jsonrpc: '2.0', id: 2, result: 1 });
    expect(two.results).toEqual([]);
  });
});

describe('a question of the other side', () => {
  it('is answered, with null for nothing, and an error says what it may and no more', async () => {
    const { sent, bugs, question } = end({
      onQuestion: async (_method, params) => {
        if (params === 'refuse') throw new RpcError(7, 'not now');
        if (params === 'break') throw new Error('the secret is swordfish');
        return params === 'circle' ? { n: 1n } : undefined;
      },
      send: (message) => void sent.push(JSON.parse(JSON.stringify(message)) as Message),
    });
    for (const [id, params] of ['nothing', 'refuse', 'break', 'circle'].entries()) question(id, params);
    await settled();
    const failed = { code: errorCodes.failed, message: 'the call failed' };
    expect(sent).toEqual([
      { jsonrpc: '2.0', id: 0, result: null },
      { jsonrpc: '2.0', id: 1, error: { code: 7, message: 'not now' } },
      { jsonrpc: '2.0', id: 2, error: failed },
      { jsonrpc: '2.0', id: 3, error: failed },
    ]);
    expect(bugs.map(String)).toEqual([
      'Error: the secret is swordfish',
      expect.stringContaining('BigInt') as unknown as string,
    ]);
  });

  it('is refused when too many are worked on, under a number in use, and in no form of JSON-RPC that is meant', async () => {
    const { rpc, sent, question } = end({ onQuestion: () => new Promise(() => undefined), maxAnswering: 2 });
    for (const id of [1, 1, 2, 3, 'text', 1.5]) question(id);
    rpc.receive({ jsonrpc: '2.0', id: 9, method: 9 });
    await settled();
    expect(sent.map(({ id, error }) => [id, (error as { code: number }).code])).toEqual([
      [1, errorCodes.busy],
      [3, errorCodes.busy],
      ['text', errorCodes.invalidRequest],
      [1.5, errorCodes.invalidRequest],
      [9, errorCodes.invalidRequest],
    ]);
  });

  it('is stopped by the one who asked, and by the end with its reason; then nothing is said any more', async () => {
    const stops: Stop[] = [];
    const { rpc, sent, question } = end({
      onQuestion: (_method, _params, stop) => {
        stops.push(stop);
        return new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
      },
    });
    question(1);
    question(2);
    for (const params of [null, {}, { id: 'x' }, { id: 5 }, { id: 1 }])
      rpc.receive({ jsonrpc: '2.0', method: '$/cancelRequest', params });
    await settled();
    expect(sent.map(({ id }) => id)).toEqual([1]);
    rpc.end('gone');
    expect(stops.map(({ signal }) => signal.reason as unknown)).toEqual([expect.any(DOMException), 'gone']);
    question(3);
    await settled();
    expect(sent).toHaveLength(1);
  });

  it('was stopped also for who looks at the signal later', () => {
    const stop = new Stop();
    stop.abort('first');
    stop.abort('second');
    expect([stop.signal.aborted, stop.signal.reason as unknown]).toEqual([true, 'first']);
  });
});

it('goes on when a notice fails', () => {
  const { rpc, bugs } = end({
    onNotice: () => {
      throw new Error('in a notice');
    },
  });
  rpc.receive({ jsonrpc: '2.0', method: 'x' });
  expect(bugs.map(String)).toEqual(['Error: in a notice']);
});

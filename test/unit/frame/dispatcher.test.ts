import { getEventListeners } from 'node:events';
import * as z from 'zod';
import { describe, expect, it } from 'vitest';
import type { Activity } from '../../../shared/contract/core.ts';
import { method } from '../../../shared/contract/define.ts';
import { contract } from '../../../shared/contract/index.ts';
import { cancelled, failure } from '../../../shared/errors/failure.ts';
import { withoutSecrets } from '../../../main/api/activities.ts';
import { createCore } from '../../../main/agent/compose.ts';
import { Dispatcher } from '../../../main/api/dispatcher.ts';
import { implement, type LazyImplementations } from '../../../main/api/registry.ts';
import type { PeerPort } from '../../../main/ports/peer-port.ts';
import { serverRefSchema, serverViewSchema } from '../../../shared/contract/server.ts';

const double = method({
  name: 'test.double',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({ value: z.number() }),
  output: z.object({ value: z.number() }),
});
const broken = method({ ...double, name: 'test.broken' });
const refused = method({ ...double, name: 'test.refused' });
const away = method({ ...double, name: 'test.away' });
const awayChange = method({ ...double, name: 'test.awayChange', kind: 'change' });
const work = method({
  name: 'test.work',
  kind: 'work',
  title: 'A long work',
  callers: ['ui'],
  input: z.object({ chapSecret: z.string() }),
  output: z.object({ done: z.boolean() }),
});

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(cancelled('A long work', 'partial'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

const makeCore = (): Dispatcher =>
  new Dispatcher([
    implement(double, ({ value }) => ({ value: value * 2 })),
    implement(broken, () => ({ value: 'text' }) as never),
    implement(refused, () => {
      throw failure('FILE_NOT_FOUND', { path: 'x' });
    }),
    ...[away, awayChange].map((one) =>
      implement(one, () => {
        throw failure('HOST_UNREACHABLE', { server: 'NODE1', reason: 'it is silent' });
      }),
    ),
    implement(work, async (_input, { signal, progress }) => {
      progress({ doing: 'Waiting', done: 1, total: 2, leftMs: null });
      return untilAborted(signal);
    }),
  ]);

describe('a call', () => {
  it('is parsed, answered and checked', async () => {
    expect(await makeCore().call('test.double', { value: 21 }, { caller: { kind: 'ui' } })).toEqual({
      ok: true,
      result: { value: 42 },
    });
  });

  it('that only reads changed nothing, however it ended; of one that changes it may be unknown', async () => {
    const effectOf = async (name: string): Promise<unknown> => {
      const outcome = await makeCore().call(name, { value: 1 }, { caller: { kind: 'ui' } });
      return outcome.ok ? null : [outcome.error.code, outcome.error.effect];
    };
    expect(await effectOf('test.away')).toEqual(['HOST_UNREACHABLE', 'none']);
    expect(await effectOf('test.broken')).toEqual(['CALL_OUTPUT_INVALID', 'none']);
    expect(await effectOf('test.awayChange')).toEqual(['HOST_UNREACHABLE', 'unknown']);
  });

  const cli = { kind: 'cli' } as const;
  const peer = { kind: 'peer', id: 'HV02', fingerprint: 'ab'.repeat(32), epoch: null } as const;

  it.each([
    ['an unknown method', 'test.nothing', {}, { kind: 'ui' }, 'CALL_UNKNOWN_METHOD'],
    ['a caller who may not', 'test.double', { value: 1 }, peer, 'CALL_NOT_ALLOWED'],
    ['input of the wrong form', 'test.double', { value: 'x' }, cli, 'CALL_INPUT_INVALID'],
    ['an answer of the wrong form', 'test.broken', { value: 1 }, cli, 'CALL_OUTPUT_INVALID'],
    ['a failure of the operation', 'test.refused', { value: 1 }, cli, 'FILE_NOT_FOUND'],
  ] as const)('ends %s with a code', async (_what, name, input, caller, code) => {
    const outcome = await makeCore().call(name, input, { caller });
    expect(outcome).toMatchObject({ ok: false, error: { code } });
  });
});

describe('an order', () => {
  const order = method({ ...double, name: 'test.order', callers: ['cli', 'peer'], isOrder: true });
  const obey = implement(order, ({ value }) => ({ value: value * 2 }));
  const peer = { kind: 'peer', id: 'HV02', fingerprint: 'ab'.repeat(32), epoch: null } as const;

  it('is carried out for a peer only where it is admitted, and here in any case', async () => {
    const asked: unknown[] = [];
    const orders = {
      admit: async (caller: unknown, name: string): Promise<void> => {
        asked.push(name);
        if ((caller as { epoch: unknown }).epoch === null)
          throw failure('CALL_NOT_ALLOWED', { caller: 'HV02', method: name });
      },
    };
    const core = new Dispatcher([obey], { orders });
    expect(await core.call('test.order', { value: 1 }, { caller: peer })).toMatchObject({
      error: { code: 'CALL_NOT_ALLOWED' },
    });
    const inEpoch = { ...peer, epoch: { number: 1, coordinator: peer.fingerprint } };
    expect(await core.call('test.order', { value: 1 }, { caller: inEpoch })).toMatchObject({ result: { value: 2 } });
    expect(await core.call('test.order', { value: 1 }, { caller: { kind: 'cli' } })).toMatchObject({ ok: true });
    expect(asked).toEqual(['test.order', 'test.order']);
    // A core that knows nobody who may order takes none.
    expect(await new Dispatcher([obey]).call('test.order', { value: 1 }, { caller: inEpoch })).toMatchObject({
      error: { code: 'CALL_NOT_ALLOWED' },
    });
  });
});

describe('a call about another server', () => {
  const look = method({
    name: 'test.look',
    kind: 'read',
    callers: ['ui', 'peer'],
    input: z.object({ server: serverRefSchema, depth: z.number() }),
    output: z.object({ server: serverViewSchema, depth: z.number() }),
  });
  const change = method({ ...look, name: 'test.change', kind: 'work', title: 'A change' });
  const here = implement(look, ({ depth }) => ({ server: { ref: 'local', computerName: 'HV01' }, depth }));
  const changeHere = implement(change, ({ depth }) => ({ server: { ref: 'local', computerName: 'HV01' }, depth }));
  const asked: { peer: string; method: string; input: unknown }[] = [];
  const peers: PeerPort = {
    call: async (peer, name, input) => {
      asked.push({ peer, method: name, input });
      return { server: { ref: 'local', computerName: 'HV02' }, depth: (input as { depth: number }).depth };
    },
  };
  const ui = { kind: 'ui' } as const;

  it('is handed to that peer as a call about itself, and its answer names the peer', async () => {
    asked.length = 0;
    const core = new Dispatcher([here], { peers });
    expect(await core.call('test.look', { server: 'peer:HV02', depth: 3 }, { caller: ui })).toEqual({
      ok: true,
      result: { server: { ref: 'peer:HV02', computerName: 'HV02' }, depth: 3 },
    });
    expect(asked).toEqual([{ peer: 'HV02', method: 'test.look', input: { server: 'local', depth: 3 } }]);
    expect(await core.call('test.look', { depth: 3 }, { caller: ui })).toMatchObject({
      result: { server: { ref: 'local', computerName: 'HV01' } },
    });
    expect(asked).toHaveLength(1);
  });

  it('is work of this core, too, which says about which server and by whom', async () => {
    const core = new Dispatcher([changeHere], { peers });
    await core.call('test.change', { server: 'peer:HV02', depth: 1 }, { caller: ui });
    expect(core.activities.list()).toMatchObject([{ state: 'done', server: 'peer:HV02', caller: 'ui' }]);
  });

  it('makes no second hop for a peer', async () => {
    asked.length = 0;
    const caller = { kind: 'peer', id: 'HV03', fingerprint: 'cd'.repeat(32), epoch: null } as const;
    const core = new Dispatcher([here], { peers });
    expect(await core.call('test.look', { server: 'peer:HV02', depth: 1 }, { caller })).toMatchObject({
      ok: false,
      error: { code: 'CALL_NOT_ALLOWED', detail: { caller: 'peer:HV03' } },
    });
    expect(asked).toEqual([]);
    expect(await core.call('test.look', { depth: 1 }, { caller })).toMatchObject({ ok: true });
  });

  it('is refused where no peer is known, and an answer of another form is told', async () => {
    expect(
      await new Dispatcher([here]).call('test.look', { server: 'peer:HV02', depth: 1 }, { caller: ui }),
    ).toMatchObject({ error: { code: 'PEER_UNKNOWN', detail: { peer: 'HV02' } } });
    const odd: PeerPort = {
      call: () => Promise.resolve({ depth: 'deep' }),
      describe: () => Promise.resolve({ name: 'HV02', version: '9.9.9' }),
    };
    expect(
      await new Dispatcher([here], { peers: odd }).call('test.look', { server: 'peer:HV02', depth: 1 }, { caller: ui }),
    ).toMatchObject({
      error: { code: 'PEER_ANSWER_UNKNOWN', detail: { server: 'HV02', version: '9.9.9', method: 'test.look' } },
    });
  });
});

describe('work', () => {
  it('is an activity with its progress, without its secrets, and is cancelled by its id', async () => {
    const core = makeCore();
    const seen: Activity[] = [];
    core.activities.watch((activity) => seen.push(activity));
    let id = '';
    const outcome = core.call(
      'test.work',
      { chapSecret: 'secretsecret' },
      { caller: { kind: 'ui' }, onActivity: (given) => (id = given) },
    );
    expect(core.activities.running()).toMatchObject([{ id, title: 'A long work', state: 'running' }]);
    expect(core.activities.cancel(id)).toBe(true);
    expect(await outcome).toMatchObject({ ok: false, error: { code: 'CANCELLED', effect: 'partial' } });
    expect(core.activities.list()).toMatchObject([{ state: 'cancelled', progress: { doing: 'Waiting' } }]);
    expect(JSON.stringify(seen)).not.toContain('secretsecret');
    expect(core.activities.cancel(id)).toBe(false);
  });

  it('is cancelled by a caller that cancels', async () => {
    const controller = new AbortController();
    const core = makeCore();
    const outcome = core.call('test.work', { chapSecret: 'x' }, { caller: { kind: 'ui' }, signal: controller.signal });
    controller.abort();
    expect(await outcome).toMatchObject({ ok: false, error: { code: 'CANCELLED' } });
  });
});

it('keeps nothing of work that is over with the signal of its caller', async () => {
  const { signal } = new AbortController();
  const core = makeCore();
  for (let call = 0; call < 12; call += 1) {
    let id = '';
    const work = core.call(
      'test.work',
      { chapSecret: 'x' },
      { caller: { kind: 'ui' }, signal, onActivity: (given) => (id = given) },
    );
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    core.activities.cancel(id);
    await work;
  }
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('hides secrets at any depth', () => {
  const shown = JSON.stringify(withoutSecrets({ chap: { user: 'u', secret: 's3cret' }, list: [{ password: 'p4ss' }] }));
  expect(shown).toContain('"user":"u"');
  expect(shown).not.toMatch(/s3cret|p4ss/);
});

describe('methods that are bound when they are called', () => {
  const ask = (core: Dispatcher, name = 'test.double') => core.call(name, { value: 21 }, { caller: { kind: 'ui' } });
  const bindDouble = () => Promise.resolve([implement(double, ({ value }) => ({ value: value * 2 }))]);
  const group = (domain: string, load: LazyImplementations['load']): LazyImplementations => ({
    of: [domain],
    load,
  });

  it('are loaded once, with all groups of their domain and no other', async () => {
    const loaded: string[] = [];
    const core = new Dispatcher(
      ['test', 'other', 'test'].map((domain, at) =>
        group(domain, () => {
          loaded.push(`${domain} ${at}`);
          return at === 2 ? bindDouble() : Promise.resolve([]);
        }),
      ),
    );
    expect(await Promise.all([ask(core), ask(core)])).toEqual(Array(2).fill({ ok: true, result: { value: 42 } }));
    expect(await ask(core, 'test.unknown')).toMatchObject({ ok: false, error: { code: 'CALL_UNKNOWN_METHOD' } });
    expect(await ask(core, 'nothing')).toMatchObject({ ok: false, error: { code: 'CALL_UNKNOWN_METHOD' } });
    expect(loaded).toEqual(['test 0', 'test 2']);
  });

  it('come from the group that names the method, else from those of its domain', async () => {
    const loaded: string[] = [];
    const core = new Dispatcher(
      ['test', 'test.double'].map((of) =>
        group(of, () => {
          loaded.push(of);
          return of === 'test' ? Promise.resolve([implement(refused, () => ({ value: 1 }))]) : bindDouble();
        }),
      ),
    );
    expect(await ask(core)).toEqual({ ok: true, result: { value: 42 } });
    expect(loaded).toEqual(['test.double']);
    expect(await ask(core, 'test.refused')).toEqual({ ok: true, result: { value: 1 } });
    expect(loaded).toEqual(['test.double', 'test']);
  });

  it('are tried again where they could not be loaded', async () => {
    let tries = 0;
    const core = new Dispatcher([
      group('test', () => (++tries === 1 ? Promise.reject(new Error('no such file')) : bindDouble())),
    ]);
    expect((await Promise.all([ask(core), ask(core)])).map(({ ok }) => ok)).toEqual([false, false]);
    expect(await ask(core)).toEqual({ ok: true, result: { value: 42 } });
    expect(tries).toBe(2);
  });

  it('are all of the contract, but what only a window answers', async () => {
    const core = createCore({ dataFolder: 'nowhere', host: 'cli' });
    for (const declared of contract)
      expect((await core.find(declared.name))?.name, declared.name).toBe(
        declared.name.startsWith('files.') ? undefined : declared.name,
      );
  });
});

import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { failure } from '../../../shared/errors/failure.ts';
import { checkAhead, type Watched } from '../../../main/electron/head-start.ts';
import type { CoreApi } from '../../../main/api/dispatcher.ts';

const ui = { caller: { kind: 'ui' } } as const;
const progress = { doing: 'Reading the processor', done: 1, total: 2, leftMs: null };
const quiet = { error: () => undefined, info: () => undefined };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A check that ends when the test says so, and a core that tells what it was asked. */
const setUp = () => {
  const asked: string[] = [];
  const core: CoreApi = {
    call: async (method, input) => {
      asked.push(`${method} ${JSON.stringify(input)}`);
      return { ok: true, result: 'of the core' };
    },
  };
  let given: Watched | undefined;
  let end: (report: unknown) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const report = new Promise<unknown>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  const ahead = checkAhead((options) => {
    given = options;
    return report;
  });
  return { ahead, core, asked, end, fail, options: () => given as Watched };
};

describe('the check that begins before the window', () => {
  it('answers the first question for it, and nothing else', async () => {
    const { ahead, core, asked, end } = setUp();
    ahead.settle(true);
    const shown = ahead.before(core);
    await shown.call('core.info', {}, ui);
    await shown.call('readiness.check', { for: '2019' }, ui);
    const first = shown.call('readiness.check', {}, ui);
    end('of the head start');
    expect(await first).toEqual({ ok: true, result: 'of the head start' });
    expect(await shown.call('readiness.check', {}, ui)).toEqual({ ok: true, result: 'of the core' });
    expect(asked).toEqual(['core.info {}', 'readiness.check {"for":"2019"}', 'readiness.check {}']);
  });

  it('tells the one who asks what was told before, and what is told later', async () => {
    const { ahead, core, end, options } = setUp();
    options().progress(progress);
    const onProgress = vi.fn();
    const first = ahead.before(core).call('readiness.check', {}, { ...ui, onProgress });
    ahead.settle(true);
    await turn();
    options().progress({ ...progress, done: 2 });
    end(null);
    await first;
    expect(onProgress.mock.calls).toEqual([[progress], [{ ...progress, done: 2 }]]);
  });

  it('is cancelled by the one who asked', async () => {
    const { ahead, core, options } = setUp();
    const controller = new AbortController();
    ahead.settle(true);
    void ahead.before(core).call('readiness.check', {}, { ...ui, signal: controller.signal });
    await turn();
    expect(options().signal.aborted).toBe(false);
    controller.abort();
    expect(options().signal.aborted).toBe(true);

    const early = setUp();
    const stopped = AbortSignal.abort();
    void early.ahead.before(early.core).call('readiness.check', {}, { ...ui, signal: stopped });
    early.ahead.settle(true);
    await turn();
    expect(early.options().signal.aborted).toBe(true);
  });

  it('ends where another process has the core, which is asked instead, and answers for a server of its own', async () => {
    const { ahead, core, asked, end, options } = setUp();
    const first = ahead.before(core).call('readiness.check', {}, ui);
    end('of the head start');
    await turn();
    expect(asked).toEqual([]);
    ahead.settle(false);
    expect(await first).toEqual({ ok: true, result: 'of the core' });
    expect(options().signal.aborted).toBe(true);
  });

  it('lets the core be loaded once its answer is on the way, or is waited for, or nobody asks', async () => {
    const states = async ({ ahead }: ReturnType<typeof setUp>): Promise<boolean> => {
      let isFree = false;
      void ahead.answered().then(() => (isFree = true));
      await turn();
      await turn();
      return isFree;
    };
    const slow = setUp();
    slow.ahead.settle(true);
    expect(await states(slow)).toBe(false);
    void slow.ahead.before(slow.core).call('readiness.check', {}, ui);
    expect(await states(slow)).toBe(true);

    const quick = setUp();
    quick.ahead.settle(true);
    quick.end('report');
    await turn();
    const order: string[] = [];
    const free = quick.ahead.answered().then(() => order.push('free'));
    const answer = quick.ahead
      .before(quick.core)
      .call('readiness.check', {}, ui)
      .then(() => order.push('answered'));
    await Promise.all([free, answer]);
    expect(order).toEqual(['answered', 'free']);

    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const nobody = setUp();
    nobody.ahead.settle(true);
    const waited = nobody.ahead.answered();
    vi.advanceTimersByTime(1_000);
    await waited;
  });

  it('that fails is told and logged as the core does it, whether anybody has asked or not', async () => {
    const { ahead, core, fail } = setUp();
    const info = vi.fn();
    ahead.settle(true);
    ahead.logTo({ ...quiet, info });
    const shown = ahead.before(core);
    fail(failure('READINESS_NO_SOURCE', { platform: 'aix' }));
    expect(await shown.call('readiness.check', {}, ui)).toMatchObject({
      ok: false,
      error: { code: 'READINESS_NO_SOURCE', effect: 'none' },
    });
    expect(info).toHaveBeenCalledWith({ code: 'READINESS_NO_SOURCE' }, expect.any(String));

    const broken = setUp();
    const error = vi.fn();
    broken.ahead.logTo({ ...quiet, error });
    broken.fail(new TypeError('no such property'));
    await vi.waitFor(() => expect(error).toHaveBeenCalledOnce(), { timeout: 60_000 });
    expect(JSON.stringify(error.mock.calls[0])).toContain('no such property');
  });
});

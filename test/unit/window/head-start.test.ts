import { describe, expect, it, vi } from 'vitest';
import { failure } from '../../../shared/errors/failure.ts';
import { checkAhead, type Watched } from '../../../main/electron/head-start.ts';
import type { CoreApi } from '../../../main/api/dispatcher.ts';

const ui = { caller: { kind: 'ui' } } as const;
const progress = { doing: 'Reading the processor', done: 1, total: 2, leftMs: null };
const quiet = { error: () => undefined, info: () => undefined };

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
    const shown = ahead.before(core, quiet);
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
    const first = ahead.before(core, quiet).call('readiness.check', {}, { ...ui, onProgress });
    options().progress({ ...progress, done: 2 });
    end(null);
    await first;
    expect(onProgress.mock.calls).toEqual([[progress], [{ ...progress, done: 2 }]]);
  });

  it('is cancelled by the one who asked', async () => {
    const { ahead, core, options } = setUp();
    const controller = new AbortController();
    void ahead.before(core, quiet).call('readiness.check', {}, { ...ui, signal: controller.signal });
    expect(options().signal.aborted).toBe(false);
    controller.abort();
    expect(options().signal.aborted).toBe(true);
  });

  it('ends where another process has the core', () => {
    const { ahead, options } = setUp();
    ahead.drop();
    expect(options().signal.aborted).toBe(true);
  });

  it('that fails is told and logged as the core does it, whether anybody has asked or not', async () => {
    const { ahead, core, fail } = setUp();
    const info = vi.fn();
    const shown = ahead.before(core, { ...quiet, info });
    fail(failure('READINESS_NO_SOURCE', { platform: 'aix' }));
    expect(await shown.call('readiness.check', {}, ui)).toMatchObject({
      ok: false,
      error: { code: 'READINESS_NO_SOURCE', effect: 'none' },
    });
    expect(info).toHaveBeenCalledWith({ code: 'READINESS_NO_SOURCE' }, expect.any(String));

    const broken = setUp();
    const error = vi.fn();
    broken.ahead.before(broken.core, { ...quiet, error });
    broken.fail(new TypeError('no such property'));
    await vi.waitFor(() => expect(error).toHaveBeenCalledOnce());
    expect(JSON.stringify(error.mock.calls[0])).toContain('no such property');
  });
});

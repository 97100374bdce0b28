import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { failure } from '../../../shared/errors/failure.ts';
import { takeCore, type ShownCore } from '../../../main/electron/core-link.ts';
import type { HeadStart } from '../../../main/electron/head-start.ts';

/* The link of a window to the core of another process, without Electron and without that process. */

const mocks = vi.hoisted(() => ({ openCore: vi.fn() }));
vi.mock('electron', () => ({ app: { quit: () => undefined, exit: () => undefined } }));
vi.mock('../../../main/electron/schemas.ts', () => ({ compileNoSchemas: () => undefined }));
vi.mock('../../../main/agent/core-lock.ts', () => ({ takeCoreLock: () => Promise.resolve(null) }));
vi.mock('../../../main/agent/core-process.ts', () => ({
  openCore: mocks.openCore,
  isOfCommand: () => Promise.resolve(true),
}));

const check: HeadStart = {
  before: (core) => core,
  settle: () => undefined,
  answered: () => Promise.resolve(),
  logTo: () => undefined,
};
const ui = { caller: { kind: 'ui' } } as const;
const work = { id: 'a1', method: 'network.apply', state: 'running' };

/** A core of another process, which ends when the test says so. */
const otherCore = () => {
  let end: () => void = () => undefined;
  const core = {
    show: () => Promise.resolve(false),
    call: (method: string) => Promise.resolve({ ok: true, result: method === 'activity.list' ? [work] : method }),
    watch: () => () => undefined,
    onClose: (gone: () => void) => (end = gone),
    close: () => undefined,
  };
  return { taken: { own: null, running: core }, end: () => end() };
};

const link = (): Promise<ShownCore> => takeCore('folder', () => true, check);

beforeEach(() => mocks.openCore.mockReset());

it('has nothing running once its core has ended and nobody else can be it, so that a closed window may quit', async () => {
  const first = otherCore();
  mocks.openCore.mockResolvedValueOnce(first.taken);
  const shown = await link();
  expect(await shown.running()).toEqual([work]);
  mocks.openCore.mockRejectedValueOnce(failure('CORE_ALREADY_RUNS', { pid: 'unknown', dataFolder: 'folder' }));
  first.end();
  expect(await shown.running()).toEqual([]);

  // Whoever calls is told once, and the call after that looks for a core again.
  const second = otherCore();
  mocks.openCore.mockResolvedValueOnce(second.taken);
  expect(await shown.core.call('core.info', {}, ui)).toMatchObject({ error: { code: 'CORE_ALREADY_RUNS' } });
  expect(await shown.core.call('core.info', {}, ui)).toEqual({ ok: true, result: 'core.info' });
  expect(await shown.running()).toEqual([work]);
});

it('looks for a core again by itself where none was found, and tells that there is one', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const first = otherCore();
  mocks.openCore.mockResolvedValueOnce(first.taken);
  const shown = await link();
  const told: boolean[] = [];
  shown.watchLink((isThere) => told.push(isThere));
  mocks.openCore.mockRejectedValueOnce(failure('CORE_ALREADY_RUNS', { pid: 'unknown', dataFolder: 'folder' }));
  mocks.openCore.mockResolvedValueOnce(otherCore().taken);
  first.end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told.at(0)).toBe(false);
  expect(told.at(-1)).toBe(true);
  expect(mocks.openCore).toHaveBeenCalledTimes(3);
});

it('looks for none any more once the window is closed', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const first = otherCore();
  mocks.openCore.mockResolvedValueOnce(first.taken);
  const shown = await link();
  mocks.openCore.mockRejectedValueOnce(failure('CORE_ALREADY_RUNS', { pid: 'unknown', dataFolder: 'folder' }));
  first.end();
  await vi.advanceTimersByTimeAsync(1_000);
  await shown.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(mocks.openCore).toHaveBeenCalledTimes(2);
});

import { expect, it, onTestFinished, vi } from 'vitest';

/* What the page is given, without Electron. */

interface Bridge {
  call(method: string, input: unknown, onProgress?: unknown, onCallId?: (id: number) => void): Promise<unknown>;
}

const given = vi.hoisted(() => ({ bridges: [] as unknown[] }));
vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (_name: string, bridge: unknown) => given.bridges.push(bridge) },
  ipcRenderer: { invoke: () => Promise.resolve(null), removeListener: () => undefined },
}));

it('gives no call the number of one that a page asked before it was loaded again', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const ids: number[] = [];
  for (let load = 0; load < 2; load += 1) {
    vi.resetModules();
    await import('../../../main/electron/preload.ts');
    const bridge = given.bridges.at(-1) as Bridge;
    for (let call = 0; call < 100; call += 1) await bridge.call('core.info', {}, undefined, (id) => void ids.push(id));
    vi.advanceTimersByTime(1_000);
  }
  expect(new Set(ids).size).toBe(200);
});

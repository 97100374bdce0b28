import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startCoreStore, useCore } from '../../../renderer/app/core-store.ts';
import type { Activity } from '../../../shared/contract/core.ts';

/* What a page shows of work whose core has ended. */

const work = { id: 'a1', method: 'nic.apply', state: 'running', progress: null } as unknown as Activity;
let tell: (activity: Activity) => void;
let link: (isThere: boolean) => void;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('window', {
    quorate: {
      call: () => Promise.resolve({ ok: true, result: [] }),
      subscribe: (listen: typeof tell) => {
        tell = listen;
        return () => undefined;
      },
      watchLink: (listen: typeof link) => {
        link = listen;
        return () => undefined;
      },
    },
  });
  useCore.setState({ activities: [], isLost: false });
  await startCoreStore();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it.each([0, 1_000])('does not run on where it was told of %i ms before the core ended', (heldBackMs) => {
  tell(work);
  vi.advanceTimersByTime(heldBackMs);
  link(false);
  vi.advanceTimersByTime(1_000);
  expect(useCore.getState().activities).toMatchObject([
    { id: 'a1', state: 'failed', error: { code: 'CORE_CONNECTION_LOST', effect: 'unknown' } },
  ]);
});

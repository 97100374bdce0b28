import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { releaseWhenIdle } from '../../../main/agent/idle-memory.ts';

const mebibyte = 1 << 20;

describe('an agent that waits', () => {
  let nowMs: number;
  let busyMs: number;
  let residentBytes: number;
  let isIdle: boolean;
  let collected: number;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    [nowMs, busyMs, residentBytes, isIdle, collected] = [0, 0, 80 * mebibyte, true, 0];
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
    vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => residentBytes);
    vi.spyOn(process, 'cpuUsage').mockImplementation((before = { user: 0, system: 0 }) => ({
      user: busyMs * 1_000 - before.user,
      system: 0,
    }));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  /** Lets so many seconds go by, of which a share is spent computing. */
  const pass = (seconds: number, share = 0): void => {
    for (let at = 0; at < seconds; at += 1) {
      nowMs += 1_000;
      busyMs += 1_000 * share;
      vi.advanceTimersByTime(1_000);
    }
  };
  const begin = () =>
    releaseWhenIdle(
      () => isIdle,
      () => (collected += 1),
    );

  it('gives back what the start took, and then only what came after it', () => {
    begin();
    pass(60);
    expect(collected).toBe(2);
    residentBytes += 2 * mebibyte;
    pass(60);
    expect(collected).toBe(2);
    residentBytes += 2 * mebibyte;
    pass(60);
    expect(collected).toBe(4);
  });

  it('is not disturbed while it works or somebody waits for an answer', () => {
    begin();
    pass(60, 0.5);
    isIdle = false;
    pass(60);
    expect(collected).toBe(0);
    isIdle = true;
    pass(60);
    expect(collected).toBe(2);
  });

  it('has at least fifteen seconds between two goes, and none once it ends', () => {
    const memory = begin();
    pass(4);
    expect(collected).toBe(2);
    residentBytes += 10 * mebibyte;
    pass(14);
    expect(collected).toBe(2);
    pass(5);
    expect(collected).toBe(4);
    residentBytes += 10 * mebibyte;
    memory.stop();
    pass(60);
    expect(collected).toBe(4);
  });
});

it('collects what nobody holds, by itself', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const usage = vi.spyOn(process, 'cpuUsage').mockReturnValue({ user: 0, system: 0 });
  const memory = releaseWhenIdle(() => true);
  try {
    const gone = new WeakRef({ text: 'x' });
    // What was made in this turn is held until it ends.
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(4_000);
    expect(gone.deref()).toBeUndefined();
  } finally {
    memory.stop();
    usage.mockRestore();
    vi.useRealTimers();
  }
});

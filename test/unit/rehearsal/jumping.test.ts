import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { beginRestart } from '../../../main/rehearsal/world/changes/restart.ts';
import { World } from '../../../main/rehearsal/world/world.ts';

describe('the time of a world that jumps', () => {
  let folder: string;
  let world: World;
  const open = (clock: 'driven' | 'real'): World => new World({ folder, scenario: 'two-node-lab', seed: 1, clock });
  const restartNode1 = (): unknown =>
    world.change({ who: 'test', server: 'NODE1', what: 'host.restart', input: {} }, (change) =>
      beginRestart(change.world, change.server, change.nowMs),
    );
  const power = (): string => world.state.servers['NODE1']!.power;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    folder = mkdtempSync(join(tmpdir(), 'quorate-world-'));
    world = open('driven');
  });
  afterEach(async () => {
    await world.close();
    vi.useRealTimers();
    rmSync(folder, { recursive: true, force: true });
  });

  it('goes to the start of a server so long after it went, and not before', () => {
    world.jumpAfter(10);
    const before = world.nowMs;
    expect(vi.getTimerCount()).toBe(0);
    restartNode1();
    vi.advanceTimersByTime(9);
    expect(power()).toBe('restarting');
    expect(world.nowMs).toBe(before);
    vi.advanceTimersByTime(1);
    expect(power()).toBe('on');
    expect(world.nowMs).toBeGreaterThan(before);
    // Nobody waits for anything now.
    expect(vi.getTimerCount()).toBe(0);
  });

  it('jumps again for each restart, and for one that was under way when it began', () => {
    restartNode1();
    world.jumpAfter(10);
    vi.advanceTimersByTime(10);
    expect(power()).toBe('on');
    restartNode1();
    expect(power()).toBe('restarting');
    vi.advanceTimersByTime(10);
    expect(power()).toBe('on');
  });

  it('stands still once the world is closed', async () => {
    world.jumpAfter(10);
    restartNode1();
    await world.close();
    const { state } = world;
    vi.advanceTimersByTime(1000);
    expect(world.state).toBe(state);
    world = open('driven');
    expect(power()).toBe('restarting');
  });

  it('is left alone where it follows this machine', async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
    world = open('real');
    world.jumpAfter(10);
    restartNode1();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(1000);
    expect(power()).toBe('restarting');
  });
});

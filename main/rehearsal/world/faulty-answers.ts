import { pause } from '../../system/pause.ts';
import { findFault } from './change.ts';
import type { World } from './world.ts';

/**
 * Lets a request wait as long as the faults `slow` and `hang` want it to. A hang ends when the fault is taken away or the
 * server loses its power; both waits end when `gone` aborts, because nobody waits for the answer any more. Both are of real
 * time: what is tested with them are deadlines of real callers.
 */
export const waitAsFaultsSay = async (world: World, server: string, what: string, gone: AbortSignal): Promise<void> => {
  const isMeant = (fault: { readonly server: string; readonly on: string | null }): boolean =>
    fault.server === server && (fault.on === null || fault.on === what);
  const slow = findFault(world.state, 'slow', isMeant);
  if (slow) await pause(slow.byMs, gone);
  const hangs = (): boolean =>
    world.state.servers[server]?.power === 'on' && findFault(world.state, 'hang', isMeant) !== undefined;
  if (!hangs() || gone.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      unwatch();
      gone.removeEventListener('abort', end);
      resolve();
    };
    const unwatch = world.watch(() => {
      if (!hangs()) end();
    });
    gone.addEventListener('abort', end, { once: true });
  });
};

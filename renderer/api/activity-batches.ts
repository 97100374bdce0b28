import type { Activity } from '../../shared/contract/core.ts';

/** How long steps of running work are held back: about two frames, which nobody sees. */
const heldMs = 33;

/**
 * Hands activities on in their order, many at once: running work tells hundreds of steps a second, and a page that drew itself anew for
 * each of them would not answer anybody meanwhile. How work ended is told at once, with everything before it.
 */
export const inBatches = (
  tell: (activity: Activity) => void,
): { readonly take: (activity: Activity) => void; readonly stop: () => void } => {
  let held: Activity[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const told = held;
    held = [];
    // In one task: React draws what they all changed once.
    for (const activity of told) tell(activity);
  };
  return {
    take: (activity) => {
      held.push(activity);
      if (activity.state !== 'running') flush();
      else timer ??= setTimeout(flush, heldMs);
    },
    stop: () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      held = [];
    },
  };
};

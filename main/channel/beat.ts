/** Those who are called in the same rhythm, by its length in milliseconds. */
const rhythms = new Map<number, { readonly all: Set<() => void>; readonly timer: NodeJS.Timeout }>();

/**
 * Calls back every so many milliseconds, all of one rhythm in the same turn of the event loop: an idle process with many connections wakes up once and not once
 * for each. Keeps no process alive. Returns how to stop.
 */
export const onBeat = (everyMs: number, beat: () => void): (() => void) => {
  let rhythm = rhythms.get(everyMs);
  if (!rhythm) {
    const all = new Set<() => void>();
    rhythm = { all, timer: setInterval(() => all.forEach((one) => one()), everyMs) };
    rhythm.timer.unref();
    rhythms.set(everyMs, rhythm);
  }
  const { all, timer } = rhythm;
  all.add(beat);
  return () => {
    if (!all.delete(beat) || all.size > 0) return;
    clearInterval(timer);
    rhythms.delete(everyMs);
  };
};

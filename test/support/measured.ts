/*
 * Two measures that are taken one after the other never meet the same machine: what separates them is whatever else it did at one of the two moments. A
 * measure that is wrong is wrong each time.
 */

/**
 * Takes measures until `judge` has nothing against them, at most `times`. It is told all that were taken, the newest last: noise only ever adds to a
 * time, so the least of several is nearer to the truth than any one. @throws what `judge` threw last, once each of them was judged.
 */
export const measuredUntil = async <T>(
  measure: (attempt: number) => T | Promise<T>,
  judge: (newest: T, all: readonly T[]) => void,
  times = 12,
): Promise<void> => {
  const taken: T[] = [];
  for (;;) {
    const newest = await measure(taken.length + 1);
    taken.push(newest);
    try {
      return judge(newest, taken);
    } catch (error) {
      console.info(`measure ${taken.length} of ${times} at most: ${JSON.stringify(newest)}`);
      if (taken.length >= times) throw error;
    }
  }
};

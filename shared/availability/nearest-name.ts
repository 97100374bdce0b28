/** How many letters have to be changed, added or left out to make one text of the other (Levenshtein). */
const distance = (left: string, right: string): number => {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let at = 1; at <= left.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= right.length; to += 1)
      next.push(
        Math.min(
          (row[to] ?? 0) + 1,
          (next[to - 1] ?? 0) + 1,
          (row[to - 1] ?? 0) + (left[at - 1] === right[to - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[right.length] ?? 0;
};

/** The name that was most likely meant, or null when none is near: at most a third of its letters differ. */
export const nearestName = (wrong: string, names: Iterable<string>): string | null => {
  const sought = wrong.toLowerCase();
  let best: { name: string; away: number } | null = null;
  for (const name of names) {
    const away = distance(sought, name.toLowerCase());
    if (away <= Math.max(1, Math.floor(Math.max(sought.length, name.length) / 3)) && (!best || away < best.away))
      best = { name, away };
  }
  return best?.name ?? null;
};

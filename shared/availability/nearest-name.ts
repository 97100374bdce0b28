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

/** The names that were most likely meant: the nearest ones, at most a third of whose letters differ; none where none is near. */
export const nearestNames = (wrong: string, names: Iterable<string>): string[] => {
  const sought = wrong.toLowerCase();
  let best: string[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const away = distance(sought, name.toLowerCase());
    if (away > Math.max(1, Math.floor(Math.max(sought.length, name.length) / 3)) || away > least) continue;
    best = away < least ? [name] : [...best, name];
    least = away;
  }
  return best;
};

/** The one name that was most likely meant, or null. */
export const nearestName = (wrong: string, names: Iterable<string>): string | null =>
  nearestNames(wrong, names)[0] ?? null;

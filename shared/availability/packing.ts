/** A thing to be placed and what it needs. Sizes are whole numbers in one unit. */
export interface Item {
  readonly size: number;
  /** Indexes of the bins that may take it; null: every bin. */
  readonly bins: readonly number[] | null;
  /** Things of one class never share a bin, nor one that holds the class already. */
  readonly classes?: readonly number[];
}

export type PackingProof =
  /** This item alone finds no bin that is large enough or that may take it. */
  | { readonly kind: 'item'; readonly item: number }
  /** All of them together need more than all bins have. */
  | { readonly kind: 'sum'; readonly needed: number; readonly free: number }
  /** More items of at least this size than all bins can hold of them. */
  | { readonly kind: 'count'; readonly size: number; readonly items: number; readonly places: number }
  /** Every arrangement was tried. */
  | { readonly kind: 'search' };

export type Packing =
  | { readonly verdict: 'fits'; readonly bins: readonly number[] }
  | { readonly verdict: 'doesNotFit'; readonly proof: PackingProof }
  | { readonly verdict: 'unknown' };

const clashes = (held: ReadonlySet<number> | undefined, classes: readonly number[] | undefined): boolean =>
  held !== undefined && classes !== undefined && classes.some((one) => held.has(one));

type Taken = readonly (ReadonlySet<number> | undefined)[];

const mayTake = (item: Item, bin: number): boolean => item.bins === null || item.bins.includes(bin);

/** Largest first, each into the bin that `better` likes most; null when one is left over. */
const greedy = (
  items: readonly Item[],
  order: readonly number[],
  room: readonly number[],
  taken: Taken,
  better: (left: number, right: number) => boolean,
): number[] | null => {
  const left = [...room];
  const held = taken.map((one) => new Set(one));
  const bins = new Array<number>(items.length).fill(-1);
  for (const index of order) {
    const item = items[index] as Item;
    let best = -1;
    for (let bin = 0; bin < left.length; bin += 1) {
      if ((left[bin] ?? 0) < item.size || !mayTake(item, bin) || clashes(held[bin], item.classes)) continue;
      if (best < 0 || better(left[bin] ?? 0, left[best] ?? 0)) best = bin;
    }
    if (best < 0) return null;
    left[best] = (left[best] ?? 0) - item.size;
    for (const one of item.classes ?? []) held[best]?.add(one);
    bins[index] = best;
  }
  return bins;
};

/** Tries every arrangement, largest first, until one fits or so many steps were made; null: not decided. */
const search = (
  items: readonly Item[],
  order: readonly number[],
  room: readonly number[],
  taken: Taken,
  budget: number,
): number[] | false | null => {
  const left = [...room];
  const held = taken.map((one) => new Set(one));
  const bins = new Array<number>(items.length).fill(-1);
  const needed = order.map((index) => items[index]?.size ?? 0);
  for (let at = needed.length - 2; at >= 0; at -= 1) needed[at] = (needed[at] ?? 0) + (needed[at + 1] ?? 0);
  const alike = (first: number, second: number): boolean =>
    left[first] === left[second] &&
    held[first]?.size === 0 &&
    held[second]?.size === 0 &&
    items.every((item) => item.bins === null || item.bins.includes(first) === item.bins.includes(second));
  let steps = 0;
  const place = (at: number): boolean | null => {
    if (at === order.length) return true;
    if (left.reduce((sum, one) => sum + one, 0) < (needed[at] ?? 0)) return false;
    const index = order[at] as number;
    const item = items[index] as Item;
    const tried: number[] = [];
    for (let bin = 0; bin < left.length; bin += 1) {
      if ((left[bin] ?? 0) < item.size || !mayTake(item, bin) || clashes(held[bin], item.classes)) continue;
      if (tried.some((other) => alike(other, bin))) continue;
      tried.push(bin);
      steps += 1;
      if (steps > budget) return null;
      left[bin] = (left[bin] ?? 0) - item.size;
      const added = (item.classes ?? []).filter((one) => !held[bin]?.has(one));
      for (const one of added) held[bin]?.add(one);
      bins[index] = bin;
      const answer = place(at + 1);
      if (answer !== false) return answer;
      left[bin] = (left[bin] ?? 0) + item.size;
      for (const one of added) held[bin]?.delete(one);
    }
    return false;
  };
  const answer = place(0);
  return answer === true ? bins : answer === false ? false : null;
};

/**
 * Whether all items can be placed at once. `fits` comes with an arrangement, `doesNotFit` with a proof; where neither was
 * found the answer is `unknown`.
 * @param taken classes that a bin holds already
 * @param budget steps of the exhaustive search
 */
export const pack = (
  items: readonly Item[],
  room: readonly number[],
  { taken = [], budget = 20_000 }: { readonly taken?: Taken; readonly budget?: number } = {},
): Packing => {
  const held = room.map((_, bin) => taken[bin]);
  const alone = items.findIndex(
    (item) => !room.some((free, bin) => free >= item.size && mayTake(item, bin) && !clashes(held[bin], item.classes)),
  );
  if (alone >= 0) return { verdict: 'doesNotFit', proof: { kind: 'item', item: alone } };
  const needed = items.reduce((sum, { size }) => sum + size, 0);
  const free = room.reduce((sum, one) => sum + Math.max(0, one), 0);
  if (needed > free) return { verdict: 'doesNotFit', proof: { kind: 'sum', needed, free } };
  const order = items
    .map((_, index) => index)
    .sort((left, right) => (items[right]?.size ?? 0) - (items[left]?.size ?? 0) || left - right);
  const found =
    greedy(items, order, room, held, (left, right) => left < right) ??
    greedy(items, order, room, held, (left, right) => left > right);
  if (found) return { verdict: 'fits', bins: found };
  let asLarge = 0;
  for (const index of order) {
    const size = items[index]?.size ?? 0;
    asLarge += 1;
    if (size === 0) continue;
    const places = room.reduce((sum, one) => sum + Math.floor(Math.max(0, one) / size), 0);
    if (places < asLarge) return { verdict: 'doesNotFit', proof: { kind: 'count', size, items: asLarge, places } };
  }
  const searched = search(items, order, room, held, budget);
  if (searched === null) return { verdict: 'unknown' };
  return searched ? { verdict: 'fits', bins: searched } : { verdict: 'doesNotFit', proof: { kind: 'search' } };
};

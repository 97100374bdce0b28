/**
 * Where virtual machines may restart. Microsoft's own texts differ on how a node is chosen: the one with the fewest groups
 * (Understanding Hyper-V VM Failover Policies, techcommunity 371664), the next in the node list or one at random (KB299631),
 * by memory since Windows Server 2012. What they share is kept: those of a higher priority come first, one after the other,
 * each to some node that may have it and has room; where none has, it stays down. So the answer is about every such order.
 */
export const fates = ['restarts', 'depends', 'down'] as const;
export type Fate = (typeof fates)[number];

export interface Comer {
  readonly memoryMB: number;
  /** 3 high, 2 medium, 1 low. */
  readonly rank: number;
  /** Indexes of the nodes that may have it; null: every node that is left. */
  readonly nodes: readonly number[] | null;
  /** Enforced anti-affinity classes. */
  readonly classes: readonly number[];
}

export interface PlacementInput {
  readonly comers: readonly Comer[];
  /** Free memory by node; below zero where a node cannot take any (it is lost). */
  readonly free: ArrayLike<number>;
  /** Enforced anti-affinity classes that run on a node already. */
  readonly taken: readonly (ReadonlySet<number> | undefined)[];
  /** False where the losses came one after the other: then priority does not say who came first. */
  readonly byPriority: boolean;
}

export interface Placement {
  readonly fates: readonly Fate[];
  /** Every one of them restarts in every order. */
  readonly areAllSafe: boolean;
  /** Every order was tried: `depends` then means that both really happen. */
  readonly isExact: boolean;
  /** Most memory that may stay down, and who does then; only where every order was tried. */
  readonly worst: { readonly memoryMB: number; readonly down: readonly number[] } | null;
}

/** Largest case in which every order is tried. */
const exactLimits = { comers: 10, states: 20_000 } as const;

const canHost = ({ free, taken }: PlacementInput, comer: Comer, node: number): boolean =>
  (free[node] ?? -1) >= comer.memoryMB &&
  (comer.nodes === null || comer.nodes.includes(node)) &&
  !comer.classes.some((one) => taken[node]?.has(one));

/** Nodes on which it may come up if nobody else takes the room first. */
export const candidateNodes = (input: PlacementInput, comer: Comer): number[] => {
  const found: number[] = [];
  for (let node = 0; node < input.free.length; node += 1) if (canHost(input, comer, node)) found.push(node);
  return found;
};

const rankOf = (input: PlacementInput, comer: Comer): number => (input.byPriority ? comer.rank : 0);

/** All that others would have to bring to shut it out of every node, at the least. */
const memoryToBlock = (input: PlacementInput, comer: Comer, rivals: number): number => {
  const costs: number[] = [];
  let sum = 0;
  for (let node = 0; node < input.free.length; node += 1) {
    if (!canHost(input, comer, node)) continue;
    const cost = (input.free[node] ?? 0) - comer.memoryMB + 1;
    sum += cost;
    if (rivals > 0) costs.push(cost);
  }
  // Each rival of an enforced class shuts one node whatever its size: the dearest ones.
  costs.sort((left, right) => right - left);
  for (const cost of costs.slice(0, rivals)) sum -= cost;
  return sum;
};

/**
 * Every order within a rank and every choice of a node. Which state a set of placed machines leads to does not depend on
 * the way there, so that each state is entered once.
 */
const tryAll = (input: PlacementInput): Placement | null => {
  const { comers } = input;
  const count = comers.length;
  const everUp = new Uint8Array(count);
  const everDown = new Uint8Array(count);
  const seen = new Set<string>();
  const room = Array.from(input.free);
  const held = room.map((_, node) => new Set(input.taken[node]));
  const down = new Set<number>();
  let worst: { memoryMB: number; down: number[] } | null = null;
  let isOver = false;
  const ranks = comers.map((comer) => rankOf(input, comer));
  const visit = (left: number): void => {
    if (isOver) return;
    const key = `${left};${[...down].sort((a, b) => a - b).join(',')};${room.join(',')};${held
      .map((one) => [...one].sort((a, b) => a - b).join('.'))
      .join('/')}`;
    if (seen.has(key)) return;
    seen.add(key);
    if (seen.size > exactLimits.states) {
      isOver = true;
      return;
    }
    if (left === 0) {
      const memoryMB = [...down].reduce((sum, index) => sum + (comers[index]?.memoryMB ?? 0), 0);
      if (!worst || memoryMB > worst.memoryMB || (memoryMB === worst.memoryMB && down.size > worst.down.length))
        worst = { memoryMB, down: [...down] };
      return;
    }
    let rank = -1;
    for (let index = 0; index < count; index += 1) if (left & (1 << index)) rank = Math.max(rank, ranks[index] ?? 0);
    for (let index = 0; index < count; index += 1) {
      if (!(left & (1 << index)) || ranks[index] !== rank) continue;
      const comer = comers[index] as Comer;
      let isPlaced = false;
      for (let node = 0; node < room.length; node += 1) {
        if ((room[node] ?? -1) < comer.memoryMB) continue;
        if (comer.nodes !== null && !comer.nodes.includes(node)) continue;
        if (comer.classes.some((one) => held[node]?.has(one))) continue;
        isPlaced = true;
        everUp[index] = 1;
        room[node] = (room[node] ?? 0) - comer.memoryMB;
        const added = comer.classes.filter((one) => !held[node]?.has(one));
        for (const one of added) held[node]?.add(one);
        visit(left & ~(1 << index));
        room[node] = (room[node] ?? 0) + comer.memoryMB;
        for (const one of added) held[node]?.delete(one);
      }
      if (!isPlaced) {
        everDown[index] = 1;
        down.add(index);
        visit(left & ~(1 << index));
        down.delete(index);
      }
    }
  };
  visit((1 << count) - 1);
  if (isOver) return null;
  return {
    fates: comers.map((_, index) => (everDown[index] ? (everUp[index] ? 'depends' : 'down') : 'restarts')),
    areAllSafe: false,
    isExact: true,
    worst,
  };
};

const allSafe = (count: number): Placement => ({
  fates: new Array<Fate>(count).fill('restarts'),
  areAllSafe: true,
  isExact: true,
  worst: { memoryMB: 0, down: [] },
});

/**
 * The fate of each comer over every order that the rules allow. `restarts`: in all of them. `down`: in none. `depends`:
 * in some, or it could not be decided.
 */
export const placeAll = (input: PlacementInput): Placement => {
  const { comers } = input;
  const sums = [0, 0, 0, 0];
  const largest: (Comer | null)[] = [null, null, null, null];
  let isPlain = true;
  for (const comer of comers) {
    const rank = rankOf(input, comer);
    sums[rank] = (sums[rank] ?? 0) + comer.memoryMB;
    if (comer.nodes !== null || comer.classes.length > 0) isPlain = false;
    const before = largest[rank];
    if (!before || comer.memoryMB > before.memoryMB) largest[rank] = comer;
  }
  // What comes with this rank or before it.
  const ahead = [0, 0, 0, 0];
  for (let rank = 3; rank >= 0; rank -= 1) ahead[rank] = (sums[rank] ?? 0) + (ahead[rank + 1] ?? 0);
  const isSafe = (comer: Comer): boolean => {
    const rank = rankOf(input, comer);
    const rivals =
      comer.classes.length === 0
        ? 0
        : comers.filter(
            (other) =>
              other !== comer &&
              rankOf(input, other) >= rank &&
              other.classes.some((one) => comer.classes.includes(one)),
          ).length;
    const needed = memoryToBlock(input, comer, rivals);
    return needed > 0 && (ahead[rank] ?? 0) - comer.memoryMB < needed;
  };
  // The smaller a machine is, the more it takes to shut it out: the largest of a rank speaks for all of it.
  if (isPlain && largest.every((comer) => comer === null || isSafe(comer))) return allSafe(comers.length);
  // Those of one size and rank share an answer where nothing else tells them apart.
  const known = [0, 1, 2, 3].map(() => new Map<number, boolean>());
  const safe = comers.map((comer) => {
    if (comer.nodes !== null || comer.classes.length > 0) return isSafe(comer);
    const ofRank = known[rankOf(input, comer)];
    const before = ofRank?.get(comer.memoryMB);
    if (before !== undefined) return before;
    const answer = isSafe(comer);
    ofRank?.set(comer.memoryMB, answer);
    return answer;
  });
  if (safe.every(Boolean)) return allSafe(comers.length);
  if (comers.length <= exactLimits.comers) {
    const exact = tryAll(input);
    if (exact) return exact;
  }
  // What certainly has room before a rank is reached: those ahead of it that always restart.
  const surely = [0, 0, 0, 0];
  comers.forEach((comer, index) => {
    if (safe[index]) surely[rankOf(input, comer)] = (surely[rankOf(input, comer)] ?? 0) + comer.memoryMB;
  });
  const before = (rank: number): number => surely.slice(rank + 1).reduce((sum, one) => sum + one, 0);
  let allFree = 0;
  for (let node = 0; node < input.free.length; node += 1) allFree += Math.max(0, input.free[node] ?? 0);
  return {
    fates: comers.map((comer, index): Fate => {
      if (safe[index]) return 'restarts';
      let room = 0;
      let isAnywhere = false;
      for (let node = 0; node < input.free.length; node += 1)
        if (canHost(input, comer, node)) {
          isAnywhere = true;
          room += input.free[node] ?? 0;
        }
      if (!isAnywhere) return 'down';
      // Those before it take this much of its nodes at the least, whatever they take elsewhere.
      const taken = Math.max(0, before(rankOf(input, comer)) - (allFree - room));
      return room - taken < comer.memoryMB ? 'down' : 'depends';
    }),
    areAllSafe: false,
    isExact: false,
    worst: null,
  };
};

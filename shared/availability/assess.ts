import { quorumAfter, type QuorumResult } from './chain.ts';
import { attachmentOf, damageOf, reachesTarget, type Damage } from './damage.ts';
import type { Element } from './elements.ts';
import type { Model, ModelVm } from './model.ts';
import { keyOf } from './parse-state.ts';
import { candidateNodes, placeAll, type Comer, type Fate, type Placement, type PlacementInput } from './placement.ts';

export const vmOutcomes = ['stays', 'restarts', 'down', 'depends'] as const;
export type VmOutcome = (typeof vmOutcomes)[number];

/** Why a virtual machine ends as it does; the words are in `words.ts`. */
export const causes = [
  'untouched',
  'restarts',
  'quorumLost',
  'quorumDepends',
  'noAutoStart',
  'storageLost',
  'storageNotKnown',
  'lunNotKnown',
  'noPossibleOwner',
  'antiAffinity',
  'noNodeLargeEnough',
  'roomTakenBefore',
  'orderDecides',
  'notDecided',
  'nodeNotKnown',
  'roomNotKnown',
  'ownPathLost',
  'clientsCut',
] as const;
export type Cause = (typeof causes)[number];

/** A virtual machine that does not simply stay where it is. */
export interface Touched {
  readonly vm: number;
  readonly outcome: VmOutcome;
  readonly cause: Cause;
  readonly nodes: readonly number[];
}

export interface Assessment {
  readonly lost: readonly Element[];
  readonly quorum: QuorumResult;
  /** Nodes that are lost or cut off from the cluster. */
  readonly gone: readonly number[];
  readonly cutOff: readonly number[];
  readonly touched: readonly Touched[];
  readonly counts: Readonly<Record<VmOutcome, number>>;
  /** Those that stay down although they are meant to start. */
  readonly notRestarted: number;
  /** Virtual machines that would have to restart, and how they were placed; null where none has to. */
  readonly placement: {
    readonly vms: readonly number[];
    readonly input: PlacementInput;
    readonly placed: Placement;
  } | null;
  readonly largestNotRestarted: number | null;
  /** Nodes that go on and whose memory is not known. */
  readonly unread: readonly number[];
}

const storageOf = (model: Model, damage: Damage, vm: ModelVm): 'ok' | 'lost' | 'targetNotKnown' | 'lunNotKnown' => {
  if (vm.target < 0)
    return model.targets.length > 0 && (damage.isTargetLost || damage.lunLost.size > 0) ? 'targetNotKnown' : 'ok';
  const copies = model.targets[vm.target]?.copies ?? [];
  if (copies.every((copy) => damage.targetLost[copy] === 1)) return 'lost';
  const luns = damage.lunLost.get(vm.target);
  if (!luns || copies.length > 1) return 'ok';
  return vm.lun === null ? 'lunNotKnown' : luns.has(keyOf(vm.lun)) ? 'lost' : 'ok';
};

const reachesStorage = (model: Model, damage: Damage, node: number, vm: ModelVm): boolean =>
  vm.target < 0 || (model.targets[vm.target]?.copies.some((copy) => reachesTarget(model, damage, node, copy)) ?? true);

/** Whether every target that this node's machines lie on, or may lie on, is as it was. */
const isStorageWhole = (model: Model, damage: Damage, node: number): boolean =>
  damage.lunLost.size === 0 &&
  (model.nodes[node]?.uses ?? []).every((target) =>
    target < 0
      ? !damage.isTargetLost
      : (model.targets[target]?.copies.some((copy) => reachesTarget(model, damage, node, copy)) ?? true),
  );

/** Which enforced classes run on each node. */
const takenBy = (model: Model, isUp: Uint8Array): (ReadonlySet<number> | undefined)[] => {
  if (!model.isAntiAffinityEnforced) return [];
  const taken: Set<number>[] = model.nodes.map(() => new Set());
  for (const vm of model.vms) if (isUp[vm.node]) for (const one of vm.enforced) taken[vm.node]?.add(one);
  return taken;
};

const whyDown = (input: PlacementInput, comer: Comer, vm: ModelVm): Cause => {
  const alive = Array.from(input.free, (free, node) => (free >= 0 ? node : -1)).filter((node) => node >= 0);
  const owners = alive.filter((node) => comer.nodes === null || comer.nodes.includes(node));
  if (owners.length === 0) return vm.possible === null && alive.length > 0 ? 'storageLost' : 'noPossibleOwner';
  const apart = owners.filter((node) => !comer.classes.some((one) => input.taken[node]?.has(one)));
  if (apart.length === 0) return 'antiAffinity';
  return apart.some((node) => (input.free[node] ?? 0) >= comer.memoryMB) ? 'roomTakenBefore' : 'noNodeLargeEnough';
};

/** Preferred owners in their order, those below the failed node first (KB299631); then the others. */
export const inOrderOfPreference = (vm: ModelVm, nodes: readonly number[]): readonly number[] => {
  if (vm.preferred.length === 0) return nodes;
  const at = vm.preferred.indexOf(vm.node);
  const list = [...vm.preferred.slice(at + 1), ...vm.preferred.slice(0, Math.max(0, at))];
  const place = (node: number): number => (list.includes(node) ? list.indexOf(node) : list.length);
  return nodes.toSorted((left, right) => place(left) - place(right) || left - right);
};

/**
 * What is left after losses. `steps` are sets of elements: one set is lost at once; several are lost one set after the other.
 */
export const assess = (model: Model, steps: readonly (readonly Element[])[]): Assessment => {
  const cumulative: Element[][] = [];
  for (const step of steps) cumulative.push([...(cumulative.at(-1) ?? []), ...step]);
  const lost = cumulative.at(-1) ?? [];
  const damages = cumulative.map((elements) => damageOf(model, elements));
  const damage = damages.at(-1) as Damage;
  const { result: quorum, going, unsure } = quorumAfter(model, damages);
  const isUp = new Uint8Array(model.nodes.length);
  for (const node of going) isUp[node] = 1;
  const gone: number[] = [];
  const cutOff: number[] = [];
  for (let node = 0; node < isUp.length; node += 1)
    if (!isUp[node]) {
      gone.push(node);
      if (damage.nodeLost[node] !== 1) cutOff.push(node);
    }
  const touched: Touched[] = [];
  const listed = new Set<number>();
  const comers: number[] = [];
  const unsureNodes = new Set(unsure);
  const touch = (vm: number, outcome: VmOutcome, cause: Cause, nodes: readonly number[] = []): void => {
    touched.push({ vm, outcome, cause, nodes });
    if (quorum.verdict === 'depends') listed.add(vm);
  };
  let placement: Assessment['placement'] = null;
  if (quorum.verdict === 'lost') {
    for (const vm of model.vms) touch(vm.index, 'down', 'quorumLost');
  } else {
    const doesStorageChange = !damage.isNodesOnly && (model.targets.length > 0 || model.hasTopology);
    for (const node of gone) {
      if (!doesStorageChange) {
        const { starters = [], noStart = [] } = model.nodes[node] ?? {};
        for (const index of noStart) touch(index, 'down', 'noAutoStart');
        comers.push(...starters);
        continue;
      }
      for (const index of model.nodes[node]?.vms ?? []) {
        const vm = model.vms[index] as ModelVm;
        const storage = storageOf(model, damage, vm);
        if (vm.rank === 0) touch(index, 'down', 'noAutoStart');
        else if (storage === 'lost') touch(index, 'down', 'storageLost');
        else if (storage !== 'ok') touch(index, 'depends', storage === 'lunNotKnown' ? storage : 'storageNotKnown');
        else comers.push(index);
      }
    }
    // What is down at the nodes themselves leaves all others as they were.
    const isLocal =
      damage.portalDown === null && !damage.isTargetLost && damage.lunLost.size === 0 && unsureNodes.size === 0;
    if (!damage.isNodesOnly || quorum.isSplit)
      for (const node of going) {
        if (isLocal && !quorum.isSplit && damage.isTouched[node] !== 1) continue;
        const { clientsCut } = attachmentOf(model, damage, node);
        const isUnsure = unsureNodes.has(node);
        const isWhole =
          !clientsCut && !isUnsure && !quorum.isSplit && (!doesStorageChange || isStorageWhole(model, damage, node));
        if (isWhole) continue;
        for (const index of model.nodes[node]?.vms ?? []) {
          const vm = model.vms[index] as ModelVm;
          const storage = doesStorageChange ? storageOf(model, damage, vm) : 'ok';
          if (storage === 'lost') touch(index, 'down', 'storageLost');
          else if (storage !== 'ok')
            touch(index, 'depends', storage === 'lunNotKnown' ? storage : 'storageNotKnown', [node]);
          else if (quorum.isSplit) touch(index, 'depends', 'quorumDepends', [node]);
          else if (isUnsure) touch(index, 'depends', 'nodeNotKnown', [node]);
          else if (doesStorageChange && !reachesStorage(model, damage, node, vm)) {
            const others = going.filter((other) => other !== node && reachesStorage(model, damage, other, vm));
            if (others.length === 0) touch(index, 'down', 'storageLost');
            else touch(index, 'depends', 'ownPathLost', [node, ...others]);
          } else if (clientsCut) touch(index, 'depends', 'clientsCut', [node]);
        }
      }
    if (comers.length > 0)
      placement = placeComers(model, damage, {
        going,
        comers,
        unsure: unsureNodes,
        isUp,
        byPriority: steps.length === 1,
      });
  }
  const counts: Record<VmOutcome, number> = { stays: 0, restarts: 0, down: 0, depends: 0 };
  let notRestarted = 0;
  let largest: ModelVm | null = null;
  const add = (index: number, outcome: VmOutcome): void => {
    counts[outcome] += 1;
    const vm = model.vms[index] as ModelVm;
    if (vm.rank === 0 || (outcome !== 'down' && outcome !== 'depends')) return;
    if (outcome === 'down') notRestarted += 1;
    if (!largest || vm.memoryMB > largest.memoryMB) largest = vm;
  };
  for (const one of touched) add(one.vm, one.outcome);
  // With a node that may be gone or not, or whose memory nobody read, more room may turn up.
  const isOpen = unsureNodes.size > 0 || quorum.isSplit;
  const unread = going.filter((node) => model.nodes[node]?.isRoomKnown === false);
  const isOpenFor = ({ nodes }: Comer): boolean =>
    isOpen || (unread.length > 0 && (nodes === null || unread.some((node) => nodes.includes(node))));
  const outcomeOf = (fate: Fate, comer: Comer | undefined): VmOutcome =>
    quorum.isSplit ||
    (fate === 'down' && comer !== undefined && isOpenFor(comer)) ||
    (quorum.verdict === 'depends' && fate !== 'down')
      ? 'depends'
      : fate;
  if (placement?.placed.areAllSafe && outcomeOf('restarts', undefined) === 'restarts')
    counts.restarts += placement.vms.length;
  else
    placement?.vms.forEach((index, at) =>
      add(index, outcomeOf(placement.placed.fates[at] as Fate, placement.input.comers[at])),
    );
  const rest = model.vms.length - touched.length - (placement?.vms.length ?? 0);
  if (quorum.verdict === 'depends')
    for (const node of going)
      for (const index of model.nodes[node]?.vms ?? []) if (!listed.has(index)) add(index, 'depends');
  if (quorum.verdict !== 'depends') counts.stays += rest;
  const details = (): readonly Touched[] => [
    ...touched,
    ...(placement
      ? describeComers(model, placement, {
          isOpen,
          unread,
          isSplit: quorum.isSplit,
          verdict: quorum.verdict,
          outcomeOf,
        })
      : []),
  ];
  let described: readonly Touched[] | null = null;
  return {
    lost,
    quorum,
    gone,
    cutOff,
    // Thousands of losses are counted; few of them are looked at.
    get touched() {
      return (described ??= details());
    },
    counts,
    notRestarted,
    placement,
    largestNotRestarted: (largest as ModelVm | null)?.index ?? null,
    unread,
  };
};

/** What became of those that have to restart, with the nodes that may take them. */
const describeComers = (
  model: Model,
  { vms, input, placed }: NonNullable<Assessment['placement']>,
  how: {
    readonly isOpen: boolean;
    /** Nodes that go on and whose memory is not known. */
    readonly unread: readonly number[];
    readonly isSplit: boolean;
    readonly verdict: QuorumResult['verdict'];
    readonly outcomeOf: (fate: Fate, comer: Comer) => VmOutcome;
  },
): Touched[] => {
  const cache = new Map<string, readonly number[]>();
  const nodesFor = (comer: Comer): readonly number[] => {
    const key = `${comer.memoryMB};${comer.nodes?.join(',') ?? ''};${comer.classes.join(',')}`;
    const known = cache.get(key) ?? candidateNodes(input, comer);
    cache.set(key, known);
    return known;
  };
  return vms.map((index, at): Touched => {
    const vm = model.vms[index] as ModelVm;
    const comer = input.comers[at] as Comer;
    const fate = placed.fates[at] as Fate;
    const outcome = how.outcomeOf(fate, comer);
    const isRoomOpen = fate === 'down' && !how.isOpen && outcome === 'depends';
    if (isRoomOpen) {
      const nodes = how.unread.filter((node) => comer.nodes === null || comer.nodes.includes(node));
      return { vm: index, outcome, cause: 'roomNotKnown', nodes: inOrderOfPreference(vm, nodes) };
    }
    if (outcome === 'down') return { vm: index, outcome, cause: whyDown(input, comer, vm), nodes: [] };
    const cause: Cause =
      how.isSplit || (fate === 'down' && how.isOpen)
        ? 'nodeNotKnown'
        : fate === 'restarts'
          ? how.verdict === 'depends'
            ? 'quorumDepends'
            : 'restarts'
          : placed.isExact
            ? 'orderDecides'
            : 'notDecided';
    return { vm: index, outcome, cause, nodes: inOrderOfPreference(vm, nodesFor(comer)) };
  });
};

const placeComers = (
  model: Model,
  damage: Damage,
  at: {
    readonly going: readonly number[];
    readonly comers: readonly number[];
    readonly unsure: ReadonlySet<number>;
    readonly isUp: Uint8Array;
    readonly byPriority: boolean;
  },
): NonNullable<Assessment['placement']> => {
  const free = new Float64Array(model.nodes.length).fill(-1);
  for (const node of at.going) {
    const one = model.nodes[node];
    if (one?.isRoomKnown && !at.unsure.has(node)) free[node] = one.freeMB;
  }
  const checksStorage = !damage.isNodesOnly && model.targets.length > 0;
  const reachOf = new Map<number, readonly number[]>();
  const comers = at.comers.map((index): Comer => {
    const vm = model.vms[index] as ModelVm;
    if (!checksStorage) return vm.comer;
    let reach = checksStorage ? (reachOf.get(vm.target) ?? null) : null;
    if (checksStorage && reach === null)
      reachOf.set(vm.target, (reach = at.going.filter((node) => reachesStorage(model, damage, node, vm))));
    const nodes =
      reach === null || reach.length === at.going.length
        ? vm.possible
        : vm.possible === null
          ? reach
          : reach.filter((node) => vm.possible?.includes(node));
    return nodes === vm.possible ? vm.comer : { ...vm.comer, nodes };
  });
  const input = { comers, free, taken: takenBy(model, at.isUp), byPriority: at.byPriority };
  return { vms: at.comers, input, placed: placeAll(input) };
};

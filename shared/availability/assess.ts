import { attachmentOf, damageOf, reachesTarget, sidesOf, witnessFate, type Damage } from './damage.ts';
import type { Element } from './elements.ts';
import type { Model, ModelVm } from './model.ts';
import { keyOf } from './parse-state.ts';
import { candidateNodes, placeAll, type Comer, type Fate, type Placement, type PlacementInput } from './placement.ts';
import { ballotOf, tally, verdictOf, type Electorate, type QuorumVerdict, type Tally } from './quorum.ts';

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

export interface QuorumResult {
  readonly verdict: QuorumVerdict;
  readonly have: number;
  readonly of: number;
  /** Cases that nobody can tell apart, and those of them in which the cluster goes on. */
  readonly cases: { readonly kept: number; readonly of: number };
  readonly witness: 'none' | 'unknown' | 'votes' | 'doesNotVote' | 'lost' | 'maybeLost';
  /** Several sides could go on and nobody can say which. */
  readonly isSplit: boolean;
}

export interface Assessment {
  readonly lost: readonly Element[];
  readonly quorum: QuorumResult;
  /** Nodes that are lost or cut off from the cluster. */
  readonly gone: readonly number[];
  readonly cutOff: readonly number[];
  readonly touched: readonly Touched[];
  readonly counts: Readonly<Record<VmOutcome, number>>;
  /** Virtual machines that would have to restart, and how they were placed; null where none has to. */
  readonly placement: {
    readonly vms: readonly number[];
    readonly input: PlacementInput;
    readonly placed: Placement;
  } | null;
  readonly largestNotRestarted: number | null;
}

interface Chain {
  readonly verdict: QuorumVerdict;
  readonly last: Tally;
  readonly cases: { readonly kept: number; readonly of: number };
  /** Nodes that may go on; empty where quorum is lost. */
  readonly going: readonly number[];
  readonly isSplit: boolean;
  readonly witnessVoted: boolean;
}

interface Uncertain {
  readonly witnessIsThere: boolean;
  readonly witnessGoes: boolean;
  readonly unsureAreCut: boolean;
}

/** One loss after the other: votes are counted anew after each that was survived. */
const runChain = (model: Model, steps: readonly Damage[], how: Uncertain): Chain => {
  const all = model.nodes.map((_, index) => index);
  const configuredVoters = model.nodes.filter(({ votes }) => votes).length;
  let going: readonly number[] = all;
  let witness: Electorate['witness'] =
    model.witness.kind === 'none' || (model.witness.kind === 'unknown' && !how.witnessIsThere) ? 'none' : 'up';
  let cases = { kept: 1, of: 1 };
  let last: Tally = { have: 0, of: 0, kept: 1, cases: 1, winners: [0] };
  let isSplit = false;
  let witnessVoted = false;
  for (const damage of steps) {
    const voters = going.filter((node) => model.nodes[node]?.votes);
    const ballot = ballotOf({ configuredVoters, voters, witness }, model.settings);
    witnessVoted = ballot.witnessVotes;
    const fate = witnessFate(model, damage);
    if (witness === 'up' && (fate === 'yes' || (fate === 'maybe' && how.witnessGoes))) witness = 'lost';
    const left = going.filter((node) => damage.nodeLost[node] !== 1);
    const sides = sidesOf(model, damage, left, how.unsureAreCut);
    last = tally(
      ballot,
      sides.map(({ side }) => ({
        voters: side.voters,
        reachesWitness: witness === 'up' && (side.reachesWitness || model.witness.kind === 'unknown'),
      })),
    );
    cases = { kept: cases.kept * last.kept, of: cases.of * last.cases };
    if (last.kept === 0) return { verdict: 'lost', last, cases, going: [], isSplit, witnessVoted };
    if (last.winners.length > 1) isSplit = true;
    going = last.winners.flatMap((winner) => sides[winner]?.nodes ?? []).sort((left_, right) => left_ - right);
  }
  return { verdict: verdictOf({ kept: cases.kept, cases: cases.of }), last, cases, going, isSplit, witnessVoted };
};

const quorumAfter = (
  model: Model,
  steps: readonly Damage[],
): { readonly result: QuorumResult; readonly going: readonly number[]; readonly unsure: readonly number[] } => {
  const final = steps.at(-1) as Damage;
  const fates = steps.map((damage) => witnessFate(model, damage));
  const fate = fates.includes('yes') ? 'yes' : fates.includes('maybe') ? 'maybe' : 'no';
  const unsure = final.isNodesOnly
    ? []
    : model.nodes.flatMap((_, node) =>
        steps.some((damage) => damage.nodeLost[node] !== 1 && attachmentOf(model, damage, node).isUnsure) ? [node] : [],
      );
  const choices: Uncertain[] = [];
  for (const witnessIsThere of model.witness.kind === 'unknown' ? [false, true] : [true])
    for (const witnessGoes of fates.includes('maybe') ? [true, false] : [true])
      for (const unsureAreCut of unsure.length > 0 ? [true, false] : [false])
        choices.push({ witnessIsThere, witnessGoes, unsureAreCut });
  const chains = choices.map((how) => runChain(model, steps, how));
  const worst = chains.reduce((bad, one) =>
    one.cases.kept * bad.cases.of < bad.cases.kept * one.cases.of ||
    (one.verdict === bad.verdict && one.last.have - one.last.of / 2 < bad.last.have - bad.last.of / 2)
      ? one
      : bad,
  );
  const same = chains.every(({ verdict }) => verdict === worst.verdict);
  const going =
    worst.verdict === 'lost' && !same ? (chains.find((one) => one.going.length > 0)?.going ?? []) : worst.going;
  const { kind } = model.witness;
  return {
    result: {
      verdict: same ? worst.verdict : 'depends',
      have: worst.last.have,
      of: worst.last.of,
      cases: worst.cases,
      witness:
        kind === 'none' || kind === 'unknown'
          ? kind
          : fate === 'yes'
            ? 'lost'
            : fate === 'maybe'
              ? 'maybeLost'
              : worst.witnessVoted
                ? 'votes'
                : 'doesNotVote',
      isSplit: chains.some(({ isSplit }) => isSplit),
    },
    going,
    unsure,
  };
};

const storageOf = (model: Model, damage: Damage, vm: ModelVm): 'ok' | 'lost' | 'targetNotKnown' | 'lunNotKnown' => {
  if (vm.target < 0)
    return model.targets.length > 0 && (damage.targetLost.includes(1) || damage.lunLost.size > 0)
      ? 'targetNotKnown'
      : 'ok';
  const copies = model.targets[vm.target]?.copies ?? [];
  if (copies.every((copy) => damage.targetLost[copy] === 1)) return 'lost';
  const luns = damage.lunLost.get(vm.target);
  if (!luns || copies.length > 1) return 'ok';
  return vm.lun === null ? 'lunNotKnown' : luns.has(keyOf(vm.lun)) ? 'lost' : 'ok';
};

const reachesStorage = (model: Model, damage: Damage, node: number, vm: ModelVm): boolean =>
  vm.target < 0 || (model.targets[vm.target]?.copies.some((copy) => reachesTarget(model, damage, node, copy)) ?? true);

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
export const inOrderOfPreference = (vm: ModelVm, nodes: readonly number[]): number[] => {
  if (vm.preferred.length === 0) return [...nodes];
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
  const comers: number[] = [];
  const unsureNodes = new Set(unsure);
  const touch = (vm: number, outcome: VmOutcome, cause: Cause, nodes: readonly number[] = []): void => {
    touched.push({ vm, outcome, cause, nodes });
  };
  let placement: Assessment['placement'] = null;
  if (quorum.verdict === 'lost') {
    for (const vm of model.vms) touch(vm.index, 'down', 'quorumLost');
  } else {
    const doesStorageChange = !damage.isNodesOnly && (model.targets.length > 0 || model.hasTopology);
    for (const node of gone)
      for (const index of model.nodes[node]?.vms ?? []) {
        const vm = model.vms[index] as ModelVm;
        const storage = doesStorageChange ? storageOf(model, damage, vm) : 'ok';
        if (vm.rank === 0) touch(index, 'down', 'noAutoStart');
        else if (storage === 'lost') touch(index, 'down', 'storageLost');
        else if (storage !== 'ok') touch(index, 'depends', storage === 'lunNotKnown' ? storage : 'storageNotKnown');
        else comers.push(index);
      }
    if (!damage.isNodesOnly || quorum.isSplit)
      for (const node of going) {
        const { clientsCut } = attachmentOf(model, damage, node);
        const isUnsure = unsureNodes.has(node);
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
    if (placement) {
      const { vms, input, placed } = placement;
      const cache = new Map<string, readonly number[]>();
      vms.forEach((index, at) => {
        const vm = model.vms[index] as ModelVm;
        const comer = input.comers[at] as Comer;
        const fate = placed.fates[at] as Fate;
        // With a node that may be gone or not, more room may turn up.
        const isOpen = fate === 'down' && (unsureNodes.size > 0 || quorum.isSplit);
        const outcome: VmOutcome = isOpen || quorum.isSplit ? 'depends' : fate;
        if (outcome === 'down') return touch(index, 'down', whyDown(input, comer, vm));
        const key = `${comer.memoryMB};${comer.nodes?.join(',') ?? ''};${comer.classes.join(',')}`;
        let nodes = cache.get(key);
        if (!nodes) cache.set(key, (nodes = candidateNodes(input, comer)));
        const cause: Cause =
          outcome === 'restarts'
            ? quorum.verdict === 'depends'
              ? 'quorumDepends'
              : 'restarts'
            : isOpen || quorum.isSplit
              ? 'nodeNotKnown'
              : placed.isExact
                ? 'orderDecides'
                : 'notDecided';
        touch(
          index,
          quorum.verdict === 'depends' ? 'depends' : outcome,
          cause,
          vm.preferred.length > 0 ? inOrderOfPreference(vm, nodes) : nodes,
        );
      });
    }
  }
  const counts: Record<VmOutcome, number> = { stays: 0, restarts: 0, down: 0, depends: 0 };
  let largest: ModelVm | null = null;
  for (const one of touched) {
    counts[one.outcome] += 1;
    const vm = model.vms[one.vm] as ModelVm;
    const mayStayDown = one.outcome === 'down' || one.outcome === 'depends';
    if (mayStayDown && vm.rank > 0 && (!largest || vm.memoryMB > largest.memoryMB)) largest = vm;
  }
  const rest = model.vms.length - touched.length;
  if (quorum.verdict === 'depends') {
    counts.depends += rest;
    for (const node of going)
      for (const index of model.nodes[node]?.vms ?? []) {
        const vm = model.vms[index] as ModelVm;
        if (vm.rank > 0 && (!largest || vm.memoryMB > largest.memoryMB)) largest = vm;
      }
  } else counts.stays += rest;
  return {
    lost,
    quorum,
    gone,
    cutOff,
    touched,
    counts,
    placement,
    largestNotRestarted: largest?.index ?? null,
  };
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
  for (const node of at.going) if (!at.unsure.has(node)) free[node] = model.nodes[node]?.freeMB ?? 0;
  const checksStorage = !damage.isNodesOnly && model.targets.length > 0;
  const comers = at.comers.map((index): Comer => {
    const vm = model.vms[index] as ModelVm;
    const reach = checksStorage ? at.going.filter((node) => reachesStorage(model, damage, node, vm)) : null;
    const nodes =
      reach === null || reach.length === at.going.length
        ? vm.possible
        : vm.possible === null
          ? reach
          : reach.filter((node) => vm.possible?.includes(node));
    return { memoryMB: vm.memoryMB, rank: vm.rank, nodes, classes: vm.enforced };
  });
  const input = { comers, free, taken: takenBy(model, at.isUp), byPriority: at.byPriority };
  return { vms: at.comers, input, placed: placeAll(input) };
};

export type { Fate };

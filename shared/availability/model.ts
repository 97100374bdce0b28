import type { Comer } from './placement.ts';
import type { QuorumSettings } from './quorum.ts';
import { elementsOf, isPath, type Element } from './elements.ts';
import { keyOf } from './parse-state.ts';
import type { AvailabilityState, StateVm, VmPriority } from './state.ts';

export const rankOfPriority: Readonly<Record<VmPriority, number>> = { high: 3, medium: 2, low: 1, noAutoStart: 0 };

export interface ModelVm {
  readonly index: number;
  readonly name: string;
  readonly node: number;
  readonly memoryMB: number;
  readonly rank: number;
  /** Indexes of possible owners; null: every node. */
  readonly possible: readonly number[] | null;
  readonly preferred: readonly number[];
  /** Every class of anti-affinity, and those that are enforced. */
  readonly classes: readonly number[];
  readonly enforced: readonly number[];
  /** The target with its disks; -1: not known, or no target in the file. */
  readonly target: number;
  readonly lun: string | null;
  /** How it stands in line where it has to restart. */
  readonly comer: Comer;
}

export interface ModelNic {
  readonly role: string | null;
  readonly switch: number;
}

/** A way from a NIC to a portal. All three are numbered over the whole model. */
export interface ModelPath {
  readonly index: number;
  readonly nic: number;
  readonly portal: number;
}

export interface ModelNode {
  readonly name: string;
  readonly votes: boolean;
  readonly site: number;
  readonly feeds: readonly number[];
  readonly nics: readonly ModelNic[];
  /** The number of its first NIC over the whole model. */
  readonly firstNic: number;
  /** By target. */
  readonly paths: readonly (readonly ModelPath[])[];
  /** Targets that hold disks of its virtual machines; -1 among them: not known. */
  readonly uses: readonly number[];
  readonly vms: readonly number[];
  /** Those of them that are meant to start, and those with No Auto Start. */
  readonly starters: readonly number[];
  readonly noStart: readonly number[];
  readonly freeMB: number;
  /** False: how much is free there is not known. */
  readonly isRoomKnown: boolean;
  readonly usedMB: number;
}

export interface ModelTarget {
  readonly name: string;
  readonly site: number;
  readonly feeds: readonly number[];
  readonly portals: readonly { readonly switch: number }[];
  /** The number of its first portal over the whole model. */
  readonly firstPortal: number;
  readonly luns: readonly string[];
  /** All targets with the same data, itself among them. */
  readonly copies: readonly number[];
}

/** A state with its names looked up once, so that a loss is a matter of numbers. */
export interface Model {
  readonly state: AvailabilityState;
  readonly elements: readonly Element[];
  /** Where each element stands: its index in its list, over the whole model for parts. */
  readonly places: ReadonlyMap<Element, number>;
  readonly nicCount: number;
  /** The node of each NIC and of each path, by their numbers. */
  readonly nodeOfNic: readonly number[];
  readonly nodeOfPath: readonly number[];
  readonly portalCount: number;
  readonly nodes: readonly ModelNode[];
  readonly vms: readonly ModelVm[];
  readonly targets: readonly ModelTarget[];
  readonly switches: readonly { readonly name: string; readonly site: number; readonly feeds: readonly number[] }[];
  readonly siteNames: readonly string[];
  readonly feedNames: readonly string[];
  readonly witness: {
    readonly kind: 'none' | 'disk' | 'share' | 'cloud' | 'unknown';
    /** -1: not known; -2: none of the file. */
    readonly target: number;
    readonly lun: string | null;
    readonly site: number;
    readonly feeds: readonly number[];
  };
  readonly settings: QuorumSettings;
  readonly isAntiAffinityEnforced: boolean;
  readonly classNames: readonly string[];
  /** NICs are described, so that networks can be lost. */
  readonly hasTopology: boolean;
}

class Names {
  readonly list: string[] = [];
  readonly #index = new Map<string, number>();

  of(name: string | null | undefined): number {
    if (name === null || name === undefined) return -1;
    const known = this.#index.get(keyOf(name));
    if (known !== undefined) return known;
    this.#index.set(keyOf(name), this.list.length);
    this.list.push(name);
    return this.list.length - 1;
  }

  find(name: string): number {
    return this.#index.get(keyOf(name)) ?? -1;
  }
}

const sortedUnique = (numbers: readonly number[]): number[] =>
  [...new Set(numbers)].sort((left, right) => left - right);

/** Dynamic quorum came with 2012, dynamic witness and the tie-breaker with 2012 R2. */
export const settingsOf = (state: AvailabilityState, nodeIndex: (name: string) => number): QuorumSettings => {
  const system = state.cluster?.operatingSystem ?? null;
  const isBefore2012 = system === '2008' || system === '2008R2';
  const dynamicQuorum = state.cluster?.dynamicQuorum ?? !isBefore2012;
  const dynamicWitness = dynamicQuorum && (state.cluster?.dynamicWitness ?? (!isBefore2012 && system !== '2012'));
  const lower = state.cluster?.lowerQuorumPriorityNode ?? null;
  return { dynamicQuorum, dynamicWitness, lowerPriorityNode: lower === null ? null : nodeIndex(lower) };
};

/** All targets that hold the same data as this one, by the mirrors that the user stated. */
const copiesOf = (links: readonly number[], own: number): number[] => {
  const group = new Set([own]);
  for (let grew = true; grew;) {
    grew = false;
    links.forEach((other, index) => {
      if (other < 0 || group.has(index) === group.has(other)) return;
      group.add(index).add(other);
      grew = true;
    });
  }
  return sortedUnique([...group]);
};

type Finder = (name: string) => number;

/** NICs, portals and paths are numbered in the order in which the elements list them; LUNs stand at their target. */
const placesOf = (
  elements: readonly Element[],
  find: Readonly<Record<'node' | 'target' | 'switch' | 'site' | 'power', Finder>>,
): ReadonlyMap<Element, number> => {
  const next = { nic: 0, portal: 0, path: 0 };
  return new Map(
    elements.map((element) => {
      switch (element.kind) {
        case 'nic':
        case 'portal':
        case 'path':
          return [element, next[element.kind]++];
        case 'lun':
          return [element, find.target(element.owner ?? '')];
        case 'witness':
          return [element, 0];
        default:
          return [element, find[element.kind](element.name)];
      }
    }),
  );
};

const pathNodesOf = (nodes: readonly ModelNode[], count: number): number[] => {
  const found = Array.from({ length: count }, () => 0);
  nodes.forEach(({ paths }, node) => {
    for (const { index } of paths.flat()) found[index] = node;
  });
  return found;
};

export const compile = (state: AvailabilityState): Model => {
  const nodeNames = new Names();
  const sites = new Names();
  const feeds = new Names();
  const classes = new Names();
  const switchNames = new Names();
  const targetNames = new Names();
  for (const { name } of state.nodes) nodeNames.of(name);
  for (const { name } of state.targets) targetNames.of(name);
  const feedsOf = (power: readonly string[] | undefined): number[] => (power ?? []).map((one) => feeds.of(one));
  const switches = (state.switches ?? []).map(({ name, site, power }) => {
    switchNames.of(name);
    return { name, site: sites.of(site), feeds: feedsOf(power) };
  });
  const switchOf = (name: string | null | undefined): number => {
    const index = switchNames.of(name);
    if (name && index === switches.length) switches.push({ name, site: -1, feeds: [] });
    return index;
  };
  const links = state.targets.map(({ mirrorOf }) => (mirrorOf === undefined ? -1 : targetNames.find(mirrorOf)));
  let portalCount = 0;
  const targets: ModelTarget[] = state.targets.map((target, index) => {
    const firstPortal = portalCount;
    portalCount += target.portals?.length ?? 0;
    return {
      firstPortal,
      name: target.name,
      site: sites.of(target.site),
      feeds: feedsOf(target.power),
      portals: (target.portals ?? []).map((portal) => ({ switch: switchOf(portal.switch) })),
      luns: target.luns ?? [],
      copies: copiesOf(links, index),
    };
  });
  const isEnforced = state.cluster?.enforcedAntiAffinity === true;
  // Where all targets hold the same data there is only one place to lie.
  const onlyTarget = targets.length > 0 && targets[0]?.copies.length === targets.length ? 0 : -1;
  const byNode: number[][] = state.nodes.map(() => []);
  const used = state.nodes.map(() => 0);
  const owners = (names: readonly string[] | undefined): number[] => (names ?? []).map((name) => nodeNames.find(name));
  const vms = state.vms.map((vm: StateVm, index): ModelVm => {
    const node = nodeNames.find(vm.node);
    byNode[node]?.push(index);
    used[node] = (used[node] ?? 0) + vm.memoryMB;
    const own = vm.antiAffinity === undefined ? [] : [vm.antiAffinity].flat().map((one) => classes.of(one));
    const possible = vm.possibleOwners === undefined ? null : sortedUnique(owners(vm.possibleOwners));
    const enforced = isEnforced ? own : [];
    const rank = rankOfPriority[vm.priority];
    return {
      index,
      name: vm.name,
      node,
      memoryMB: vm.memoryMB,
      rank,
      possible,
      preferred: owners(vm.preferredOwners),
      classes: own,
      enforced,
      target: vm.target === undefined ? onlyTarget : targetNames.find(vm.target),
      lun: vm.lun ?? null,
      comer: { memoryMB: vm.memoryMB, rank, nodes: possible, classes: enforced },
    };
  });
  let nicCount = 0;
  let pathCount = 0;
  const nodes = state.nodes.map((node, index): ModelNode => {
    const nics = (node.nics ?? []).map((nic) => ({ role: nic.role ?? null, switch: switchOf(nic.switch) }));
    const firstNic = nicCount;
    nicCount += nics.length;
    const own = byNode[index] ?? [];
    const paths = state.targets.map((): ModelPath[] => []);
    // In the order in which the elements name them.
    (node.nics ?? []).forEach((nic, at) =>
      state.targets.forEach((target, targetIndex) =>
        (target.portals ?? []).forEach((portal, portalIndex) => {
          if (!isPath(nic.role, portal.network)) return;
          const first = targets[targetIndex]?.firstPortal ?? 0;
          paths[targetIndex]?.push({ index: pathCount, nic: firstNic + at, portal: first + portalIndex });
          pathCount += 1;
        }),
      ),
    );
    const usedMB = used[index] ?? 0;
    return {
      name: node.name,
      votes: node.vote !== false,
      site: sites.of(node.site),
      feeds: feedsOf(node.power),
      nics,
      firstNic,
      paths,
      uses: sortedUnique(own.map((vm) => vms[vm]?.target ?? -1)),
      vms: own,
      starters: own.filter((vm) => vms[vm]?.rank !== 0),
      noStart: own.filter((vm) => vms[vm]?.rank === 0),
      usedMB,
      freeMB: Math.max(0, node.memoryMB - node.reserveMB - usedMB),
      isRoomKnown: node.isMemoryKnown !== false,
    };
  });
  const { witness } = state;
  const witnessTarget =
    witness?.target === undefined
      ? witness?.kind === 'disk'
        ? targets.length === 0
          ? -2
          : -1
        : -2
      : targetNames.find(witness.target);
  const elements = elementsOf(state);
  return {
    state,
    elements,
    places: placesOf(elements, {
      node: (name) => nodeNames.find(name),
      target: (name) => targetNames.find(name),
      switch: (name) => switchNames.find(name),
      site: (name) => sites.find(name),
      power: (name) => feeds.find(name),
    }),
    nicCount,
    nodeOfNic: nodes.flatMap(({ nics }, node) => nics.map(() => node)),
    nodeOfPath: pathNodesOf(nodes, pathCount),
    portalCount,
    nodes,
    vms,
    targets,
    switches,
    siteNames: sites.list,
    feedNames: feeds.list,
    witness: {
      kind: witness === undefined ? 'unknown' : witness === null ? 'none' : witness.kind,
      target: witnessTarget,
      lun: witness?.lun ?? null,
      site: sites.of(witness?.site),
      feeds: feedsOf(witness?.power),
    },
    settings: settingsOf(state, (name) => nodeNames.find(name)),
    isAntiAffinityEnforced: isEnforced,
    classNames: classes.list,
    hasTopology: nodes.some(({ nics }) => nics.length > 0),
  };
};

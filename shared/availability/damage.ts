import type { Element } from './elements.ts';
import type { Model, ModelNode } from './model.ts';
import { keyOf } from './parse-state.ts';
import type { Side } from './quorum.ts';

/** What a set of lost elements takes with it, before anybody counts votes or looks for memory. */
export interface Damage {
  readonly nodeLost: Uint8Array;
  readonly targetLost: Uint8Array;
  /** By number over the model; null: none is down. */
  readonly nicDown: Uint8Array | null;
  readonly portalDown: Uint8Array | null;
  readonly pathLost: ReadonlySet<number>;
  /** Nodes with a NIC or a path of their own that is down: only of these is anything different that hangs on NICs alone. */
  readonly touched: readonly number[];
  readonly isTouched: Uint8Array;
  /** By target index, the LUNs in lower case. */
  readonly lunLost: ReadonlyMap<number, ReadonlySet<string>>;
  readonly witnessLost: boolean;
  readonly isTargetLost: boolean;
  /** Nothing but whole nodes is lost: networks and storage are as before. */
  readonly isNodesOnly: boolean;
  /** What was found out of node and target: 0 not asked yet, 1 reached, 2 not reached. */
  readonly reach: Uint8Array;
}

const isDark = (feeds: readonly number[], lost: ReadonlySet<number>): boolean =>
  feeds.length > 0 && lost.size > 0 && feeds.every((feed) => lost.has(feed));

/** What is down with its switch, and what was lost itself; null where that is nothing. */
const downOf = (
  count: number,
  lost: readonly number[],
  switchLost: Uint8Array,
  owners: () => readonly { readonly first: number; readonly parts: readonly { readonly switch: number }[] }[],
): Uint8Array | null => {
  if (lost.length === 0 && !switchLost.includes(1)) return null;
  const down = new Uint8Array(count);
  for (const one of lost) down[one] = 1;
  for (const { first, parts } of owners())
    for (let at = 0; at < parts.length; at += 1) if (switchLost[parts[at]?.switch ?? -1] === 1) down[first + at] = 1;
  return down.includes(1) ? down : null;
};

export const damageOf = (model: Model, lost: readonly Element[]): Damage => {
  const nodeLost = new Uint8Array(model.nodes.length);
  const targetLost = new Uint8Array(model.targets.length);
  const switchLost = new Uint8Array(model.switches.length);
  const nics: number[] = [];
  const portals: number[] = [];
  const pathLost = new Set<number>();
  const lunLost = new Map<number, Set<string>>();
  const lostSites = new Set<number>();
  const lostFeeds = new Set<number>();
  let witnessLost = false;
  let isNodesOnly = true;
  for (const element of lost) {
    const place = model.places.get(element) ?? -1;
    if (element.kind !== 'node') isNodesOnly = false;
    switch (element.kind) {
      case 'node':
        nodeLost[place] = 1;
        break;
      case 'target':
        targetLost[place] = 1;
        break;
      case 'switch':
        switchLost[place] = 1;
        break;
      case 'nic':
        nics.push(place);
        break;
      case 'path':
        pathLost.add(place);
        break;
      case 'portal':
        portals.push(place);
        break;
      case 'lun':
        lunLost.set(place, (lunLost.get(place) ?? new Set()).add(keyOf(element.name)));
        break;
      case 'witness':
        witnessLost = true;
        break;
      case 'site':
        lostSites.add(place);
        break;
      case 'power':
        lostFeeds.add(place);
        break;
    }
  }
  if (lostSites.size + lostFeeds.size > 0) {
    const goes = ({ site, feeds }: { readonly site: number; readonly feeds: readonly number[] }): boolean =>
      (site >= 0 && lostSites.has(site)) || isDark(feeds, lostFeeds);
    model.nodes.forEach((node, index) => goes(node) && (nodeLost[index] = 1));
    model.targets.forEach((target, index) => goes(target) && (targetLost[index] = 1));
    model.switches.forEach((one, index) => goes(one) && (switchLost[index] = 1));
    if (goes(model.witness)) witnessLost = true;
  }
  const nicDown = isNodesOnly
    ? null
    : downOf(model.nicCount, nics, switchLost, () =>
        model.nodes.map(({ firstNic, nics: parts }) => ({ first: firstNic, parts })),
      );
  const isTouched = new Uint8Array(model.nodes.length);
  if (nicDown)
    for (let nic = 0; nic < nicDown.length; nic += 1) if (nicDown[nic]) isTouched[model.nodeOfNic[nic] ?? 0] = 1;
  for (const path of pathLost) isTouched[model.nodeOfPath[path] ?? 0] = 1;
  const touched: number[] = [];
  isTouched.forEach((is, node) => is && touched.push(node));
  return {
    nodeLost,
    targetLost,
    nicDown,
    touched,
    isTouched,
    portalDown: isNodesOnly
      ? null
      : downOf(model.portalCount, portals, switchLost, () =>
          model.targets.map(({ firstPortal, portals: parts }) => ({ first: firstPortal, parts })),
        ),
    pathLost,
    lunLost,
    witnessLost,
    isTargetLost: targetLost.includes(1),
    isNodesOnly,
    reach: new Uint8Array(isNodesOnly ? 0 : model.nodes.length * model.targets.length),
  };
};

const findReach = (model: Model, damage: Damage, node: number, target: number): boolean => {
  const { nicDown, portalDown, pathLost } = damage;
  if (damage.targetLost[target] === 1) return false;
  const paths = model.nodes[node]?.paths[target] ?? [];
  if (paths.length > 0)
    return paths.some(
      ({ index, nic, portal }) => nicDown?.[nic] !== 1 && portalDown?.[portal] !== 1 && !pathLost.has(index),
    );
  // Not described from this node: it is lost at the latest with the last portal.
  const { portals = [], firstPortal = 0 } = model.targets[target] ?? {};
  return portals.length === 0 || portals.some((_, at) => portalDown?.[firstPortal + at] !== 1);
};

/** Whether a node still reaches a target; paths that the file does not describe are taken to be there. */
export const reachesTarget = (model: Model, damage: Damage, node: number, target: number): boolean => {
  const { portalDown, targetLost, reach } = damage;
  if (targetLost[target] === 1) return false;
  if (!portalDown && damage.isTouched[node] !== 1) return true;
  const at = node * model.targets.length + target;
  if (reach[at] === 0) reach[at] = findReach(model, damage, node, target) ? 1 : 2;
  return reach[at] === 1;
};

/** How a node hangs on the networks that carry the cluster. */
export interface Attachment {
  readonly production: boolean;
  readonly clusterPrivate: boolean;
  /** A NIC of which nobody said what it is for is lost or left: whether the node still hears the others is not known. */
  readonly isUnsure: boolean;
  /** It had a NIC for production, and has none left. */
  readonly clientsCut: boolean;
}

const implicit: Attachment = { production: true, clusterPrivate: true, isUnsure: false, clientsCut: false };

export const attachmentOf = (model: Model, damage: Damage, node: number): Attachment => {
  const { nics } = model.nodes[node] as ModelNode;
  if (nics.length === 0 || damage.nicDown === null) return implicit;
  if (damage.isTouched[node] === 1) return attachmentWith(model, damage.nicDown, node);
  const known = unharmed.get(model) ?? [];
  if (known.length === 0) unharmed.set(model, known);
  return (known[node] ??= attachmentWith(model, new Uint8Array(model.nicCount), node));
};

/** How each node hangs on the networks while none of its own NICs is down. */
const unharmed = new WeakMap<Model, Attachment[]>();

const attachmentWith = (model: Model, nicDown: Uint8Array, node: number): Attachment => {
  const { nics, firstNic } = model.nodes[node] as ModelNode;
  // NICs by what they are for, and those of them that are up: 0 production, 1 cluster-private, 2 not known, 3 others.
  const all = [0, 0, 0, 0];
  const up = [0, 0, 0, 0];
  nics.forEach(({ role }, at) => {
    const kind = role === 'production' ? 0 : role === 'clusterPrivate' ? 1 : role === null ? 2 : 3;
    all[kind] = (all[kind] ?? 0) + 1;
    if (nicDown[firstNic + at] !== 1) up[kind] = (up[kind] ?? 0) + 1;
  });
  const [ofProduction = 0, ofPrivate = 0, ofUnknown = 0] = all;
  const [upProduction = 0, upPrivate = 0, upUnknown = 0] = up;
  if (ofProduction + ofPrivate === 0) {
    if (up.every((one) => one === 0))
      return { production: false, clusterPrivate: false, isUnsure: false, clientsCut: true };
    return { ...implicit, isUnsure: upUnknown < ofUnknown };
  }
  const production = upProduction > 0 || (ofProduction === 0 && upUnknown > 0);
  const clusterPrivate = upPrivate > 0;
  return {
    production,
    clusterPrivate,
    isUnsure: !production && !clusterPrivate && upUnknown > 0,
    clientsCut: ofProduction > 0 && upProduction === 0 && upUnknown === 0,
  };
};

const isOnBoth = ({ production, clusterPrivate, isUnsure }: Attachment): boolean =>
  production && clusterPrivate && !isUnsure;

const whole = new WeakMap<Model, boolean>();

/** Whether every node is on both networks while nothing is down. */
const isWholeWithout = (model: Model): boolean => {
  const known = whole.get(model);
  if (known !== undefined) return known;
  const none = new Uint8Array(model.nicCount);
  const is = model.nodes.every(({ nics }, node) => nics.length === 0 || isOnBoth(attachmentWith(model, none, node)));
  whole.set(model, is);
  return is;
};

/** The groups of nodes that hear each other; a node in none of the networks is alone. */
export const sidesOf = (
  model: Model,
  damage: Damage,
  nodes: readonly number[],
  unsureAreCut: boolean,
): { readonly nodes: readonly number[]; readonly side: Side }[] => {
  const make = (members: readonly number[], hasClients: boolean): { nodes: readonly number[]; side: Side } => ({
    nodes: members,
    side: {
      voters: members.filter((node) => model.nodes[node]?.votes),
      reachesWitness: reachesWitness(model, damage, members, hasClients),
    },
  });
  if (damage.nicDown === null) return [make(nodes, true)];
  // While nobody is cut off from either network there is one side, whatever else is down.
  if (isWholeWithout(model) && damage.touched.every((node) => isOnBoth(attachmentOf(model, damage, node))))
    return [make(nodes, true)];
  const both: number[] = [];
  const onProduction: number[] = [];
  const onPrivate: number[] = [];
  const alone: number[] = [];
  for (const node of nodes) {
    const { production, clusterPrivate, isUnsure } = attachmentOf(model, damage, node);
    if (isUnsure) (unsureAreCut ? alone : both).push(node);
    else if (production && clusterPrivate) both.push(node);
    else if (production) onProduction.push(node);
    else if (clusterPrivate) onPrivate.push(node);
    else alone.push(node);
  }
  const groups =
    both.length > 0 || onProduction.length === 0 || onPrivate.length === 0
      ? [
          {
            members: [...both, ...onProduction, ...onPrivate].sort((a, b) => a - b),
            hasClients: both.length + onProduction.length > 0,
          },
        ]
      : [
          { members: onProduction, hasClients: true },
          { members: onPrivate, hasClients: false },
        ];
  return [
    ...groups.filter(({ members }) => members.length > 0).map(({ members, hasClients }) => make(members, hasClients)),
    ...alone.map((node) => make([node], false)),
  ];
};

const reachesWitness = (model: Model, damage: Damage, members: readonly number[], hasClients: boolean): boolean => {
  const { kind, target } = model.witness;
  if (kind === 'none' || kind === 'unknown') return false;
  if (kind !== 'disk') return hasClients || !members.some((node) => model.nodes[node]?.nics.length);
  if (target < 0 || damage.isNodesOnly) return true;
  return members.some((node) => model.targets[target]?.copies.some((copy) => reachesTarget(model, damage, node, copy)));
};

/** `yes`: the witness is lost as well. `maybe`: it hangs on something that the file does not say. */
export const witnessFate = (model: Model, damage: Damage): 'no' | 'maybe' | 'yes' => {
  const { kind, target, lun } = model.witness;
  if (kind === 'none' || kind === 'unknown') return 'no';
  if (damage.witnessLost) return 'yes';
  if (target >= 0) {
    const copies = model.targets[target]?.copies ?? [];
    if (copies.every((copy) => damage.targetLost[copy] === 1)) return 'yes';
    const luns = damage.lunLost.get(target);
    if (!luns || copies.length > 1) return 'no';
    return lun === null ? 'maybe' : luns.has(keyOf(lun)) ? 'yes' : 'no';
  }
  if (target === -1 && (damage.targetLost.some((one) => one === 1) || damage.lunLost.size > 0)) return 'maybe';
  return 'no';
};

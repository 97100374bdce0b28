import type { Element } from './elements.ts';
import type { Model, ModelNode } from './model.ts';
import { keyOf } from './parse-state.ts';
import type { Side } from './quorum.ts';

/** What a set of lost elements takes with it, before anybody counts votes or looks for memory. */
export interface Damage {
  readonly nodeLost: Uint8Array;
  readonly targetLost: Uint8Array;
  readonly switchLost: Uint8Array;
  /** By node and NIC. */
  readonly nicLost: ReadonlySet<string>;
  readonly portalLost: ReadonlySet<string>;
  readonly pathLost: ReadonlySet<string>;
  /** By target index, the LUNs in lower case. */
  readonly lunLost: ReadonlyMap<number, ReadonlySet<string>>;
  readonly witnessLost: boolean;
  /** Nothing but whole nodes is lost: networks and storage are as before. */
  readonly isNodesOnly: boolean;
}

const indexOfName = (list: readonly { readonly name: string }[], name: string): number =>
  list.findIndex((one) => keyOf(one.name) === keyOf(name));

const ownedKey = (owner: number, name: string): string => `${owner}/${keyOf(name)}`;

const isDark = (feeds: readonly number[], lost: ReadonlySet<number>): boolean =>
  feeds.length > 0 && lost.size > 0 && feeds.every((feed) => lost.has(feed));

export const damageOf = (model: Model, lost: readonly Element[]): Damage => {
  const nodeLost = new Uint8Array(model.nodes.length);
  const targetLost = new Uint8Array(model.targets.length);
  const switchLost = new Uint8Array(model.switches.length);
  const nicLost = new Set<string>();
  const portalLost = new Set<string>();
  const pathLost = new Set<string>();
  const lunLost = new Map<number, Set<string>>();
  const lostSites = new Set<number>();
  const lostFeeds = new Set<number>();
  let witnessLost = false;
  let isNodesOnly = true;
  for (const { kind, name, owner } of lost) {
    if (kind !== 'node') isNodesOnly = false;
    switch (kind) {
      case 'node':
        nodeLost[indexOfName(model.nodes, name)] = 1;
        break;
      case 'target':
        targetLost[indexOfName(model.targets, name)] = 1;
        break;
      case 'switch':
        switchLost[indexOfName(model.switches, name)] = 1;
        break;
      case 'nic':
        nicLost.add(ownedKey(indexOfName(model.nodes, owner ?? ''), name));
        break;
      case 'path':
        pathLost.add(ownedKey(indexOfName(model.nodes, owner ?? ''), name));
        break;
      case 'portal':
        portalLost.add(ownedKey(indexOfName(model.targets, owner ?? ''), name));
        break;
      case 'lun': {
        const target = indexOfName(model.targets, owner ?? '');
        lunLost.set(target, (lunLost.get(target) ?? new Set()).add(keyOf(name)));
        break;
      }
      case 'witness':
        witnessLost = true;
        break;
      case 'site':
        lostSites.add(model.siteNames.findIndex((one) => keyOf(one) === keyOf(name)));
        break;
      case 'power':
        lostFeeds.add(model.feedNames.findIndex((one) => keyOf(one) === keyOf(name)));
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
  return {
    nodeLost,
    targetLost,
    switchLost,
    nicLost,
    portalLost,
    pathLost,
    lunLost,
    witnessLost,
    isNodesOnly,
  };
};

/** The NIC's name as it stands in the state. */
const nicName = (model: Model, node: number, nic: number): string => model.state.nodes[node]?.nics?.[nic]?.name ?? '';

const isNicUp = (model: Model, damage: Damage, node: number, nic: number): boolean => {
  const one = model.nodes[node]?.nics[nic];
  if (!one || damage.nicLost.has(ownedKey(node, nicName(model, node, nic)))) return false;
  return one.switch < 0 || damage.switchLost[one.switch] !== 1;
};

/** Whether a node still reaches a target; paths that the file does not describe are taken to be there. */
export const reachesTarget = (model: Model, damage: Damage, node: number, target: number): boolean => {
  if (damage.targetLost[target]) return false;
  const paths = model.nodes[node]?.paths.filter((path) => path.target === target) ?? [];
  const portals = model.state.targets[target]?.portals ?? [];
  const first = firstPortalOf(model, target);
  if (paths.length === 0)
    // Not described from this node: it is lost at the latest with the last portal.
    return portals.length === 0 || portals.some((portal, at) => isPortalUp(model, damage, target, at, portal.address));
  return paths.some(({ nic, portal }) => {
    const at = portal - first;
    const address = portals[at]?.address ?? '';
    return (
      isNicUp(model, damage, node, nic) &&
      isPortalUp(model, damage, target, at, address) &&
      !damage.pathLost.has(ownedKey(node, `${nicName(model, node, nic)}>${address}`))
    );
  });
};

const firstPortalOf = (model: Model, target: number): number => {
  let first = 0;
  for (let index = 0; index < target; index += 1) first += model.targets[index]?.portals.length ?? 0;
  return first;
};

const isPortalUp = (model: Model, damage: Damage, target: number, at: number, address: string): boolean => {
  if (damage.portalLost.has(ownedKey(target, address))) return false;
  const own = model.targets[target]?.portals[at]?.switch ?? -1;
  return own < 0 || damage.switchLost[own] !== 1;
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
  if (nics.length === 0 || damage.isNodesOnly) return implicit;
  const up = nics.map((_, nic) => isNicUp(model, damage, node, nic));
  const has = (role: string | null): boolean => nics.some((nic) => nic.role === role);
  const works = (role: string | null): boolean => nics.some((nic, index) => nic.role === role && up[index]);
  const unknownLost = nics.some((nic, index) => nic.role === null && !up[index]);
  if (!has('production') && !has('clusterPrivate')) {
    if (!up.some(Boolean)) return { production: false, clusterPrivate: false, isUnsure: false, clientsCut: true };
    return { ...implicit, isUnsure: unknownLost };
  }
  const production = works('production') || (!has('production') && has(null) && works(null));
  const clusterPrivate = works('clusterPrivate');
  const isCut = !production && !clusterPrivate;
  return {
    production,
    clusterPrivate,
    isUnsure: isCut && works(null),
    clientsCut: has('production') && !works('production') && !works(null),
  };
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
  if (damage.isNodesOnly || !model.hasTopology) return [make(nodes, true)];
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

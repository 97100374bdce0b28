import { failure } from '../errors/failure.ts';
import { nearestNames } from './nearest-name.ts';
import { keyOf } from './parse-state.ts';
import type { AvailabilityState, LinkRole } from './state.ts';

export const elementKinds = [
  'node',
  'nic',
  'switch',
  'path',
  'portal',
  'lun',
  'target',
  'witness',
  'power',
  'site',
] as const;
export type ElementKind = (typeof elementKinds)[number];

export const elementKindWords: Readonly<Record<ElementKind, string>> = {
  node: 'Node',
  nic: 'NIC',
  switch: 'Switch',
  path: 'iSCSI path',
  portal: 'Portal',
  lun: 'LUN',
  target: 'Target',
  witness: 'Witness',
  power: 'Power feed',
  site: 'Site',
};

/**
 * Something that can be lost. Its id is what `--lose` takes: `node:HV01`, `nic:HV01/Ethernet 2`, `switch:SW1`,
 * `path:HV01/Ethernet 2>10.0.0.1`, `portal:SAN1/10.0.0.1`, `lun:SAN1/Witness`, `target:SAN1`, `witness`, `power:A`, `site:Berlin`.
 */
export interface Element {
  readonly id: string;
  readonly kind: ElementKind;
  /** What it is called, within its owner. */
  readonly name: string;
  /** The node or target that it is a part of. */
  readonly owner: string | null;
}

const isStorageRole = (role: LinkRole | null | undefined): boolean => role === 'iscsiA' || role === 'iscsiB';

/** Can this NIC and this portal talk? The user named the same network for both, or none for the portal. */
export const isPath = (role: LinkRole | null | undefined, network: LinkRole | undefined): boolean =>
  isStorageRole(role) && (network === undefined || network === role);

const feedsOf = (state: AvailabilityState): string[] => [
  ...state.nodes.flatMap(({ power }) => power ?? []),
  ...state.targets.flatMap(({ power }) => power ?? []),
  ...(state.switches ?? []).flatMap(({ power }) => power ?? []),
  ...(state.witness?.power ?? []),
];

export const sitesOf = (state: AvailabilityState): string[] =>
  distinct([
    ...state.nodes.flatMap(({ site }) => site ?? []),
    ...state.targets.flatMap(({ site }) => site ?? []),
    ...(state.switches ?? []).flatMap(({ site }) => site ?? []),
    ...(state.witness?.site === undefined ? [] : [state.witness.site]),
  ]);

const distinct = (names: readonly string[]): string[] =>
  [...new Map(names.toReversed().map((name) => [keyOf(name), name])).values()].toReversed();

export const switchesOf = (state: AvailabilityState): string[] =>
  distinct([
    ...(state.switches ?? []).map(({ name }) => name),
    ...state.nodes.flatMap(({ nics }) => (nics ?? []).flatMap((nic) => nic.switch ?? [])),
    ...state.targets.flatMap(({ portals }) => (portals ?? []).flatMap((portal) => portal.switch ?? [])),
  ]);

/** Everything in a state that can be lost, nodes first, in the order of the file. */
export const elementsOf = (state: AvailabilityState): Element[] => {
  const found: Element[] = [];
  const add = (kind: ElementKind, name: string, owner: string | null = null): void => {
    found.push({
      id: kind === 'witness' ? kind : `${kind}:${owner === null ? '' : `${owner}/`}${name}`,
      kind,
      name,
      owner,
    });
  };
  for (const node of state.nodes) add('node', node.name);
  for (const node of state.nodes) for (const nic of node.nics ?? []) add('nic', nic.name, node.name);
  for (const name of switchesOf(state)) add('switch', name);
  for (const node of state.nodes)
    for (const nic of node.nics ?? [])
      for (const target of state.targets)
        for (const portal of target.portals ?? [])
          if (isPath(nic.role, portal.network)) add('path', `${nic.name}>${portal.address}`, node.name);
  for (const target of state.targets)
    for (const { address } of target.portals ?? []) add('portal', address, target.name);
  for (const target of state.targets) for (const lun of target.luns ?? []) add('lun', lun, target.name);
  for (const target of state.targets) add('target', target.name);
  if (state.witness) add('witness', state.witness.kind);
  for (const name of distinct(feedsOf(state))) add('power', name);
  for (const name of sitesOf(state)) add('site', name);
  return found;
};

const kindOf = (id: string): string => (id.includes(':') ? id.slice(0, id.indexOf(':')) : id);

/**
 * The element that a person named. Case does not matter.
 * @throws Failure AVAILABILITY_LOSS_UNKNOWN with what was probably meant
 */
export const findElement = (elements: readonly Element[], id: string): Element => {
  const wanted = id.trim().toLowerCase() === 'witness:' ? 'witness' : id.trim();
  const exact = elements.find((element) => keyOf(element.id) === keyOf(wanted));
  if (exact) return exact;
  const kind = kindOf(wanted);
  const isKind = (elementKinds as readonly string[]).includes(kind.toLowerCase());
  const alike = isKind ? elements.filter((element) => element.kind === kind.toLowerCase()) : [];
  const near = nearestNames(
    wanted,
    elements.map((element) => element.id),
  );
  // A name without its kind.
  const bare = elements.filter((element) => keyOf(element.name) === keyOf(wanted)).map((element) => element.id);
  const meant = (near.length > 0 ? near : bare).slice(0, 4);
  const examples = (alike.length > 0 ? alike : elements).slice(0, 5).map((element) => element.id);
  const next =
    meant.length > 0
      ? `Did you mean ${meant.join(' or ')}?`
      : !isKind
        ? `Name it as KIND:NAME, such as ${examples.slice(0, 3).join(' or ')}.`
        : alike.length === 0
          ? `The state has nothing of the kind ${kind}.`
          : `Known here: ${examples.join(', ')}${alike.length > 5 ? ' and more' : ''}.`;
  throw failure('AVAILABILITY_LOSS_UNKNOWN', { loss: id, next });
};

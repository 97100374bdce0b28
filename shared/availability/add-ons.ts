import { switchesOf } from './elements.ts';
import { keyOf } from './parse-state.ts';
import type { AvailabilityState, StateNic, StateNode, StateTarget } from './state.ts';
import { unnamedSite } from './words.ts';

/** The eight investments of the TechNet column, in its order; Quorate judges each, it never prices one. */
export const addOnIds = [
  'hardware',
  'nicRedundancy',
  'pathRedundancy',
  'hardwareIscsi',
  'iscsiRedundancy',
  'vmm',
  'moreNodes',
  'multiSite',
] as const;
export type AddOnId = (typeof addOnIds)[number];

/** What an add-on would make of a configuration. */
export type Change =
  | {
      readonly kind: 'changes';
      readonly before?: AvailabilityState;
      readonly after: AvailabilityState;
      readonly needs: readonly string[];
    }
  /** It leaves the graph as it is. */
  | { readonly kind: 'noChange'; readonly needs: readonly string[]; readonly because: string }
  | { readonly kind: 'present'; readonly because: string }
  | { readonly kind: 'notApplicable'; readonly because: string }
  | { readonly kind: 'notKnown'; readonly because: string };

export interface AddOn {
  readonly id: AddOnId;
  readonly title: string;
  /** 1 to 5: how much has to be bought, built in and learnt. */
  readonly complexity: number;
  readonly change: (state: AvailabilityState) => Change;
}

const newName = (wanted: string, taken: readonly string[]): string => {
  const isTaken = (name: string): boolean => taken.some((one) => keyOf(one) === keyOf(name));
  let name = wanted;
  for (let number = 2; isTaken(name); number += 1) name = `${wanted} ${number}`;
  return name;
};

/** The groups of NICs of a node in which one stands in for another. */
const groupsOf = (nics: readonly StateNic[]): { readonly what: string; readonly members: readonly StateNic[] }[] =>
  [
    { what: 'production', members: nics.filter(({ role }) => role === 'production') },
    { what: 'iSCSI', members: nics.filter(({ role }) => role === 'iscsiA' || role === 'iscsiB') },
  ].filter(({ members }) => members.length > 0);

const describesNics = (state: AvailabilityState): boolean =>
  state.nodes.some(({ nics }) => (nics ?? []).some(({ role }) => role != null));

const noNics: Change = {
  kind: 'notKnown',
  because: 'The network adapters of the nodes and what they are for are not in the state.',
};

const hardware = (state: AvailabilityState): Change => {
  const open = state.nodes.filter(({ catalogued }) => catalogued !== true);
  if (open.length === 0) return { kind: 'present', because: 'Every node is looked up in the Windows Server Catalog.' };
  return {
    kind: 'noChange',
    needs: open.map(({ name }) => `${name}: a make and model that the Windows Server Catalog lists for its release`),
    because: 'It makes each failure rarer; the elements whose loss stops something stay the same.',
  };
};

const nicRedundancy = (state: AvailabilityState): Change => {
  if (!describesNics(state)) return noNics;
  const needs: string[] = [];
  const nodes = state.nodes.map((node): StateNode => {
    const nics = node.nics ?? [];
    const added = groupsOf(nics).flatMap(({ what, members }) => {
      const [only] = members;
      if (members.length !== 1 || !only) return [];
      needs.push(
        `${node.name}: one more network adapter for ${what}${what === 'production' ? ', teamed with the first one' : ', used with MPIO'}`,
      );
      return [
        {
          ...only,
          name: newName(
            `${only.name} (second)`,
            nics.map(({ name }) => name),
          ),
        },
      ];
    });
    return added.length === 0 ? node : { ...node, nics: [...nics, ...added] };
  });
  if (needs.length === 0)
    return { kind: 'present', because: 'Every node has two network adapters for production and two for iSCSI.' };
  return { kind: 'changes', after: { ...state, nodes }, needs };
};

/** Gives the last of several things that hang on one switch another switch; null where that changes nothing. */
const spread = <Link extends { readonly switch?: string | null | undefined }>(
  links: readonly Link[],
  second: (first: string) => string,
): Link[] | null => {
  const [first, ...others] = links;
  if (!first?.switch || others.length === 0) return null;
  const name = first.switch;
  if (others.some((link) => link.switch == null || keyOf(link.switch) !== keyOf(name))) return null;
  return links.map((link, index) => (index === links.length - 1 ? { ...link, switch: second(name) } : link));
};

const pathRedundancy = (state: AvailabilityState): Change => {
  if (!describesNics(state)) return noNics;
  const linked = state.nodes.flatMap(({ nics }) => (nics ?? []).filter(({ role }) => role != null));
  if (linked.every((nic) => nic.switch == null))
    return { kind: 'notKnown', because: 'Which switch each cable ends in is not in the state.' };
  const known = switchesOf(state);
  const seconds = new Map<string, string>();
  const second = (first: string): string => {
    const before = seconds.get(keyOf(first));
    if (before !== undefined) return before;
    // Any switch that is there already stands in, as long as it is another one.
    const name = newName(`${first} (second)`, known);
    seconds.set(keyOf(first), name);
    return name;
  };
  const needs: string[] = [];
  let lacking = 0;
  const nodes = state.nodes.map((node): StateNode => {
    let nics = node.nics ?? [];
    for (const { what, members } of groupsOf(nics)) {
      if (members.length < 2) {
        lacking += 1;
        continue;
      }
      const moved = spread(members, second);
      if (!moved) continue;
      const last = members.at(-1) as StateNic;
      nics = nics.map((nic) => (nic === last ? (moved.at(-1) as StateNic) : nic));
      needs.push(`${node.name}: the cable of ${last.name} (${what}) moved to the second switch`);
    }
    return nics === node.nics ? node : { ...node, nics };
  });
  const targets = state.targets.map((target): StateTarget => {
    const portals = target.portals ?? [];
    const [only] = portals;
    if (portals.length === 1 && only?.switch) {
      needs.push(`${target.name}: one more portal, on the second switch`);
      // The new portal is for whichever of the two iSCSI networks the first one does not serve.
      const { network: _network, ...open } = only;
      return {
        ...target,
        portals: [only, { ...open, address: `${only.address} (second)`, switch: second(only.switch) }],
      };
    }
    const moved = spread(portals, second);
    if (!moved) return target;
    needs.push(`${target.name}: the cable of portal ${portals.at(-1)?.address ?? ''} moved to the second switch`);
    return { ...target, portals: moved };
  });
  if (needs.length === 0)
    return lacking > 0
      ? {
          kind: 'notApplicable',
          because: 'Second network adapters come first: a single network adapter cannot lead to two switches.',
        }
      : {
          kind: 'present',
          because: 'Production and iSCSI lead over two switches wherever there are two network adapters.',
        };
  const added = [...seconds.values()];
  return {
    kind: 'changes',
    after: { ...state, nodes, targets, switches: [...(state.switches ?? []), ...added.map((name) => ({ name }))] },
    needs: [...added.map((name) => `a further switch: ${name}`), ...needs],
  };
};

const hardwareIscsi = (state: AvailabilityState): Change => {
  if (state.targets.length === 0) return { kind: 'notApplicable', because: 'The state names no target.' };
  if (state.targets.every(({ hardware: isHardware }) => isHardware === true))
    return { kind: 'present', because: 'Every target is a storage array.' };
  const needs: string[] = [];
  const targets = state.targets.map((target): StateTarget => {
    if (target.hardware === true) return target;
    needs.push(`in place of ${target.name}: a storage array with two controllers and two power supplies`);
    const portals = target.portals ?? [];
    const [only] = portals;
    const feeds = target.power ?? [];
    return {
      ...target,
      hardware: true,
      ...(portals.length === 1 && only
        ? { portals: [only, { ...only, address: `${only.address} (second controller)` }] }
        : {}),
      ...(feeds.length === 1 ? { power: [...feeds, 'second power feed'] } : {}),
    };
  });
  return { kind: 'changes', after: { ...state, targets }, needs };
};

const iscsiRedundancy = (state: AvailabilityState): Change => {
  if (state.targets.length === 0) return { kind: 'notApplicable', because: 'The state names no target.' };
  const mirrored = new Set(
    state.targets.flatMap(({ name, mirrorOf }) => (mirrorOf === undefined ? [] : [keyOf(name), keyOf(mirrorOf)])),
  );
  const alone = state.targets.filter(({ name }) => !mirrored.has(keyOf(name)));
  if (alone.length === 0) return { kind: 'present', because: 'Every target has a mirror.' };
  const names = state.targets.map(({ name }) => name);
  const mirrors = alone.map((target): StateTarget => ({
    ...target,
    name: newName(`${target.name} (mirror)`, names),
    mirrorOf: target.name,
    ...(target.portals
      ? { portals: target.portals.map((portal) => ({ ...portal, address: `${portal.address} (mirror)` })) }
      : {}),
    ...(target.power ? { power: ['power feed of the mirror'] } : {}),
  }));
  return {
    kind: 'changes',
    after: { ...state, targets: [...state.targets, ...mirrors] },
    needs: alone.map(
      ({ name }) => `a second target that holds the data of ${name} at every moment and takes its place by itself`,
    ),
  };
};

const vmm = (state: AvailabilityState): Change => ({
  kind: 'noChange',
  needs: [
    'a management server with System Center VMM and its database',
    `an agent on each of the ${state.nodes.length} nodes`,
  ],
  because: 'It manages, places and moves; the elements whose loss stops something stay the same.',
});

/** Microsoft: 16 nodes up to Windows Server 2008 R2, 64 from 2012 on. */
export const mostNodes = (state: AvailabilityState): number => {
  const system = state.cluster?.operatingSystem;
  return system === '2008' || system === '2008R2' ? 16 : 64;
};

const moreNodes = (state: AvailabilityState): Change => {
  const most = mostNodes(state);
  if (state.nodes.length >= most)
    return { kind: 'notApplicable', because: `${most} nodes are the most that this release allows.` };
  const model = state.nodes.reduce((largest, node) => (node.memoryMB > largest.memoryMB ? node : largest));
  const name = newName(
    'one more node',
    state.nodes.map((node) => node.name),
  );
  return {
    kind: 'changes',
    after: { ...state, nodes: [...state.nodes, { ...model, name, vote: true }] },
    needs: [
      `a server like ${model.name} with ${Math.round(model.memoryMB / 1024)} GiB, cabled like it, on the same release`,
    ],
  };
};

const multiSite = (state: AvailabilityState): Change => {
  const sites = new Set(state.nodes.flatMap(({ site }) => (site === undefined ? [] : [keyOf(site)])));
  if (sites.size > 1) return { kind: 'present', because: `The nodes are at ${sites.size} sites.` };
  const here = state.nodes.find(({ site }) => site !== undefined)?.site ?? unnamedSite;
  const there = newName('second site', [here]);
  const at = <Thing extends { readonly site?: string | undefined }>(things: readonly Thing[]): Thing[] =>
    things.map((thing) => ({ ...thing, site: thing.site ?? here }));
  const before: AvailabilityState = {
    ...state,
    nodes: at(state.nodes),
    targets: at(state.targets),
    ...(state.switches ? { switches: at(state.switches) } : {}),
    ...(state.witness ? { witness: { ...state.witness, site: state.witness.site ?? here } } : {}),
  };
  const room = mostNodes(state) - state.nodes.length;
  if (room <= 0) return { kind: 'notApplicable', because: 'The release allows no further node for the second site.' };
  const afar = (name: string | null | undefined): string | null => (name == null ? null : `${name} (second site)`);
  const names = state.nodes.map(({ name }) => name);
  const twins = before.nodes.slice(0, room).map((node): StateNode => ({
    ...node,
    name: newName(`${node.name} (second site)`, names),
    site: there,
    ...(node.power ? { power: node.power.map((feed) => `${feed} (second site)`) } : {}),
    ...(node.nics ? { nics: node.nics.map((nic) => ({ ...nic, switch: afar(nic.switch) })) } : {}),
  }));
  const unmirrored = before.targets.filter(({ mirrorOf }) => mirrorOf === undefined);
  const copies = unmirrored.map((target): StateTarget => ({
    ...target,
    name: newName(
      `${target.name} (second site)`,
      before.targets.map(({ name }) => name),
    ),
    site: there,
    mirrorOf: target.name,
    ...(target.power ? { power: target.power.map((feed) => `${feed} (second site)`) } : {}),
    ...(target.portals
      ? {
          portals: target.portals.map((portal) => ({
            ...portal,
            address: `${portal.address} (second site)`,
            switch: afar(portal.switch),
          })),
        }
      : {}),
  }));
  return {
    kind: 'changes',
    before,
    after: {
      ...before,
      nodes: [...before.nodes, ...twins],
      targets: [...before.targets, ...copies],
      witness: { kind: 'share', site: 'third site' },
      ...(before.switches
        ? {
            switches: [
              ...before.switches,
              ...before.switches.map(({ name }) => ({ name: `${name} (second site)`, site: there })),
            ],
          }
        : {}),
    },
    needs: [
      `${twins.length} ${twins.length === 1 ? 'node' : 'nodes'} at a second site`,
      ...unmirrored.map(({ name }) => `storage there that holds the data of ${name} at every moment`),
      'a file share or cloud witness at a third place',
      'either the same subnets at both sites, or addresses and DNS records that follow a failover',
      'a link between the sites whose delay the replication bears',
    ],
  };
};

export const addOns: readonly AddOn[] = [
  { id: 'hardware', title: 'Server hardware from the Windows Server Catalog', complexity: 3, change: hardware },
  { id: 'nicRedundancy', title: 'Redundant network adapters', complexity: 1, change: nicRedundancy },
  { id: 'pathRedundancy', title: 'Redundant network paths', complexity: 2, change: pathRedundancy },
  { id: 'hardwareIscsi', title: 'A hardware iSCSI target', complexity: 3, change: hardwareIscsi },
  { id: 'iscsiRedundancy', title: 'Redundant iSCSI targets', complexity: 4, change: iscsiRedundancy },
  { id: 'vmm', title: 'System Center Virtual Machine Manager', complexity: 4, change: vmm },
  { id: 'moreNodes', title: 'More nodes', complexity: 3, change: moreNodes },
  { id: 'multiSite', title: 'A second site', complexity: 5, change: multiSite },
];

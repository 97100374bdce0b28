import { elementsOf, isPath, switchesOf, type Element } from './elements.ts';
import { keyOf } from './parse-state.ts';
import type { AvailabilityState } from './state.ts';

/** A box of the picture: an element, and the place where it is drawn. Lengths are in the units of the picture. */
export interface Box {
  readonly element: Element;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly text: string;
}

export interface Line {
  readonly from: string;
  readonly to: string;
  readonly points: readonly [x1: number, y1: number, x2: number, y2: number];
  /** Known from the state, or taken to be so. */
  readonly isAssumed: boolean;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

const column = { nodes: 10, nics: 250, switches: 500, portals: 700, targets: 930 } as const;
const rowHeight = 30;
const gap = 14;
const boxHeight = 24;
export const pictureWidth = 1140;

const plural = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

/**
 * The configuration from left to right: nodes with their virtual machines, NICs, switches, portals, targets with their LUNs
 * and the witness. Drawn from the state alone, so that the window and the report show the same picture.
 */
export const pictureOf = (state: AvailabilityState): Picture => {
  const elements = elementsOf(state);
  const find = (kind: Element['kind'], name: string, owner: string | null = null): Element | undefined =>
    elements.find(
      (one) =>
        one.kind === kind &&
        keyOf(one.name) === keyOf(name) &&
        (owner === null || (one.owner !== null && keyOf(one.owner) === keyOf(owner))),
    );
  const boxes: Box[] = [];
  const lines: Line[] = [];
  const put = (
    element: Element | undefined,
    x: number,
    y: number,
    width: number,
    height: number,
    title: string,
    text = '',
  ): void => {
    if (element) boxes.push({ element, x, y, width, height, title, text });
  };
  const middleOf = (id: string): Box | undefined => boxes.find(({ element }) => element.id === id);
  const link = (from: Element | undefined, to: Element | undefined, isAssumed = false): void => {
    const left = from && middleOf(from.id);
    const right = to && middleOf(to.id);
    if (!left || !right) return;
    lines.push({
      from: left.element.id,
      to: right.element.id,
      isAssumed,
      points: [left.x + left.width, left.y + left.height / 2, right.x, right.y + right.height / 2],
    });
  };

  let y = 30;
  for (const node of state.nodes) {
    const nics = node.nics ?? [];
    const height = Math.max(1, nics.length) * rowHeight + 14;
    const vms = state.vms.filter((vm) => keyOf(vm.node) === keyOf(node.name)).length;
    put(
      find('node', node.name),
      column.nodes,
      y,
      190,
      Math.max(height, 44),
      node.name,
      `${plural(vms, 'VM')}${node.site === undefined ? '' : `, ${node.site}`}`,
    );
    nics.forEach((nic, index) =>
      put(
        find('nic', nic.name, node.name),
        column.nics,
        y + 7 + index * rowHeight,
        180,
        boxHeight,
        nic.name,
        nic.role ?? 'not known',
      ),
    );
    y += Math.max(height, 44) + gap;
  }
  let switchY = 30;
  for (const name of switchesOf(state)) {
    put(find('switch', name), column.switches, switchY, 140, 36, name);
    switchY += 36 + gap;
  }
  let targetY = 30;
  for (const target of state.targets) {
    const portals = target.portals ?? [];
    const luns = target.luns ?? [];
    const height = Math.max(portals.length * rowHeight, 40 + luns.length * rowHeight) + 14;
    put(
      find('target', target.name),
      column.targets,
      targetY,
      200,
      height,
      target.name,
      target.mirrorOf ? `mirror of ${target.mirrorOf}` : (target.site ?? ''),
    );
    luns.forEach((lun, index) =>
      put(
        find('lun', lun, target.name),
        column.targets + 10,
        targetY + 44 + index * rowHeight,
        180,
        boxHeight,
        lun,
        'LUN',
      ),
    );
    portals.forEach((portal, index) =>
      put(
        find('portal', portal.address, target.name),
        column.portals,
        targetY + 7 + index * rowHeight,
        170,
        boxHeight,
        portal.address,
        portal.network ?? '',
      ),
    );
    targetY += height + gap;
  }
  const { witness } = state;
  if (witness) {
    const kind = witness.kind === 'share' ? 'file share' : witness.kind;
    put(
      find('witness', witness.kind),
      column.targets,
      targetY,
      200,
      40,
      'Witness',
      `${kind}${witness.target ? ` on ${witness.target}` : ''}`,
    );
    targetY += 40 + gap;
  }
  // Power feeds and sites hold everything else: they stand below, in a row of their own.
  let bottom = Math.max(y, switchY, targetY);
  const rest = elements.filter(({ kind }) => kind === 'power' || kind === 'site');
  rest.forEach((element, index) => {
    const perRow = 5;
    const top = bottom + Math.floor(index / perRow) * 48;
    put(
      element,
      10 + (index % perRow) * 225,
      top,
      205,
      36,
      element.name,
      element.kind === 'site' ? 'site' : 'power feed',
    );
  });
  bottom += Math.ceil(rest.length / 5) * 48;

  for (const node of state.nodes) {
    const own = find('node', node.name);
    const nics = node.nics ?? [];
    for (const nic of nics) {
      const port = find('nic', nic.name, node.name);
      link(own, port);
      if (nic.switch != null) link(port, find('switch', nic.switch));
      else
        for (const target of state.targets)
          for (const portal of target.portals ?? [])
            if (isPath(nic.role, portal.network)) link(port, find('portal', portal.address, target.name), true);
    }
    if (nics.length === 0) for (const target of state.targets) link(own, find('target', target.name), true);
  }
  for (const target of state.targets)
    for (const portal of target.portals ?? []) {
      const box = find('portal', portal.address, target.name);
      if (portal.switch != null) link(find('switch', portal.switch), box);
      link(box, find('target', target.name));
    }
  return { width: pictureWidth, height: bottom + 10, boxes, lines };
};

/** What stands above each column. */
export const pictureHeads: readonly { readonly x: number; readonly text: string }[] = [
  { x: column.nodes, text: 'Nodes' },
  { x: column.nics, text: 'NICs' },
  { x: column.switches, text: 'Switches' },
  { x: column.portals, text: 'Portals' },
  { x: column.targets, text: 'Targets and witness' },
];

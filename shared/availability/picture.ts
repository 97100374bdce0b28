import { elementsOf, isPath, switchesOf, type Element } from './elements.ts';
import { keyOf } from './parse-state.ts';
import type { AvailabilityState, LinkRole } from './state.ts';

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

/**
 * Text that fits into so many letters. The names of iSCSI nodes differ at their end (RFC 7143, section 4.2.7: they begin with a type, a
 * date and the maker's domain), so there the beginning goes.
 */
export const fitText = (text: string, most: number): string => {
  if (text.length <= most) return text;
  const name = /(?:iqn|eui|naa)\.[^ ]+$/.exec(text)?.[0];
  if (name === undefined) return `${text.slice(0, most - 1)}…`;
  const before = text.slice(0, text.length - name.length);
  const room = most - before.length - 1;
  return room < 4 ? `${text.slice(0, most - 1)}…` : `${before}…${name.slice(-room)}`;
};

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
  /** What stands above each column. */
  readonly heads: readonly { readonly x: number; readonly text: string }[];
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

/** What a console of 800x600 has for it: all five columns fit without a sideways scroll. */
const mostWidth = 602;
const margin = 8;
const widths = { nodes: 90, nics: 116, switches: 76, portals: 116, targets: 132 } as const;
type ColumnName = keyof typeof widths;
const columnNames = Object.keys(widths) as ColumnName[];
const columnTitles: Readonly<Record<ColumnName, string>> = {
  nodes: 'Nodes',
  nics: 'NICs',
  switches: 'Switches',
  portals: 'Portals',
  targets: 'Targets and witness',
};
const roleWords: Readonly<Record<LinkRole, string>> = {
  production: 'production',
  clusterPrivate: 'private',
  iscsiA: 'iSCSI A',
  iscsiB: 'iSCSI B',
};
// A name above, what it is for below: side by side there is room for six letters of a name.
const rowHeight = 42;
const boxHeight = 38;
const lunRowHeight = 30;
const lunHeight = 24;
const gap = 14;

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
  const has: Readonly<Record<ColumnName, boolean>> = {
    nodes: true,
    nics: state.nodes.some(({ nics }) => nics?.length),
    switches: switchesOf(state).length > 0,
    portals: state.targets.some(({ portals }) => portals?.length),
    targets: state.targets.length > 0 || Boolean(state.witness),
  };
  const shown = columnNames.filter((name) => has[name]);
  // Fewer columns stand farther apart, so that their lines can be told from each other.
  const filled = shown.reduce((sum, name) => sum + widths[name], 2 * margin);
  const between = Math.min(110, Math.floor((mostWidth - filled) / Math.max(1, shown.length - 1)));
  const column: Record<ColumnName, number> = {
    nodes: margin,
    nics: margin,
    switches: margin,
    portals: margin,
    targets: margin,
  };
  let x = margin;
  for (const name of shown) {
    column[name] = x;
    x += widths[name] + between;
  }
  const width = Math.max(520, x - between + margin);
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
      widths.nodes,
      Math.max(height, 44),
      node.name,
      `${plural(vms, 'VM')}${node.site === undefined ? '' : `, ${node.site}`}`,
    );
    nics.forEach((nic, index) =>
      put(
        find('nic', nic.name, node.name),
        column.nics,
        y + 7 + index * rowHeight,
        widths.nics,
        boxHeight,
        nic.name,
        nic.role ? roleWords[nic.role] : 'not known',
      ),
    );
    y += Math.max(height, 44) + gap;
  }
  let switchY = 30;
  for (const name of switchesOf(state)) {
    put(find('switch', name), column.switches, switchY, widths.switches, 36, name);
    switchY += 36 + gap;
  }
  let targetY = 30;
  for (const target of state.targets) {
    const portals = target.portals ?? [];
    const luns = target.luns ?? [];
    const height = Math.max(portals.length * rowHeight, 40 + luns.length * lunRowHeight) + 14;
    put(
      find('target', target.name),
      column.targets,
      targetY,
      widths.targets,
      height,
      target.name,
      target.mirrorOf ? `mirror of ${target.mirrorOf}` : (target.site ?? ''),
    );
    luns.forEach((lun, index) =>
      put(
        find('lun', lun, target.name),
        column.targets + 10,
        targetY + 44 + index * lunRowHeight,
        widths.targets - 20,
        lunHeight,
        lun,
        'LUN',
      ),
    );
    portals.forEach((portal, index) =>
      put(
        find('portal', portal.address, target.name),
        column.portals,
        targetY + 7 + index * rowHeight,
        widths.portals,
        boxHeight,
        portal.address,
        portal.network ? roleWords[portal.network] : '',
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
      widths.targets,
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
    const perRow = Math.max(2, Math.floor((width - 16) / 180));
    const top = bottom + Math.floor(index / perRow) * 48;
    put(
      element,
      8 + (index % perRow) * 180,
      top,
      166,
      36,
      element.name,
      element.kind === 'site' ? 'site' : 'power feed',
    );
  });
  bottom += Math.ceil(rest.length / Math.max(2, Math.floor((width - 16) / 180))) * 48;

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
  return {
    width,
    height: bottom + 10,
    heads: shown.map((name) => ({ x: column[name], text: columnTitles[name] })),
    boxes,
    lines,
  };
};

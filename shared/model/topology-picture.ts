import { roleLabels } from './cluster-file.ts';
import type { SeenServer, Wanted } from './formation.ts';
import { isClusterThere, isSwitchThere, loggedOn, machineNode, type Topology } from './topology.ts';

/** A part of the picture, in units of its width; `style` is what it stands for, and whoever draws it knows how that looks. */
export type Shape =
  | {
      readonly kind: 'rect';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly rx: number;
      readonly style: string;
    }
  | { readonly kind: 'path'; readonly d: string }
  | { readonly kind: 'circle'; readonly cx: number; readonly cy: number; readonly r: number; readonly style: string }
  | {
      readonly kind: 'text';
      readonly x: number;
      readonly y: number;
      readonly text: string;
      readonly style: string;
      readonly isCentred?: boolean;
      /** What follows in the same line, less loud. */
      readonly after?: { readonly text: string; readonly style: string };
    }
  | { readonly kind: 'group'; readonly style: string; readonly shapes: readonly Shape[] };

export interface TopologyPicture {
  readonly width: number;
  readonly height: number;
  /** What it shows, for those who do not see it. */
  readonly title: string;
  readonly shapes: readonly Shape[];
}

/** What the picture depends on: what most steps of a run leave as it is, so that nothing is drawn again. */
export interface Drawn {
  readonly wanted: Wanted;
  readonly servers: readonly SeenServer[];
  readonly isFormed: boolean;
  /** Of each machine that is wanted the server that it runs on. */
  readonly hosts: readonly (readonly [machine: string, node: string | null])[];
  /** The names of the virtual switches that are there. */
  readonly switches: readonly string[];
}

/** What of a formation is drawn. */
export const drawnOf = (topology: Topology): Drawn => {
  const { wanted, servers, steps, machines } = topology;
  return {
    wanted,
    servers,
    isFormed: isClusterThere(topology),
    hosts: wanted.machines.map(({ name }) => [name, machineNode(name, steps, machines)]),
    switches: wanted.switches.filter(({ name }) => isSwitchThere(name, topology)).map(({ name }) => name),
  };
};

const lanes = ['production', 'clusterPrivate', 'iscsiA', 'iscsiB'] as const;
type Lane = (typeof lanes)[number];
const isLane = (role: string): role is Lane => (lanes as readonly string[]).includes(role);

// Narrow enough for a console of 800x600 without a sideways scroll.
const serverX = 20;
const serverWidth = 238;
const laneX = (lane: number): number => 306 + lane * 44;
const storageX = 470;
const storageWidth = 182;
const width = 660;
const top = 62;
const pillWidth = 66;

const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** Those machines of a server that its box has room for; of more than two the first and how many others there are. */
const pillsOf = (machines: readonly string[]): readonly string[] =>
  machines.length <= 2
    ? machines.map((name) => clip(name, 8))
    : [clip(machines[0]!, 8), `and ${machines.length - 1} more`];

/** With many servers each is a line of its own with its ports as dots. */
const heightOf = (ports: number, servers: number): number => (servers <= 4 ? 30 + ports * 18 + 6 : 26);

interface Port {
  readonly role: Lane;
  readonly name: string;
  /** It is there, with a link and an address. */
  readonly isReady: boolean;
  readonly address: string;
}

const portsOf = (wanted: Wanted['servers'][number], seen: SeenServer | undefined): Port[] =>
  wanted.nics.flatMap(({ mac, role, name }): Port[] => {
    if (!isLane(role)) return [];
    const nic = seen?.nics.find((one) => one.mac === mac);
    const address = nic?.addresses.find((one) => !one.startsWith('169.254.') && !one.startsWith('fe80'));
    return [{ role, name, isReady: nic?.isConnected === true && address !== undefined, address: address ?? '' }];
  });

const serverBox = (
  server: Wanted['servers'][number],
  seen: SeenServer | undefined,
  y: number,
  isSmall: boolean,
  machines: readonly string[],
): Shape => {
  const ports = portsOf(server, seen);
  const height = isSmall ? heightOf(0, 5) - 4 : heightOf(ports.length, 1) - 4;
  const pills = pillsOf(machines);
  const pillX = (index: number): number => serverX + serverWidth - 6 - (pills.length - index) * (pillWidth + 4) + 4;
  const portY = (index: number): number => (isSmall ? y + height / 2 : y + 37 + index * 18);
  return {
    kind: 'group',
    style: '',
    shapes: [
      {
        ...{ kind: 'rect', x: serverX, y, width: serverWidth, height, rx: 2 },
        style: seen ? 'g-box' : 'g-box g-absent',
      },
      {
        ...{ kind: 'text', x: serverX + 10, y: y + (isSmall ? 15 : 19), style: 'g-name' },
        text: clip(server.name, pills.length > 1 ? 11 : 18),
      },
      ...pills.flatMap((text, index): Shape[] => [
        { kind: 'rect', x: pillX(index), y: y + 3, width: pillWidth, height: 18, rx: 9, style: 'g-machine' },
        { kind: 'text', x: pillX(index) + pillWidth / 2, y: y + 16, text, style: 'g-small', isCentred: true },
      ]),
      ...ports.map((port, index): Shape => {
        const x = laneX(lanes.indexOf(port.role));
        const text = `${clip(port.name, 14)} ${clip(port.address, 18)}`;
        return {
          kind: 'group',
          style: `g-line g-line-${port.role}${port.isReady ? '' : ' g-wanted'}`,
          shapes: [
            ...(isSmall
              ? []
              : [{ kind: 'text', x: serverX + 22, y: portY(index) + 4, text, style: 'g-small' } as const]),
            { kind: 'path', d: `M${serverX + serverWidth} ${portY(index)}H${x}` },
            { kind: 'circle', cx: x, cy: portY(index), r: 4, style: 'g-dot' },
          ],
        };
      }),
    ],
  };
};

const storageHeight = ({ portals, luns }: Wanted): number => 44 + portals.length * 24 + luns.length * 36;

const storage = ({ wanted, servers, isFormed }: Drawn, y: number): Shape => {
  const unseen = servers.length > 0 ? 'Not seen yet' : 'Not read yet';
  const lunY = y + 30 + wanted.portals.length * 24;
  return {
    kind: 'group',
    style: '',
    shapes: [
      {
        ...{ kind: 'rect', x: storageX, y, width: storageWidth, height: storageHeight(wanted), rx: 2 },
        style: 'g-box',
      },
      {
        ...{ kind: 'text', x: storageX + 10, y: y + 19, style: 'g-name' },
        text: wanted.storageHost ? `Target of ${clip(wanted.storageHost.name, 12)}` : 'Target',
      },
      ...wanted.portals.map(({ address, role }, index): Shape => {
        const at = y + 36 + index * 24;
        const count = loggedOn(servers, address).length;
        const x = laneX(lanes.indexOf(role as Lane));
        const from = count > 0 ? `, ${count} ${count === 1 ? 'server' : 'servers'}` : '';
        return {
          kind: 'group',
          style: `g-line g-line-${role}${count > 0 ? '' : ' g-wanted'}`,
          shapes: [
            { kind: 'path', d: `M${x} ${at}H${storageX}` },
            { kind: 'circle', cx: x, cy: at, r: 4, style: 'g-dot' },
            {
              ...{ kind: 'text', x: storageX + 10, y: at + 4, style: 'g-small' },
              text: `${clip(address, count > 0 ? 15 : 26)}${from}`,
            },
          ],
        };
      }),
      ...wanted.luns.flatMap(({ serial, purpose, letter, label }, index): Shape[] => {
        const found = servers.flatMap(({ disks }) => disks ?? []).filter((disk) => disk.serial === serial);
        const holder = found.find((disk) => disk.letter !== null);
        const isClustered = isFormed || found.some((disk) => disk.isClustered);
        const at = lunY + index * 36;
        const state = isClustered
          ? 'In the cluster'
          : holder
            ? 'Prepared'
            : found.length > 0
              ? `Seen by ${found.length}`
              : unseen;
        return [
          {
            ...{ kind: 'rect', x: storageX + 10, y: at, width: storageWidth - 20, height: 30, rx: 2 },
            style: holder || isClustered ? 'g-lun g-lun-ready' : found.length > 0 ? 'g-lun' : 'g-lun g-absent',
          },
          {
            ...{ kind: 'text', x: storageX + 18, y: at + 13, style: 'g-small g-strong' },
            text: `${purpose === 'witness' ? 'Witness' : clip(label || 'Data', 16)} ${holder?.letter ?? letter}:`,
          },
          { kind: 'text', x: storageX + 18, y: at + 26, text: state, style: 'g-small' },
        ];
      }),
    ],
  };
};

/** Servers, networks, storage, cluster and virtual machines, each solid once it is there. */
export const topologyPicture = (drawn: Drawn): TopologyPicture => {
  const { wanted, servers, isFormed, hosts, switches } = drawn;
  const { storageHost } = wanted;
  const isSmall = wanted.servers.length > 4;
  const sizeOf = ({ nics }: Wanted['servers'][number]): number =>
    heightOf(nics.filter(({ role }) => isLane(role)).length, wanted.servers.length);
  const heights = wanted.servers.map(sizeOf);
  const tops = heights.map((_height, index) => top + heights.slice(0, index).reduce((sum, one) => sum + one, 0));
  const bottom = top + heights.reduce((sum, one) => sum + one, 0);
  // Outside the frame of the cluster, below it: it is no node.
  const hostTop = bottom + 34;
  const lanesTo = Math.max(storageHost ? hostTop + sizeOf(storageHost) : bottom, top + storageHeight(wanted)) + 6;
  const seenOf = (name: string): SeenServer | undefined => servers.find((one) => one.server === name);
  const frame = { x: serverX - 12, y: top - 34, width: serverWidth + 24, height: bottom - top + 40 };
  return {
    width,
    // The names of the switches stand below the lanes, where no line crosses them.
    height: lanesTo + 10 + wanted.switches.length * 16,
    title: `${wanted.servers.length} servers, ${storageHost ? `the storage host ${storageHost.name}, ` : ''}their networks and the target; ${isFormed ? `the cluster ${wanted.cluster} is formed` : 'no cluster yet'}. The table below says the same.`,
    shapes: [
      { kind: 'rect', ...frame, rx: 6, style: isFormed ? 'g-cluster' : 'g-cluster g-absent' },
      {
        ...{ kind: 'text', x: serverX, y: top - 14, text: `Cluster ${wanted.cluster}`, style: 'g-name' },
        ...(isFormed ? {} : { after: { text: ' (not formed yet)', style: 'g-small g-plain' } }),
      },
      ...lanes.map((role, lane): Shape => ({
        kind: 'group',
        style: `g-line g-line-${role}`,
        shapes: [
          { kind: 'path', d: `M${laneX(lane)} ${top - 24}V${lanesTo}` },
          {
            ...{ kind: 'text', x: laneX(lane), y: top - 32 - (lane % 2) * 14, style: 'g-small', isCentred: true },
            text: roleLabels[role],
          },
        ],
      })),
      ...wanted.servers.map((server, index) =>
        serverBox(
          server,
          seenOf(server.name),
          tops[index]!,
          isSmall,
          hosts.flatMap(([name, node]) => (node === server.name ? [name] : [])),
        ),
      ),
      ...(storageHost
        ? ([
            {
              ...{ kind: 'text', x: serverX, y: hostTop - 8, style: 'g-small' },
              text: `Storage host with the target ${clip(storageHost.target, 16)}`,
            },
            serverBox(storageHost, seenOf(storageHost.name), hostTop, isSmall, []),
          ] satisfies Shape[])
        : []),
      ...wanted.switches.map(({ name, role }, index): Shape => ({
        ...{ kind: 'text', x: laneX(Math.max(0, lanes.indexOf(role as Lane))) - 6, y: lanesTo + 14 + index * 16 },
        text: `Switch ${clip(name, 14)}${switches.includes(name) ? '' : ' (not yet)'}`,
        style: switches.includes(name) ? 'g-small g-strong' : 'g-small',
      })),
      storage(drawn, top),
    ],
  };
};

import type { MatrixOutcome, NetworkMatrix } from '../../model/network-matrix.ts';
import { roleNames } from '../../model/nic.ts';
import { worstOutcome } from './judge-link.ts';

export interface PictureBox {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly text: string;
}

/** A network, drawn from left to right. */
export interface PictureLane {
  readonly subnet: string;
  readonly y: number;
  readonly title: string;
}

/** What a server or a portal has in a network: the worst of everything that was measured there. */
export interface PictureDrop {
  readonly key: string;
  readonly x: number;
  readonly from: number;
  readonly to: number;
  readonly outcome: MatrixOutcome;
  /** The link numbers of the matrix that it stands for. */
  readonly links: readonly number[];
  readonly label: string;
}

export interface MatrixPicture {
  readonly width: number;
  readonly height: number;
  readonly lanesFrom: number;
  readonly boxes: readonly PictureBox[];
  readonly lanes: readonly PictureLane[];
  readonly drops: readonly PictureDrop[];
}

const column = 132;
const left = 170;
const boxWidth = 112;
const serverHeight = 44;
const laneStep = 46;
const top = 10;
const portalGap = 30;

/**
 * Servers above, networks as lanes below them, portals at the bottom; a line where one is in a network. In pixels, for any scale; what it shows is in
 * the table of links in words.
 */
export const matrixPicture = (matrix: NetworkMatrix): MatrixPicture => {
  const { servers, networks, links } = matrix;
  const portals = [
    ...new Map(links.flatMap(({ portal, subnet }) => (portal ? [[`${portal.address}:${portal.port}`, subnet]] : []))),
  ];
  const columns = Math.max(servers.length, portals.length, 1);
  const firstLane = top + serverHeight + 40;
  const lanes = networks.map(({ subnet, role }, at): PictureLane => ({
    subnet,
    y: firstLane + at * laneStep,
    title: role === null ? subnet : `${subnet} (${roleNames[role]})`,
  }));
  const portalY = firstLane + Math.max(0, lanes.length - 1) * laneStep + portalGap;
  const xOf = (at: number): number => left + at * column;
  const drops: PictureDrop[] = [];
  // The lines of one box stand beside each other, so that none hides another.
  const spread = (at: number, lane: number): number => xOf(at) + ((lane + 1) * boxWidth) / (lanes.length + 1);
  servers.forEach(({ id, name }, at) => {
    lanes.forEach(({ subnet, y }, lane) => {
      if (!networks[lane]!.members.includes(id)) return;
      const found = links.flatMap((link, number) =>
        link.subnet === subnet && (link.from === id || link.to === id) ? [number] : [],
      );
      const outcome = found.length === 0 ? 'unknown' : worstOutcome(found.map((number) => links[number]!.outcome));
      drops.push({
        key: `${id} ${subnet}`,
        x: spread(at, lane),
        from: top + serverHeight,
        to: y,
        outcome,
        links: found,
        label: `${name} in ${subnet}`,
      });
    });
  });
  portals.forEach(([portal, subnet], at) => {
    const lane = lanes.findIndex((one) => one.subnet === subnet);
    const found = links.flatMap((link, number) =>
      link.portal && `${link.portal.address}:${link.portal.port}` === portal ? [number] : [],
    );
    drops.push({
      key: `portal ${portal}`,
      x: xOf(at) + boxWidth / 2,
      from: lanes[lane]?.y ?? portalY,
      to: portalY,
      outcome: worstOutcome(found.map((number) => links[number]!.outcome)),
      links: found,
      label: `Portal ${portal}`,
    });
  });
  return {
    width: xOf(columns),
    height: portals.length > 0 ? portalY + 40 : firstLane + Math.max(0, lanes.length - 1) * laneStep + 16,
    lanesFrom: left - 10,
    lanes,
    drops,
    boxes: [
      ...servers.map(({ id, name, because }, at) => ({
        key: id,
        x: xOf(at),
        y: top,
        width: boxWidth,
        height: serverHeight,
        title: name,
        text: because === null ? 'server' : 'not measured',
      })),
      ...portals.map(([portal], at) => ({
        key: `portal ${portal}`,
        x: xOf(at),
        y: portalY,
        width: boxWidth,
        height: 34,
        title: portal.replace(/:\d+$/, ''),
        text: `portal, TCP ${portal.replace(/^.*:/, '')}`,
      })),
    ],
  };
};

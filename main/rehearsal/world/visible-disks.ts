import { fromSnapshot } from '../store/reservations.ts';
import { conflicts } from '../store/reservation-conflicts.ts';
import type { BusType } from '../../../shared/model/disk.ts';
import type { DiskContentState, DiskViewState, LunState, ServerState, SessionState, WorldState } from './state.ts';

/** A disk as one server's Windows sees it: a local one, or a LUN by way of one session or, with MPIO, of several. */
export interface VisibleDisk {
  /** The unique id; without MPIO every further path adds a `#` and its session. */
  readonly key: string;
  readonly uniqueId: string;
  /** Null: the device tells none. */
  readonly serial: string | null;
  readonly manufacturer: string;
  readonly model: string;
  readonly bus: BusType;
  readonly sizeBytes: string;
  readonly sectorBytes: number;
  readonly boot: boolean;
  readonly content: DiskContentState;
  readonly lun: LunState | null;
  readonly sessions: readonly SessionState[];
  /** Is there an earlier path that Windows shows as a disk of its own? */
  readonly redundant: boolean;
  readonly view: DiskViewState;
}

const noView: DiskViewState = { number: -1, online: false, readOnly: true, offlineReason: null };

/** Does MPIO claim the disks of a session that is made now (`mpio.claimsNewSessions`)? */
export const joinsPaths = (server: ServerState): boolean =>
  server.features['Multipath-IO']?.state === 'installed' && server.mpio.claimsIscsi;

export const visibleDisks = (world: WorldState, server: ServerState): VisibleDisk[] => {
  const disks: VisibleDisk[] = server.localDisks.map((disk) => ({
    key: disk.uniqueId,
    uniqueId: disk.uniqueId,
    serial: disk.serial,
    manufacturer: disk.manufacturer,
    model: disk.model,
    bus: disk.bus,
    sizeBytes: disk.sizeBytes,
    sectorBytes: 512,
    boot: disk.boot,
    content: disk.content,
    lun: null,
    sessions: [],
    redundant: false,
    view: server.diskViews[disk.uniqueId] ?? noView,
  }));
  const paths = new Map<string, { lun: LunState; sessions: SessionState[] }>();
  for (const session of server.initiator.sessions) {
    if (!session.connected) continue;
    for (const { lun: id } of world.targets[session.target]?.luns ?? []) {
      const lun = world.luns[id];
      if (!lun) continue;
      const known = paths.get(lun.id);
      if (known) known.sessions.push(session);
      else paths.set(lun.id, { lun, sessions: [session] });
    }
  }
  const add = (lun: LunState, key: string, sessions: readonly SessionState[], redundant: boolean): void => {
    disks.push({
      key,
      uniqueId: lun.uniqueId,
      serial: lun.hasNoSerial === true ? null : lun.serial,
      manufacturer: lun.vendor,
      model: lun.product,
      bus: 'iscsi',
      sizeBytes: lun.sizeBytes,
      sectorBytes: lun.sectorBytes ?? 512,
      boot: false,
      content: lun.content,
      lun,
      sessions,
      redundant,
      view: server.diskViews[key] ?? noView,
    });
  };
  for (const { lun, sessions } of paths.values()) {
    const claimed = sessions.filter((session) => session.claimed);
    const alone = sessions.filter((session) => !session.claimed);
    if (claimed.length > 0) add(lun, lun.uniqueId, claimed, false);
    alone.forEach((session, index) => {
      const isFirst = claimed.length === 0 && index === 0;
      add(lun, isFirst ? lun.uniqueId : `${lun.uniqueId}#${session.id}`, [session], !isFirst);
    });
  }
  return disks.sort((one, other) => one.view.number - other.view.number);
};

/** Does a reservation of somebody else keep this server from writing to the disk? */
export const isReservedByOther = (disk: VisibleDisk, world: WorldState): boolean => {
  if (!disk.lun) return false;
  const state = fromSnapshot(disk.lun.reservations);
  return disk.sessions.some((session) =>
    conflicts(
      state,
      {
        initiatorName: session.initiatorName,
        isid: session.isid,
        portalGroupTag:
          world.targets[session.target]?.portals.find((portal) => portal.address === session.portalAddress)
            ?.portalGroupTag ?? 1,
      },
      'write',
    ),
  );
};

/** Letters in use: of volumes on disks that are online, and of drives that are no disks. */
const takenLetters = (world: WorldState, server: ServerState): Set<string> =>
  new Set([
    ...server.otherLetters.map((other) => other.letter),
    ...visibleDisks(world, server).flatMap((disk) =>
      disk.view.online
        ? disk.content.partitions.flatMap((partition) => server.letters[partition.volume?.guid ?? ''] ?? [])
        : [],
    ),
  ]);

export const isLetterTaken = (world: WorldState, server: ServerState, letter: string): boolean =>
  takenLetters(world, server).has(letter);

/** The next free letter from C on; null when all are taken. */
export const nextLetter = (world: WorldState, server: ServerState): string | null => {
  const taken = takenLetters(world, server);
  return [...'CDEFGHIJKLMNOPQRSTUVWXYZ'].find((letter) => !taken.has(letter)) ?? null;
};

import { counted, type Standing } from './standing.ts';

/** A disk as a server sees it; the same disk has the same unique id on every server. */
export interface SeenDisk {
  readonly uniqueId: string | null;
  readonly isShared: boolean;
  readonly isOffline: boolean;
  readonly prepared: { readonly name: string; readonly isOffline: boolean } | null;
}

export interface SeenDisks {
  readonly server: { readonly computerName: string };
  readonly disks: readonly SeenDisk[];
  readonly standing: Standing;
}

/**
 * The shared disks of a server with what other servers of its cluster know of them. Windows does not read a disk that is
 * offline, and before the cluster exists only one server may have a shared disk online: the others take that server's word.
 * `elsewhere`: unique id -> `Q: Witness, ready on HV01`.
 */
export const disksAcross = (
  own: SeenDisks,
  others: readonly SeenDisks[],
): { readonly standing: Standing; readonly elsewhere: ReadonlyMap<string, string> } => {
  const elsewhere = new Map<string, string>();
  const shared = own.disks.filter(({ isShared }) => isShared);
  for (const { uniqueId, isOffline, prepared } of shared) {
    if (uniqueId === null || prepared !== null || !isOffline) continue;
    const other = others.find(({ disks }) =>
      disks.some((disk) => disk.uniqueId === uniqueId && disk.prepared !== null && !disk.prepared.isOffline),
    );
    const name = other?.disks.find((disk) => disk.uniqueId === uniqueId)?.prepared?.name;
    if (other && name !== undefined) elsewhere.set(uniqueId, `${name}, ready on ${other.server.computerName}`);
  }
  const open = shared.filter(({ uniqueId, prepared }) => prepared === null && !elsewhere.has(uniqueId ?? ''));
  if (elsewhere.size === 0 || open.length > 0) return { standing: own.standing, elsewhere };
  const count = counted(shared.length, 'disk', 'disks');
  return {
    standing: {
      outcome: 'pass',
      word: `${count} ready`,
      text: `${counted(shared.length, 'shared disk', 'shared disks')} ready, prepared by another server and offline here until the cluster exists.`,
    },
    elsewhere,
  };
};

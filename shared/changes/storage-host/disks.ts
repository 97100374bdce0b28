import * as z from 'zod';
import { fileNameOf, letterOfPath, targetsShowing, virtualDiskAt } from '../../model/storage-host.ts';
import { formatSize } from '../../model/size.ts';
import type { StorageHostObserved } from '../../plan/observed.ts';
import { judge, no, refuseDifferent, yes, type PlannedRefusal } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import {
  diskPathSchema,
  judgeStorageHost,
  refuseShownAndConnected,
  refuseWithoutRole,
  shallowPathSchema,
  storageHostLock,
  storageHostTool,
} from './storage-host.ts';

const createSchema = z.object({
  do: z.literal('storageHost.createDisk'),
  path: shallowPathSchema,
  /** Of the LUN, in bytes; whole MiB. */
  sizeBytes: z
    .number()
    .int()
    .min(8 * 1024 * 1024)
    .multipleOf(1024 * 1024),
  /** `true`: all of its bytes are taken and zeroed now. `false`: it grows as it is written, and can find its volume full. */
  isFixed: z.boolean(),
  description: z.string().max(200).default(''),
});

const volumeOf = ({ state }: StorageHostObserved, path: string) =>
  state.volumes.find(({ letter }) => letter === letterOfPath(path));

const isFileThere = ({ state }: StorageHostObserved, path: string): boolean =>
  state.files.some((file) => file.path.toLowerCase() === path.toLowerCase());

const refuseNoRoom = (observed: StorageHostObserved, path: string, bytes: bigint): PlannedRefusal | null => {
  if (observed.state.unread.some(({ property }) => property === 'volumes')) return null;
  const volume = volumeOf(observed, path);
  const letter = letterOfPath(path) ?? '?';
  if (!volume) return { code: 'STORAGE_HOST_VOLUME_MISSING', detail: { node: observed.node, letter } };
  return BigInt(volume.freeBytes) < bytes
    ? {
        code: 'STORAGE_HOST_NO_SPACE',
        detail: { path, letter, wanted: formatSize(String(bytes)), free: formatSize(volume.freeBytes) },
      }
    : null;
};

const refuseOther = ({ state }: StorageHostObserved, path: string, sizeBytes: number, isFixed: boolean) => {
  const found = virtualDiskAt(state, path);
  return found
    ? refuseDifferent(
        `The virtual disk ${found.path}`,
        [
          found.sizeBytes !== String(sizeBytes) &&
            `it has ${formatSize(found.sizeBytes)}, not ${formatSize(String(sizeBytes))}`,
          (found.kind === 'fixed') !== isFixed && `it is ${found.kind}`,
        ],
        'Extend it with "quorate storage-host extend", ask for it as it is, or choose another name.',
      )
    : null;
};

/**
 * New-IscsiVirtualDisk, with -UseFixed where it is fixed: without it the disk is dynamic. The folder is made where it is missing. Throws
 * `STORAGE_HOST_DISK_FAILED`, `STORAGE_HOST_FILE_EXISTS`.
 */
export const createVirtualDisk: ChangeKind<typeof createSchema, 'storageHost'> = {
  schema: createSchema,
  area: 'storageHost',
  script: 'New-StorageHostDisk',
  // A fixed disk is written with zeros from end to end.
  timeoutMs: 6 * 3_600_000,
  subject: ({ path }) => [path],
  locks: storageHostLock,
  words: ({ path, sizeBytes, isFixed }, observed) => {
    const volume = volumeOf(observed, path);
    const free = volume ? ` ${volume.letter}: has ${formatSize(volume.freeBytes)} free.` : '';
    return {
      title: `Create the virtual disk ${path} of ${formatSize(String(sizeBytes))} (${isFixed ? 'fixed' : 'dynamic'})`,
      why: isFixed
        ? `It does not exist yet. All of its space is allocated and filled with zeros now.${free}`
        : `It does not exist yet. It takes space as it is written; when its volume is full, writes fail on every server that uses it.${free}`,
      manual: `${storageHostTool}: Tasks, New iSCSI Virtual Disk, ${isFixed ? 'Fixed size' : 'Dynamically expanding'}.`,
    };
  },
  refusal: ({ path, sizeBytes, isFixed }, observed) =>
    refuseWithoutRole(observed) ??
    refuseOther(observed, path, sizeBytes, isFixed) ??
    (isFileThere(observed, path)
      ? { code: 'STORAGE_HOST_FILE_EXISTS', detail: { path } }
      : refuseNoRoom(observed, path, isFixed ? BigInt(sizeBytes) : 0n)),
  undo: ({ path }) => ({
    text: 'Removes the virtual disk and deletes its file.',
    changes: [
      { do: 'storageHost.removeDisk', path },
      { do: 'storageHost.deleteFile', path },
    ],
  }),
  done: ({ path, sizeBytes, isFixed }, observed) =>
    judgeStorageHost(observed, () => {
      const found = virtualDiskAt(observed.state, path);
      if (!found) return no(`there is no virtual disk ${path}`);
      const isLike = BigInt(found.sizeBytes) === BigInt(sizeBytes) && (found.kind === 'fixed') === isFixed;
      return judge(isLike, `${found.path} is ${found.kind} and has ${formatSize(found.sizeBytes)}`);
    }),
};

const resizeSchema = z.object({
  do: z.literal('storageHost.extendDisk'),
  path: diskPathSchema,
  sizeBytes: z.number().int().positive(),
});

/** Resize-IscsiVirtualDisk, larger only. Initiators see the room after a rescan; the volume in it stays as large as it was. Throws `STORAGE_HOST_DISK_FAILED`. */
export const extendVirtualDisk: ChangeKind<typeof resizeSchema, 'storageHost'> = {
  schema: resizeSchema,
  area: 'storageHost',
  script: 'Resize-StorageHostDisk',
  timeoutMs: 6 * 3_600_000,
  subject: ({ path }) => [path],
  locks: storageHostLock,
  words: ({ path, sizeBytes }, { state }) => ({
    title: `Extend the virtual disk ${path} to ${formatSize(String(sizeBytes))}`,
    why: `It has ${formatSize(virtualDiskAt(state, path)?.sizeBytes ?? '0')}. It can stay in use. The servers see the new size after "quorate disk rescan"; extend their volumes there.`,
    manual: `${storageHostTool}: the virtual disk, Extend iSCSI Virtual Disk.`,
  }),
  refusal: ({ path, sizeBytes }, observed) => {
    const without = refuseWithoutRole(observed);
    if (without) return without;
    const found = virtualDiskAt(observed.state, path);
    if (!found) return { code: 'STORAGE_HOST_DISK_NOT_FOUND', detail: { path } };
    const more = BigInt(sizeBytes) - BigInt(found.sizeBytes);
    if (more < 0n)
      return {
        code: 'STORAGE_HOST_SHRINK',
        detail: { path, size: formatSize(found.sizeBytes), wanted: formatSize(String(sizeBytes)) },
      };
    return refuseNoRoom(observed, path, found.kind === 'fixed' ? more : 0n);
  },
  undo: () => null,
  done: ({ path, sizeBytes }, observed) =>
    judgeStorageHost(observed, () => {
      const found = virtualDiskAt(observed.state, path);
      return judge(
        found !== undefined && BigInt(found.sizeBytes) === BigInt(sizeBytes),
        found ? `${found.path} has ${formatSize(found.sizeBytes)}` : `there is no virtual disk ${path}`,
      );
    }),
};

const removeSchema = z.object({ do: z.literal('storageHost.removeDisk'), path: diskPathSchema });

/** What is lost with a disk, by name. */
const lossOf = ({ state }: StorageHostObserved, path: string): string => {
  const found = virtualDiskAt(state, path);
  const size = found
    ? ` of ${formatSize(found.sizeBytes)}${found.description === '' ? '' : ` (${found.description})`}`
    : '';
  const shown = targetsShowing(state, path).map(({ name }) => name);
  return `${path}${size}${shown.length > 0 ? `, which ${shown.join(' and ')} show${shown.length === 1 ? 's' : ''}` : ''}`;
};

/** Remove-IscsiVirtualDisk: the disk is offered no longer, its file stays (and can be imported again). Throws `STORAGE_HOST_DISK_FAILED`, `STORAGE_HOST_CONNECTED`, `STORAGE_HOST_DISK_MAPPED`. */
export const removeVirtualDisk: ChangeKind<typeof removeSchema, 'storageHost'> = {
  schema: removeSchema,
  area: 'storageHost',
  script: 'Remove-StorageHostDisk',
  subject: ({ path }) => [path],
  locks: storageHostLock,
  words: ({ path }, observed) => ({
    title: `Remove the virtual disk ${path}`,
    why: `It is ${lossOf(observed, path)}. The file stays on the volume.`,
    manual: `${storageHostTool}: the virtual disk, Remove iSCSI Virtual Disk.`,
  }),
  refusal: ({ path }, observed) => refuseWithoutRole(observed) ?? refuseShownAndConnected(observed, path),
  confirmation: ({ path }, observed) => ({
    subject: fileNameOf(path),
    text: `Remove the virtual disk ${lossOf(observed, path)}? No server can use it afterwards.`,
  }),
  undo: ({ path }) => ({ text: 'Imports the file again.', changes: [{ do: 'storageHost.importDisk', path }] }),
  done: ({ path }, observed) =>
    judgeStorageHost(
      observed,
      () =>
        judge(
          !virtualDiskAt(observed.state, path),
          virtualDiskAt(observed.state, path)
            ? `${path} is a virtual disk`
            : `${path} is no longer a virtual disk of this server`,
        ),
      yes,
    ),
};

const importSchema = z.object({ do: z.literal('storageHost.importDisk'), path: diskPathSchema });

/** Import-IscsiVirtualDisk: a file that is there becomes a virtual disk. Throws `STORAGE_HOST_DISK_FAILED`. */
export const importVirtualDisk: ChangeKind<typeof importSchema, 'storageHost'> = {
  schema: importSchema,
  area: 'storageHost',
  script: 'Import-StorageHostDisk',
  timeoutMs: 300_000,
  subject: ({ path }) => [path],
  locks: storageHostLock,
  words: ({ path }) => ({
    title: `Import the file ${path} as a virtual disk`,
    why: 'It is not a virtual disk of this server yet. Its content stays.',
    manual: `${storageHostTool}: Tasks, Import iSCSI Virtual Disk.`,
  }),
  refusal: (_change, observed) => refuseWithoutRole(observed),
  undo: ({ path }) => ({
    text: 'Removes the virtual disk; the file stays.',
    changes: [{ do: 'storageHost.removeDisk', path }],
  }),
  done: ({ path }, observed) =>
    judgeStorageHost(observed, () => {
      const found = virtualDiskAt(observed.state, path);
      return judge(found !== undefined, found ? `${found.path} is a virtual disk` : `there is no virtual disk ${path}`);
    }),
};

const deleteSchema = z.object({ do: z.literal('storageHost.deleteFile'), path: shallowPathSchema });

/** Deletes the file of a virtual disk that is offered no longer, with all that is in it. Throws `STORAGE_HOST_DISK_IN_USE`, `STORAGE_HOST_DISK_FAILED`. */
export const deleteDiskFile: ChangeKind<typeof deleteSchema, 'storageHost'> = {
  schema: deleteSchema,
  area: 'storageHost',
  script: 'Remove-StorageHostFile',
  timeoutMs: 300_000,
  subject: ({ path }) => [path],
  locks: storageHostLock,
  isDestructive: true,
  words: ({ path }) => ({
    title: `Delete the file ${path}`,
    why: 'It is on the volume. Everything that the servers wrote to this disk is lost with it.',
    manual: 'File Explorer: delete the file.',
  }),
  refusal: ({ path }, observed) => refuseWithoutRole(observed) ?? refuseShownAndConnected(observed, path),
  confirmation: ({ path }, observed) => ({
    subject: fileNameOf(path),
    text: `Delete ${lossOf(observed, path)}? Everything in it is lost, and nothing brings it back.`,
  }),
  undo: () => null,
  done: ({ path }, observed) =>
    judgeStorageHost(observed, () => {
      const isThere = virtualDiskAt(observed.state, path) !== undefined || isFileThere(observed, path);
      return judge(!isThere, isThere ? `${path} is on the volume` : `there is no file ${path}`);
    }),
};

import { asClause } from '../../model/sentence.ts';
import * as z from 'zod';
import { findFolderProblem } from '../../model/file-name.ts';
import { targetsShowing, type StorageTarget } from '../../model/storage-host.ts';
import type { StorageHostObserved } from '../../plan/observed.ts';
import { no, unknown, type Done, type PlannedRefusal } from '../done.ts';

/** Where a person does the same. */
export const storageHostTool = 'Server Manager, File and Storage Services, iSCSI';

/** A whole path of a virtual disk: New-IscsiVirtualDisk makes the VHDX format only. */
export const diskPathSchema = z
  .string()
  .max(250)
  .regex(/^[A-Za-z]:\\(?:[^\\/:*?"<>|]+\\)*[^\\/:*?"<>|]+\.vhdx$/i, {
    error: 'the full path of a .vhdx file, such as E:\\iSCSI\\witness.vhdx',
  })
  .refine((path) => findFolderProblem(path) === null, {
    error: (issue) => findFolderProblem(String(issue.input)) ?? '',
  });

/** The same, where the file has to be found again by looking: at most two folders deep. */
export const shallowPathSchema = diskPathSchema.refine((path) => path.split('\\').length <= 4, {
  error: 'at most two folders below the letter of the volume',
});

/** The short name of a target: letters, digits, hyphens and dots, because the IQN is made of it. */
export const targetNameSchema = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/, {
  error: 'the name of a target has at most 63 letters, digits, hyphens and dots',
});

/** Judges what is there; without the service nothing is known to be there, and `absent` is what that comes to. */
export const judgeStorageHost = (
  { state, node }: StorageHostObserved,
  judge: () => Done,
  absent: (found: string) => Done = no,
): Done => {
  if (state.service === 'absent') return absent(`${node} has no iSCSI Target Server`);
  if (state.service === 'stopped') return unknown('the service of iSCSI Target Server does not run');
  const [missing] = state.unread;
  return missing ? unknown(`${missing.property} was not read: ${asClause(missing.because)}`) : judge();
};

/** What every change of a storage host is refused for. */
export const refuseWithoutRole = ({ state, node }: StorageHostObserved): PlannedRefusal | null =>
  state.service === 'running'
    ? null
    : {
        code: 'STORAGE_HOST_ROLE_MISSING',
        detail: { node, state: state.service === 'absent' ? 'is not installed' : 'does not run' },
      };

const namesOf = (targets: readonly StorageTarget[]): string =>
  [...new Set(targets.flatMap(({ connected }) => connected))].join(', ');

/** Whoever is logged on would lose the disk in the middle of a write. */
export const refuseWhileConnected = (targets: readonly StorageTarget[]): PlannedRefusal | null => {
  const [held] = targets.filter(({ connected }) => connected.length > 0);
  return held ? { code: 'STORAGE_HOST_CONNECTED', detail: { target: held.name, initiators: namesOf([held]) } } : null;
};

export const refuseShownAndConnected = ({ state }: StorageHostObserved, path: string): PlannedRefusal | null =>
  refuseWhileConnected(targetsShowing(state, path));

/** Changes of one storage host wait for each other: its service takes one order at a time [I]. */
export const storageHostLock = (): readonly string[] => ['storage-host'];

import type { ServerChangeName } from '../../../shared/changes/index.ts';
import type { FailureCode } from '../../../shared/messages/index.ts';
import type { ErrorRow } from '../../powershell/index.ts';
import { inputText } from '../call.ts';
import { deniedAtOnce } from './denied.ts';

/* What the cmdlets of iSCSI Target Server refuse is documented nowhere: what has to be told apart, the scripts look at before. */
const row = (
  code: FailureCode,
  where: Pick<ErrorRow, 'id' | 'win32' | 'command'>,
  effect: ErrorRow['effect'],
): ErrorRow => ({
  code,
  ...where,
  detail: (error, { input }) => ({
    name: inputText(input, 'name'),
    path: inputText(input, 'path'),
    node: 'this server',
    state: error.id.startsWith('CommandNotFoundException') ? 'is not installed' : 'does not run',
    target: inputText(input, 'name') || (error.at.target ?? 'of this disk'),
    initiators: error.at.target ?? 'somebody',
    bytes: error.at.target ?? '?',
    reason: error.at.target ?? error.id.split(',', 1)[0] ?? error.id,
  }),
  ...(effect ? { effect } : {}),
});

const before: readonly ErrorRow[] = [
  ...deniedAtOnce,
  row('STORAGE_HOST_ROLE_MISSING', { id: ['CommandNotFoundException', 'Quorate.StorageHostStopped'] }, 'none'),
  row('STORAGE_HOST_DISK_NOT_FOUND', { id: 'Quorate.StorageHostDiskNotFound' }, 'none'),
  row('STORAGE_HOST_TARGET_NOT_FOUND', { id: 'Quorate.StorageHostTargetNotFound' }, 'none'),
  row('STORAGE_HOST_CONNECTED', { id: 'Quorate.StorageHostConnected' }, 'none'),
];
const disk = (command: string): readonly ErrorRow[] => [
  ...before,
  row('STORAGE_HOST_DISK_FAILED', { command }, 'unknown'),
];
const target = (command: string): readonly ErrorRow[] => [
  ...before,
  row('STORAGE_HOST_TARGET_FAILED', { command }, 'unknown'),
];
const mapping = (command: string): readonly ErrorRow[] => [
  ...before,
  row('STORAGE_HOST_MAPPING_FAILED', { id: 'Quorate.StorageHostLunDiffers' }, 'none'),
  row('STORAGE_HOST_MAPPING_FAILED', { command }, 'unknown'),
];

type StorageHostChangeName = Extract<ServerChangeName, `storageHost.${string}`>;

export const storageHostErrors: Readonly<Record<StorageHostChangeName, readonly ErrorRow[]>> = {
  'storageHost.createDisk': [
    row('STORAGE_HOST_FILE_EXISTS', { id: 'Quorate.StorageHostFileExists' }, 'none'),
    ...disk('New-IscsiVirtualDisk'),
  ],
  'storageHost.extendDisk': disk('Resize-IscsiVirtualDisk'),
  'storageHost.removeDisk': [
    row('STORAGE_HOST_DISK_MAPPED', { id: 'Quorate.StorageHostDiskMapped' }, 'none'),
    ...disk('Remove-IscsiVirtualDisk'),
  ],
  'storageHost.importDisk': disk('Import-IscsiVirtualDisk'),
  'storageHost.deleteFile': [
    row('STORAGE_HOST_DISK_IN_USE', { id: 'Quorate.StorageHostFileInUse' }, 'none'),
    ...disk('Remove-Item'),
  ],
  'storageHost.createTarget': target('New-IscsiServerTarget'),
  'storageHost.setInitiators': target('Set-IscsiServerTarget'),
  'storageHost.setChap': [
    row('STORAGE_HOST_SECRET_LENGTH', { id: 'Quorate.StorageHostSecretLength' }, 'none'),
    ...target('Set-IscsiServerTarget'),
  ],
  'storageHost.removeTarget': target('Remove-IscsiServerTarget'),
  'storageHost.mapDisk': mapping('Add-IscsiVirtualDiskTargetMapping'),
  'storageHost.unmapDisk': mapping('Remove-IscsiVirtualDiskTargetMapping'),
};

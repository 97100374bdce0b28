import { defineBehaviours, inferred } from '../behaviour.ts';

/* iSCSI Target Server. What its cmdlets refuse is documented nowhere: the ids are the product's own, or inferred. */

const page = (name: string): string => `https://learn.microsoft.com/en-us/powershell/module/iscsitarget/${name}`;
const types = 'Microsoft.Iscsi.Target.Commands';

export const storageHostBehaviours = defineBehaviours({
  'storageHost.role.missing': {
    kind: 'refusal',
    what: 'Without the role the module IscsiTarget is not there, and its commands are not found.',
    at: ['Get-IscsiVirtualDisk', 'New-IscsiServerTarget'],
    source: 'https://learn.microsoft.com/en-us/windows-server/storage/iscsi/iscsi-target-server',
    error: {
      id: 'CommandNotFoundException',
      category: 'ObjectNotFound',
      message: "The term 'New-IscsiVirtualDisk' is not recognized as the name of a cmdlet.",
    },
    failure: 'STORAGE_HOST_ROLE_MISSING',
  },
  'storageHost.service.stopped': {
    kind: 'refusal',
    what: 'While its service WinTarget does not run, the cmdlets of iSCSI Target Server fail.',
    at: ['Get-IscsiVirtualDisk', 'New-IscsiServerTarget'],
    source: inferred,
    error: {
      id: 'Quorate.StorageHostStopped',
      category: 'ConnectionError',
      message: 'The service of iSCSI Target Server does not run.',
    },
    failure: 'STORAGE_HOST_ROLE_MISSING',
  },
  'storageHost.disk.dynamic': {
    kind: 'default',
    what: 'A virtual disk is dynamic unless -UseFixed is given.',
    at: ['New-IscsiVirtualDisk'],
    source: page('new-iscsivirtualdisk'),
  },
  'storageHost.remove.keepsFile': {
    kind: 'effect',
    what: 'Remove-IscsiVirtualDisk takes the virtual disk away and leaves its file.',
    at: ['Remove-IscsiVirtualDisk'],
    source: page('remove-iscsivirtualdisk'),
  },
  'storageHost.resize.online': {
    kind: 'effect',
    what: 'A virtual disk in the VHDX format is resized while initiators use it; they do not see the new size by themselves.',
    at: ['Resize-IscsiVirtualDisk'],
    source: page('resize-iscsivirtualdisk'),
  },
  'storageHost.target.iqn': {
    kind: 'effect',
    what: 'A target gets the IQN iqn.1991-05.com.microsoft:COMPUTER-NAME-target, in lower case.',
    at: ['New-IscsiServerTarget'],
    source: inferred,
  },
  'storageHost.file.exists': {
    kind: 'refusal',
    what: 'The script makes no virtual disk over a file that is there.',
    at: ['New-IscsiVirtualDisk'],
    source: inferred,
    error: { id: 'Quorate.StorageHostFileExists', category: 'ResourceExists', message: 'The file is there.' },
    failure: 'STORAGE_HOST_FILE_EXISTS',
  },
  'storageHost.file.inUse': {
    kind: 'refusal',
    what: 'The script deletes no file that is offered as a virtual disk.',
    at: ['Remove-Item'],
    source: inferred,
    error: { id: 'Quorate.StorageHostFileInUse', category: 'ResourceBusy', message: 'The file is a virtual disk.' },
    failure: 'STORAGE_HOST_DISK_IN_USE',
  },
  'storageHost.disk.failed': {
    kind: 'refusal',
    what: 'A virtual disk without room, or without its volume, is not made or extended.',
    at: ['New-IscsiVirtualDisk', 'Resize-IscsiVirtualDisk', 'Import-IscsiVirtualDisk'],
    source: inferred,
    error: {
      id: 'IscsiVirtualDiskFailed',
      command: `${types}.NewIscsiVirtualDiskCommand`,
      category: 'NotSpecified',
      message: 'The virtual disk operation failed.',
    },
    failure: 'STORAGE_HOST_DISK_FAILED',
  },
  'storageHost.disk.notFound': {
    kind: 'refusal',
    what: 'The script changes no virtual disk that is not in the list.',
    at: ['Get-IscsiVirtualDisk'],
    source: inferred,
    error: {
      id: 'Quorate.StorageHostDiskNotFound',
      category: 'ObjectNotFound',
      message: 'There is no such virtual disk.',
    },
    failure: 'STORAGE_HOST_DISK_NOT_FOUND',
  },
  'storageHost.disk.mapped': {
    kind: 'refusal',
    what: 'The script removes no virtual disk that a target shows.',
    at: ['Remove-IscsiVirtualDisk'],
    source: inferred,
    error: {
      id: 'Quorate.StorageHostDiskMapped',
      category: 'ResourceBusy',
      message: 'A target shows the virtual disk.',
    },
    failure: 'STORAGE_HOST_DISK_MAPPED',
  },
  'storageHost.connected': {
    kind: 'refusal',
    what: 'The script takes nothing from a target that an initiator is logged on to.',
    at: ['Remove-IscsiServerTarget', 'Remove-IscsiVirtualDiskTargetMapping'],
    source: inferred,
    error: { id: 'Quorate.StorageHostConnected', category: 'ResourceBusy', message: 'An initiator is logged on.' },
    failure: 'STORAGE_HOST_CONNECTED',
  },
  'storageHost.target.failed': {
    kind: 'refusal',
    what: 'Two targets of one server never have one name.',
    at: ['New-IscsiServerTarget'],
    source: inferred,
    error: {
      id: 'IscsiServerTargetFailed',
      command: `${types}.NewIscsiServerTargetCommand`,
      category: 'NotSpecified',
      message: 'The target operation failed.',
    },
    failure: 'STORAGE_HOST_TARGET_FAILED',
  },
  'storageHost.target.notFound': {
    kind: 'refusal',
    what: 'The script changes no target that is not in the list.',
    at: ['Get-IscsiServerTarget'],
    source: inferred,
    error: { id: 'Quorate.StorageHostTargetNotFound', category: 'ObjectNotFound', message: 'There is no such target.' },
    failure: 'STORAGE_HOST_TARGET_NOT_FOUND',
  },
  'storageHost.secret.length': {
    kind: 'refusal',
    what: 'A CHAP secret that the initiators of Windows would not take (12 to 16 characters) is not set.',
    at: ['Set-IscsiServerTarget'],
    source: inferred,
    error: {
      id: 'Quorate.StorageHostSecretLength',
      category: 'InvalidArgument',
      message: 'The secret has a wrong length.',
    },
    failure: 'STORAGE_HOST_SECRET_LENGTH',
  },
  'storageHost.mapping.twice': {
    kind: 'refusal',
    what: 'A virtual disk that the target shows already is refused, so that the mappings are read first.',
    at: ['Add-IscsiVirtualDiskTargetMapping'],
    source: 'https://github.com/kubev2v/forklift/pull/6014',
    error: {
      id: 'IscsiMappingFailed',
      command: `${types}.AddIscsiVirtualDiskTargetMappingCommand`,
      category: 'NotSpecified',
      message: 'The mapping exists.',
    },
    failure: 'STORAGE_HOST_MAPPING_FAILED',
  },
  'storageHost.mapping.failed': {
    kind: 'refusal',
    what: 'A LUN number that the target uses is refused.',
    at: ['Add-IscsiVirtualDiskTargetMapping'],
    source: inferred,
    error: {
      id: 'IscsiMappingFailed',
      command: `${types}.AddIscsiVirtualDiskTargetMappingCommand`,
      category: 'NotSpecified',
      message: 'The mapping failed.',
    },
    failure: 'STORAGE_HOST_MAPPING_FAILED',
  },
});

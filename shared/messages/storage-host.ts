import { defineMessages } from './define.ts';

/** Failures of a storage host (iSCSI Target Server). */
export const storageHostMessages = defineMessages({
  STORAGE_HOST_ROLE_MISSING: {
    what: 'iSCSI Target Server {state} on {node}.',
    next: 'Install the role with "quorate storage-host install", or start the service WinTarget.',
    retry: 'afterChange',
    effect: 'none',
  },
  STORAGE_HOST_VOLUME_MISSING: {
    what: '{node} has no volume {letter}: for virtual disks.',
    next: 'Choose a volume that "quorate storage-host list" shows, or prepare a disk with "quorate disk".',
    retry: 'afterChange',
    effect: 'none',
  },
  STORAGE_HOST_NO_SPACE: {
    what: 'The fixed disk {path} needs {wanted}, and {letter}: has only {free} free.',
    next: 'Choose another volume or a smaller size. A dynamic disk takes its space later, when there may be none left.',
    retry: 'afterChange',
    effect: 'none',
  },
  STORAGE_HOST_FILE_EXISTS: {
    what: 'The file {path} already exists.',
    next: 'Import it with "quorate storage-host import", extend it where it is a virtual disk, or choose another name. Quorate never overwrites a file.',
    retry: 'afterChange',
    effect: 'none',
  },
  STORAGE_HOST_DISK_FAILED: {
    what: 'The virtual disk {path} was not changed as planned: {reason}.',
    next: 'Look at the free space and the state of its volume, and at the event log of iSCSI Target Server.',
    retry: 'afterChange',
    effect: 'unknown',
  },
  STORAGE_HOST_DISK_NOT_FOUND: {
    what: 'There is no virtual disk {path} on this server.',
    next: 'Compare the path with "quorate storage-host list".',
    retry: 'afterChange',
    effect: 'none',
  },
  STORAGE_HOST_SHRINK: {
    what: 'The virtual disk {path} has {size}, which is more than {wanted}; a virtual disk can only be extended.',
    next: 'Give a larger size. For a smaller disk, create a new one and copy the data.',
    retry: 'afterChange',
    effect: 'none',
  },
  STORAGE_HOST_DISK_MAPPED: {
    what: 'The virtual disk {path} is shown by the target {target}.',
    next: 'Take it out of the target first: "quorate storage-host unmap".',
    retry: 'afterChange',
    effect: 'none',
  },
  STORAGE_HOST_DISK_IN_USE: {
    what: 'The file {path} belongs to a virtual disk of this server.',
    next: 'Remove the virtual disk first: "quorate storage-host remove-disk".',
    retry: 'afterChange',
    effect: 'none',
  },
  STORAGE_HOST_CONNECTED: {
    what: 'The target {target} is in use by {initiators}.',
    next: 'Take the disk out of the cluster and log the servers off first; taking a disk from a running server can destroy its data.',
    retry: 'afterChange',
    effect: 'none',
  },
  STORAGE_HOST_TARGET_FAILED: {
    what: 'The target {name} was not changed as planned: {reason}.',
    next: 'Compare it with "quorate storage-host list" and look at the event log of iSCSI Target Server.',
    retry: 'afterChange',
    effect: 'unknown',
  },
  STORAGE_HOST_TARGET_EXISTS: {
    what: 'The target {name} already exists; it admits {initiators}.',
    next: 'Change which initiators it admits with "quorate storage-host admit", or choose another name.',
    retry: 'afterChange',
    effect: 'none',
  },
  STORAGE_HOST_TARGET_NOT_FOUND: {
    what: 'There is no target {name} on this server.',
    next: 'Compare the name with "quorate storage-host list".',
    retry: 'afterChange',
    effect: 'none',
  },
  STORAGE_HOST_LUN_TAKEN: {
    what: 'The target {target} shows {path} as LUN {lun} already.',
    next: 'Choose another number, or leave it out: the next free one is taken then.',
    retry: 'afterChange',
    effect: 'none',
  },
  STORAGE_HOST_MAPPING_FAILED: {
    what: 'The target {name} does not show {path} as it should: {reason}.',
    next: 'Compare both with "quorate storage-host list"; a disk can be at more than one target, and once at each.',
    retry: 'afterChange',
    effect: 'unknown',
  },
  STORAGE_HOST_SECRET_LENGTH: {
    what: 'A CHAP secret for {name} is {bytes} characters long.',
    next: 'Use 12 to 16 characters: the initiator of Windows accepts no other length.',
    retry: 'afterChange',
    effect: 'none',
  },
});

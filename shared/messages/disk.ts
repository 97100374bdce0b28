import { defineMessages } from './define.ts';

/** Failures of disks, partitions and volumes. */
export const diskMessages = defineMessages({
  DISK_NOT_FOUND: {
    what: 'There is no disk {disk} on this server.',
    next: 'Look for disks again, and check the iSCSI sessions if it is a shared disk.',
    retry: 'afterChange',
    effect: 'none',
  },
  DISK_AMBIGUOUS: {
    what: 'The disk {disk} is there {count} times.',
    next: 'Set up MPIO before logging on over several paths; without it each path shows a disk of its own.',
    retry: 'afterChange',
    effect: 'none',
  },
  DISK_OFFLINE: {
    what: 'The disk {disk} is offline.',
    next: 'Bring it online first, once no other server uses it.',
    retry: 'afterChange',
    effect: 'none',
  },
  DISK_READ_ONLY: {
    what: 'The disk {disk} is read-only.',
    next: 'Make it writable first, once no other server uses it.',
    retry: 'afterChange',
    effect: 'none',
  },
  DISK_RESERVED: {
    what: 'The disk {disk} is reserved by another initiator.',
    next: 'Find out which server or cluster uses it. Never clear its reservation from here.',
    retry: 'afterChange',
    effect: 'none',
  },
  DISK_ALREADY_INITIALIZED: {
    what: 'The disk {disk} already has a partition table.',
    next: 'Read the disk again; it may hold data of somebody else.',
    retry: 'never',
    effect: 'none',
  },
  DISK_NOT_INITIALIZED: {
    what: 'The disk {disk} has no partition table.',
    next: 'Initialize it first.',
    retry: 'afterChange',
    effect: 'none',
  },
  DISK_NO_SPACE: {
    what: 'The disk {disk} has no free space for a partition.',
    next: 'Read the disk again; it may hold data of somebody else.',
    retry: 'never',
    effect: 'none',
  },
  DISK_PARTITION_NOT_FOUND: {
    what: 'The disk {disk} has no partition {partition}.',
    next: 'Read the disk again.',
    retry: 'afterChange',
    effect: 'none',
  },
  DISK_LETTER_IN_USE: {
    what: 'The letter {letter}: is taken by {holder}.',
    next: 'Choose another letter, or give the other drive a different one.',
    retry: 'afterChange',
    effect: 'none',
  },
  DISK_LETTER_INVALID: {
    what: '{letter} is not a letter that a volume can have.',
    next: 'Choose a letter from C to Z.',
    retry: 'afterChange',
    effect: 'none',
  },
  DISK_FILE_SYSTEM_REFUSED: {
    what: 'Windows can not format {disk} with {fileSystem}: {reason}.',
    next: 'Choose NTFS.',
    retry: 'afterChange',
    effect: 'none',
  },
  DISK_HAS_CONTENT: {
    what: 'The disk {disk} is not blank: {content}.',
    next: 'Choose another disk. If its content may be lost, type the serial number of the disk.',
    retry: 'afterChange',
    effect: 'none',
  },
  DISK_SERIAL_MISMATCH: {
    what: 'The serial number that was typed is not that of the disk {disk}.',
    next: 'Read it from the list or from the storage system and type it again.',
    retry: 'afterChange',
    effect: 'none',
  },
  DISK_SHARED_NOT_CONFIRMED: {
    what: 'The disk {disk} can be reached by other servers, and nobody confirmed that none of them uses it.',
    next: 'Power the other servers down or log them off from the target, then confirm it in words.',
    retry: 'afterChange',
    effect: 'none',
  },
  DISK_CONTENT_UNKNOWN: {
    what: 'Quorate can not tell what is on the disk {disk}: {reason}.',
    next: 'Bring the disk online on this server only, read-only if possible, and look again.',
    retry: 'afterChange',
    effect: 'none',
  },
});

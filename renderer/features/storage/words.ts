import type { DiskView } from '../../../shared/contract/disk.ts';
import type { PathView } from '../../../shared/contract/initiator.ts';
import type { StateMark } from '../../ui/marks.ts';

export const contentMarks: Readonly<Record<DiskView['content']['kind'], StateMark>> = {
  blank: { outcome: 'pass', word: 'Blank' },
  partitioned: { outcome: 'warn', word: 'Contains data' },
  foreign: { outcome: 'warn', word: 'Data of another system' },
  cluster: { outcome: 'warn', word: 'Cluster disk' },
  unknown: { outcome: 'unknown', word: 'Unknown' },
};

const offlineWords = {
  policy: 'by the SAN policy',
  redundantPath: 'as a second path without MPIO',
  snapshot: 'as a snapshot',
  collision: 'because another disk has its identity',
  resourceExhaustion: 'because the space ran out',
  criticalWriteFailures: 'after write failures',
  dataIntegrityScanRequired: 'until it is scanned',
} as const;

/** What is on a disk, as a mark; the disk that Windows runs from is no victim and no warning. */
export const markOfDisk = (
  disk: Pick<DiskView, 'content' | 'isBoot' | 'isSystem' | 'isShared' | 'prepared'>,
  elsewhere?: string,
): StateMark => {
  if (disk.isBoot || disk.isSystem) return { outcome: 'notApplicable', word: 'Windows' };
  if (disk.isShared && disk.prepared)
    return { outcome: 'pass', word: `${disk.prepared.name}, ready${disk.prepared.isOffline ? ' (offline here)' : ''}` };
  if (elsewhere !== undefined) return { outcome: 'pass', word: `${elsewhere} (offline here)` };
  return contentMarks[disk.content.kind];
};

/** The letters of its volumes, such as `C:` or `E:, F:`; empty where there is none. */
export const lettersOf = ({ partitions }: Pick<DiskView, 'partitions'>): string =>
  (partitions ?? []).flatMap(({ driveLetter }) => (driveLetter ? [`${driveLetter}:`] : [])).join(', ');

/** The state of a disk in words, with the reason that Windows gives. */
export const stateOfDisk = (disk: Pick<DiskView, 'isOffline' | 'offlineReason' | 'isReadOnly'>): string => {
  const base = disk.isOffline
    ? disk.offlineReason === null
      ? 'Offline'
      : `Offline ${offlineWords[disk.offlineReason]}`
    : 'Online';
  return disk.isReadOnly ? `${base}, read-only` : base;
};

/** A disk by everything that tells it from its neighbours: a danger names its victim. */
export const describeDisk = (disk: Pick<DiskView, 'number' | 'friendlyName' | 'serialNumber'>): string =>
  `disk ${disk.number} (${disk.friendlyName}, serial number ${disk.serialNumber ?? 'unknown'})`;

export const pathMarks: Readonly<Record<PathView['verdict'], StateMark>> = {
  proven: { outcome: 'pass', word: 'Proven' },
  absent: { outcome: 'fail', word: 'No session' },
  unknown: { outcome: 'unknown', word: 'Unknown' },
  doubled: { outcome: 'fail', word: 'Duplicate session' },
  notConnected: { outcome: 'fail', word: 'Not connected' },
  notPersistent: { outcome: 'warn', word: 'Not persistent' },
  notBound: { outcome: 'warn', word: 'Wrong source address' },
};

import { requireAdministrator, type Change } from '../change.ts';
import * as disks from '../changes/disks.ts';
import { refuse } from '../refusal.ts';
import type { VisibleDisk } from '../visible-disks.ts';
import type { EffectsOf } from './effect.ts';

/** The one disk of a unique id; none and several are refused, as the port promises. */
const theDisk = (change: Change, uniqueId: string): VisibleDisk => {
  const found = disks.findDisks(change, { uniqueId });
  if (found.length === 0) throw refuse('disk.notFound', { disk: uniqueId });
  if (found.length > 1) throw refuse('disk.online.redundant', { disk: uniqueId, count: found.length });
  return found[0]!;
};

/** What each change of a disk does to a simulated server. */
export const diskEffects: EffectsOf<'disk'> = {
  'disk.setOnline': (change, { disk, online }) => disks.setOnline(change, theDisk(change, disk), online),
  'disk.setReadOnly': (change, { disk, readOnly }) => disks.setReadOnly(change, theDisk(change, disk), readOnly),
  'disk.clear': (change, { disk }) => disks.clearDisk(change, theDisk(change, disk), { removeData: true }),
  'disk.initialize': (change, { disk, style }) => disks.initializeDisk(change, theDisk(change, disk), style),
  'disk.createPartition': (change, { disk, driveLetter = null }) => {
    disks.createPartition(change, theDisk(change, disk), { sizeBytes: null, driveLetter, assignLetter: false });
  },
  'disk.format': (change, { disk, partitionNumber = 0, ...request }) => {
    const one = theDisk(change, disk);
    disks.formatPartition(change, one, disks.partitionOf(one, partitionNumber), request);
  },
  'disk.setDriveLetter': (change, { disk, partitionNumber = 0, driveLetter }) =>
    disks.setDriveLetter(change, disks.partitionOf(theDisk(change, disk), partitionNumber), driveLetter),
  'disk.setSanPolicy': (change, { policy }) => {
    requireAdministrator(change);
    disks.setSanPolicy(change, policy);
  },
  'disk.setAutomount': (change, { enabled }) => disks.setAutomount(change, enabled),
};

import type { Cluster } from '../model/cluster.ts';
import { isOnSharedBus, judgeContent, type Disk } from '../model/disk.ts';
import type { VirtualMachine } from '../model/virtual-machines.ts';
import { contentText, diskName } from '../plan/disk/words.ts';

/**
 * What the storage tests do to a disk. `tested`: nobody has it in use. `interrupted`: it is online here and goes away while it is tested. `inUse`: something
 * here would lose it. `leftOut`: the cluster has it, and Windows tests of those only what lies in Available Storage
 * (learn.microsoft.com, "Test-Cluster").
 */
export const diskTreatments = ['tested', 'interrupted', 'inUse', 'leftOut'] as const;
export type DiskTreatment = (typeof diskTreatments)[number];

export interface DisturbedDisk {
  readonly id: string | null;
  readonly name: string;
  readonly treatment: DiskTreatment;
  /** What is on it or uses it. */
  readonly because: string;
}

interface Seen {
  readonly disks: readonly Disk[];
  readonly cluster: Cluster | null;
  /** Null: they could not be read. */
  readonly machines: readonly VirtualMachine[] | null;
}

const lettersOf = (disk: Disk): string[] => (disk.partitions ?? []).flatMap(({ driveLetter }) => driveLetter ?? []);

const machinesOn = (disk: Disk, machines: readonly VirtualMachine[]): string[] => {
  const letters = lettersOf(disk);
  return machines
    .filter(({ files }) =>
      files.some(({ path }) => letters.some((letter) => path.toLowerCase().startsWith(`${letter.toLowerCase()}:\\`))),
    )
    .map(({ name }) => name);
};

const treat = (disk: Disk, { cluster, machines }: Seen): Pick<DisturbedDisk, 'treatment' | 'because'> => {
  const clustered = cluster?.disks.find((one) => one.disk !== null && one.disk === disk.uniqueId);
  if (clustered)
    return clustered.use === 'available'
      ? { treatment: 'tested', because: 'it lies in Available Storage' }
      : { treatment: 'leftOut', because: `the cluster uses it as ${clustered.name}` };
  if (disk.isClustered) return { treatment: 'leftOut', because: 'it is a disk of a cluster' };
  if (disk.isOffline) return { treatment: 'tested', because: 'it is offline' };
  const users = machinesOn(disk, machines ?? []);
  if (users.length > 0) return { treatment: 'inUse', because: `files of ${users.join(', ')} lie on it` };
  const content = judgeContent(disk);
  if (content.kind === 'blank') return { treatment: 'tested', because: 'it is blank' };
  return { treatment: 'interrupted', because: contentText(content) };
};

/** The disks that storage tests would touch, as one server sees them. Its own disks, which no other server reaches, are not among them. */
export const disturbedDisks = (seen: Seen): DisturbedDisk[] =>
  seen.disks
    .filter((disk) => isOnSharedBus(disk) && !disk.isBoot && !disk.isSystem)
    .map((disk) => ({ id: disk.uniqueId, name: `disk ${diskName(disk)}`, ...treat(disk, seen) }));

import { judgeContent } from '../../model/disk.ts';
import { whyUnread } from '../../model/observed.ts';
import { no, unknown, yes, type DiskAction, type Satisfied } from '../action.ts';
import type { StorageObserved } from '../observed.ts';
import { dataPartitions, onlyPartition } from './goal.ts';
import { contentText, diskName } from './words.ts';

const judge = (isDone: boolean, text: string): Satisfied => (isDone ? yes(text) : no(text));

/** Whether the effect of a disk's action is there. */
export const isDiskActionDone = (action: DiskAction, observed: StorageObserved): Satisfied => {
  if (action.do === 'disk.setSanPolicy' || action.do === 'disk.setAutomount') {
    const { policy } = observed;
    if (!policy) return unknown(observed.unread['policy'] ?? 'the policy was not read');
    if (action.do === 'disk.setSanPolicy')
      return policy.sanPolicy === null
        ? unknown(whyUnread(policy, 'sanPolicy') ?? 'the SAN policy was not read')
        : judge(policy.sanPolicy === action.policy, `the SAN policy is ${policy.sanPolicy}`);
    return policy.automount === null
      ? unknown(whyUnread(policy, 'automount') ?? 'automount was not read')
      : judge(policy.automount === action.enabled, `automount is ${policy.automount ? 'on' : 'off'}`);
  }
  const found = observed.disks.filter((disk) => disk.uniqueId === action.disk);
  const [disk] = found;
  if (!disk || found.length > 1) return unknown(disk ? 'the disk is there more than once' : 'the disk is not there');
  switch (action.do) {
    case 'disk.setOnline':
      return judge(disk.isOffline !== action.online, `the disk is ${disk.isOffline ? 'offline' : 'online'}`);
    case 'disk.setReadOnly':
      return judge(disk.isReadOnly === action.readOnly, `the disk is ${disk.isReadOnly ? 'read-only' : 'writable'}`);
    case 'disk.clear':
      if (disk.isOffline) return unknown('Windows does not read a disk that is offline');
      if (disk.partitions === null) return unknown(whyUnread(disk, 'partitions') ?? 'the partitions were not read');
      return judge(
        disk.partitionStyle === 'raw' && disk.partitions.length === 0,
        `the partition style is ${disk.partitionStyle}, partitions: ${disk.partitions.length}`,
      );
    case 'disk.initialize':
      if (disk.partitionStyle === 'raw' && disk.isOffline)
        return unknown('Windows does not read a disk that is offline');
      return judge(disk.partitionStyle === action.style, `the partition style is ${disk.partitionStyle}`);
    case 'disk.createPartition': {
      const partitions = dataPartitions(disk);
      if (!partitions) return unknown(whyUnread(disk, 'partitions') ?? 'the partitions were not read');
      return judge(partitions.length === 1, `partitions for data: ${partitions.length}`);
    }
    case 'disk.format': {
      if (disk.partitions === null) return unknown(whyUnread(disk, 'partitions') ?? 'the partitions were not read');
      const volume = onlyPartition(disk)?.volume;
      if (!volume) return no('there is no volume');
      // The same file system with the same label is what a finished format leaves; a wanted re-format has no trace of its own.
      const isRight = volume.fileSystem === action.fileSystem && volume.label === action.label;
      return judge(isRight, `the volume has ${volume.fileSystem ?? 'no file system'}, label ${volume.label || 'none'}`);
    }
    case 'disk.setDriveLetter': {
      if (disk.partitions === null) return unknown(whyUnread(disk, 'partitions') ?? 'the partitions were not read');
      const letter = onlyPartition(disk)?.driveLetter ?? null;
      return judge(
        letter === action.driveLetter,
        letter === null ? 'the volume has no letter' : `the letter is ${letter}:`,
      );
    }
  }
};

/**
 * Why an action must not run on the disk as it is found at that moment, whatever was planned: the last look before
 * something is written. Null when nothing speaks against it.
 */
export const findDiskObjection = (
  action: DiskAction,
  observed: StorageObserved,
): { disk: string; content: string } | null => {
  if (
    action.do !== 'disk.clear' &&
    action.do !== 'disk.initialize' &&
    action.do !== 'disk.createPartition' &&
    action.do !== 'disk.format'
  )
    return null;
  const disk = observed.disks.find((candidate) => candidate.uniqueId === action.disk);
  if (!disk) return { disk: action.disk, content: 'it is not there any more' };
  const content = judgeContent(disk);
  const objection = { disk: diskName(disk), content: contentText(content) };
  switch (action.do) {
    case 'disk.clear': {
      // An empty partition table of the wrong kind is cleared as well: nothing is lost with it.
      const isEmptyTable = content.kind === 'blank' && disk.partitionStyle !== 'raw';
      if (
        disk.isBoot ||
        disk.isSystem ||
        (content.kind !== 'partitioned' && content.kind !== 'foreign' && !isEmptyTable)
      )
        return objection;
      return objection.content === action.content ? null : objection;
    }
    case 'disk.initialize':
      return content.kind === 'blank' && disk.partitionStyle === 'raw' ? null : objection;
    case 'disk.createPartition':
      return content.kind === 'blank' && disk.partitionStyle !== 'raw' ? null : objection;
    case 'disk.format': {
      const partition = onlyPartition(disk);
      if (!partition || content.kind === 'foreign' || content.kind === 'cluster') return objection;
      return action.discardsContent || partition.volume?.fileSystem == null ? null : objection;
    }
  }
};

import { judgeContent, type Disk } from '../../model/disk.ts';
import { formatSize } from '../../model/size.ts';
import { whyUnread } from '../../model/observed.ts';
import type { Change } from '../../changes/index.ts';
import { DraftBuilder, type Draft } from '../draft.ts';
import type { StorageObserved } from '../observed.ts';
import { questionId, type PlanAnswers } from '../plan.ts';
import type { StorageDesire } from './desire.ts';
import { dataPartitions, onlyPartition } from './goal.ts';
import {
  hasOtherStyle,
  hasWantedVolume,
  needsClearing,
  refuseStorage,
  unusedBytes,
  type PlannedDisk,
} from './refusals.ts';
import { contentText, diskName, diskText } from './words.ts';

type Changer = (
  change: Change,
  own?: { readonly questions?: readonly string[]; readonly why?: string; readonly observed?: StorageObserved },
) => void;

const planDisk = (builder: DraftBuilder, planned: PlannedDisk, observed: StorageObserved): void => {
  const { disk, desire, goal, isShared } = planned;
  const id = desire.disk;
  const name = diskText(disk);
  const shared = isShared ? [questionId(builder.node, 'sharedDisk', id)] : [];
  const change: Changer = (one, { observed: then = observed, ...own } = {}) =>
    builder.change(one, then, { questions: shared, ...own });
  const setOnline = (online: boolean): void =>
    change({ do: 'disk.setOnline', disk: id, online }, online ? {} : { questions: [] });

  if (goal.online === true && disk.isOffline) {
    setOnline(true);
    if (goal.volume ?? goal.style ?? goal.letter) {
      const later = new DraftBuilder(builder.node, '');
      planDisk(later, { ...planned, disk: onceOnline(disk) }, observed);
      builder.followUp(
        'diskOnline',
        `Quorate looks at what is on ${name} once it is online, and plans the rest then.`,
        later.build(),
      );
      return;
    }
  } else if ((goal.volume ?? goal.style) && disk.isOffline) {
    builder.refuse('DISK_OFFLINE', { disk: diskName(disk) });
    return;
  }
  if (goal.writable !== undefined && goal.writable === disk.isReadOnly)
    change({ do: 'disk.setReadOnly', disk: id, readOnly: !goal.writable }, goal.writable ? {} : { questions: [] });
  const makes = goal.volume !== undefined || goal.style !== undefined;
  const unused = goal.volume && (hasWantedVolume(disk, goal) || !desire.discardContent) ? unusedBytes(disk) : 0n;
  if (unused > 0n)
    builder.warn(
      `The volume of ${name} leaves ${formatSize(unused)} of it unused. Extend it in Disk Management, or prepare the disk again, which loses its content.`,
    );
  if (makes && !hasWantedVolume(disk, goal)) planVolume(planned, observed, change);
  else if (goal.volume && onlyPartition(disk)?.driveLetter !== goal.volume.letter)
    change({ do: 'disk.setDriveLetter', disk: id, driveLetter: goal.volume.letter });
  if (goal.letter !== undefined) {
    const partition = onlyPartition(disk);
    if (disk.partitions === null)
      builder.unknown(`the partitions of ${name}`, whyUnread(disk, 'partitions') ?? 'not read');
    else if (!partition)
      builder.refuse('DISK_SEVERAL_PARTITIONS', { disk: diskName(disk), content: contentText(judgeContent(disk)) });
    else if (partition.driveLetter !== goal.letter)
      change({ do: 'disk.setDriveLetter', disk: id, driveLetter: goal.letter });
  }
  if (goal.online === false && !disk.isOffline) setOnline(false);
};

/** An offline disk as it is expected to be once it is online: blank, where nothing else is known of it. */
const onceOnline = (disk: Disk): Disk => ({ ...disk, isOffline: false, partitions: disk.partitions ?? [] });

const planVolume = (planned: PlannedDisk, observed: StorageObserved, change: Changer): void => {
  const { disk, desire, goal, isShared } = planned;
  const id = desire.disk;
  const serial = [
    ...(isShared ? [questionId(observed.node, 'sharedDisk', id)] : []),
    questionId(observed.node, 'serialNumber', id),
  ];
  const { volume } = goal;
  const found = judgeContent(disk);
  const content = contentText(found);
  const [has, wants] = [disk.partitionStyle.toUpperCase(), (goal.style ?? 'gpt').toUpperCase()];
  const isOtherStyle = hasOtherStyle(disk, goal);
  const isEmptyTable = isOtherStyle && found.kind === 'blank';
  const clears = isEmptyTable || (volume !== undefined && desire.discardContent && needsClearing(disk, goal));
  if (clears)
    change(
      { do: 'disk.clear', disk: id, content },
      isEmptyTable
        ? { why: `It has ${has}; ${wants} is wanted. It holds no data.` }
        : {
            questions: serial,
            ...(isOtherStyle
              ? {
                  why: `It holds ${content}, and has ${has} where ${wants} is wanted. Every partition and all data on it are lost.`,
                }
              : {}),
          },
    );
  if (clears || disk.partitionStyle === 'raw')
    change(
      { do: 'disk.initialize', disk: id, style: goal.style ?? 'gpt' },
      clears ? { why: 'By then it is blank and has no partition table.' } : {},
    );
  if (!volume) return;
  const existing = clears ? [] : (dataPartitions(disk) ?? []);
  const then = { observed: existing.length > 0 ? observed : withoutPartitions(observed, id) };
  if (existing.length === 0) change({ do: 'disk.createPartition', disk: id });
  const discardsContent = existing.length > 0 && desire.discardContent;
  const { fileSystem, label, allocationUnitBytes } = volume;
  change(
    { do: 'disk.format', disk: id, fileSystem, label, allocationUnitBytes, discardsContent },
    discardsContent ? { ...then, questions: serial } : then,
  );
  if ((existing[0]?.driveLetter ?? null) !== volume.letter)
    change({ do: 'disk.setDriveLetter', disk: id, driveLetter: volume.letter }, then);
};

/** The server as it is once the disk is blank: what the plan's words speak of then. */
const withoutPartitions = (observed: StorageObserved, id: string): StorageObserved => ({
  ...observed,
  disks: observed.disks.map((disk) => (disk.uniqueId === id ? { ...disk, partitions: [] } : disk)),
});

const planPolicy = (builder: DraftBuilder, desire: StorageDesire, observed: StorageObserved): void => {
  const { policy } = observed;
  if (desire.sanPolicy !== undefined) {
    const current = policy?.sanPolicy ?? null;
    if (current === null)
      builder.unknown(
        'the SAN policy',
        (policy && whyUnread(policy, 'sanPolicy')) ?? observed.unread['policy'] ?? 'it was not read',
      );
    else if (current !== desire.sanPolicy)
      builder.change({ do: 'disk.setSanPolicy', policy: desire.sanPolicy }, observed);
  }
  if (desire.automount !== undefined) {
    const current = policy?.automount ?? null;
    if (current === null)
      builder.unknown(
        'whether automount is on',
        (policy && whyUnread(policy, 'automount')) ?? observed.unread['policy'] ?? 'it was not read',
      );
    else if (current !== desire.automount)
      builder.change({ do: 'disk.setAutomount', enabled: desire.automount }, observed);
  }
};

/**
 * Plans the disks of one server. `ownPartitions` names disks whose one partition this very change made before it was
 * interrupted: without a file system yet it is ours to format.
 */
export const planStorage = (
  desire: StorageDesire,
  observed: StorageObserved,
  answers: PlanAnswers,
  ownPartitions: readonly string[] = [],
): Draft => {
  const builder = new DraftBuilder(observed.node, `Set up disks of ${observed.node}`, answers);
  const planned = refuseStorage(builder, desire, observed, ownPartitions);
  if (builder.isStopped) return builder.build();
  planPolicy(builder, desire, observed);
  for (const disk of planned) planDisk(builder, disk, observed);
  return builder.build();
};

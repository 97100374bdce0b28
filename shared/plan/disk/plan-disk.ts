import { judgeContent, type Disk } from '../../model/disk.ts';
import { formatSize } from '../../model/size.ts';
import { whyUnread } from '../../model/observed.ts';
import type { DiskAction } from '../action.ts';
import { DraftBuilder, type Draft, type PlannedStep } from '../draft.ts';
import type { StorageObserved } from '../observed.ts';
import type { PlanAnswers } from '../plan.ts';
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

const tool = 'Disk Management (diskmgmt.msc)';

const planDisk = (builder: DraftBuilder, planned: PlannedDisk): void => {
  const { disk, desire, goal, isShared } = planned;
  const id = desire.disk;
  const name = diskText(disk);
  const shared: PlannedStep['asks'] = isShared ? [{ kind: 'sharedDisk', subject: id }] : [];
  const step = (input: {
    readonly action: DiskAction;
    readonly title: string;
    readonly why: string;
    readonly manual: string;
    readonly undo?: { readonly text: string; readonly actions: readonly DiskAction[] };
    readonly destructive?: boolean;
    readonly asks?: PlannedStep['asks'];
  }): void => builder.step({ asks: shared, subject: [id], ...input });

  const setOnline = (online: boolean): void =>
    step({
      action: { do: 'disk.setOnline', disk: id, online },
      title: `${online ? 'Bring' : 'Take'} ${name} ${online ? 'online' : 'offline'}`,
      why: online
        ? `It is offline${disk.offlineReason ? ` (${disk.offlineReason})` : ''}.`
        : 'It is online; another server may need it.',
      manual: `${tool}: the disk, ${online ? 'Online' : 'Offline'}.`,
      undo: {
        text: online ? 'Takes it offline again.' : 'Brings it online again.',
        actions: [{ do: 'disk.setOnline', disk: id, online: !online }],
      },
      asks: online ? shared : [],
    });
  const setReadOnly = (readOnly: boolean): void =>
    step({
      action: { do: 'disk.setReadOnly', disk: id, readOnly },
      title: `Make ${name} ${readOnly ? 'read-only' : 'writable'}`,
      why: readOnly ? 'It is writable.' : 'It is read-only.',
      manual: `diskpart: select disk ${disk.number}, attributes disk ${readOnly ? 'set' : 'clear'} readonly.`,
      undo: {
        text: readOnly ? 'Makes it writable again.' : 'Makes it read-only again.',
        actions: [{ do: 'disk.setReadOnly', disk: id, readOnly: !readOnly }],
      },
      asks: readOnly ? [] : shared,
    });

  if (goal.online === true && disk.isOffline) {
    setOnline(true);
    if (goal.volume ?? goal.style ?? goal.letter) {
      builder.more(`Quorate looks at what is on ${name} once it is online, and plans the rest then.`);
      return;
    }
  } else if ((goal.volume ?? goal.style) && disk.isOffline) {
    builder.refuse('DISK_OFFLINE', { disk: diskName(disk) });
    return;
  }
  if (goal.writable !== undefined && goal.writable === disk.isReadOnly) setReadOnly(!goal.writable);
  const makes = goal.volume !== undefined || goal.style !== undefined;
  const unused = goal.volume && (hasWantedVolume(disk, goal) || !desire.discardContent) ? unusedBytes(disk) : 0n;
  if (unused > 0n)
    builder.warn(
      `The volume of ${name} leaves ${formatSize(unused)} of it unused. Extend it in Disk Management, or have the disk prepared anew with its content lost.`,
    );
  if (makes && !hasWantedVolume(disk, goal)) planVolume(planned, step);
  else if (goal.volume && onlyPartition(disk)?.driveLetter !== goal.volume.letter)
    planLetter(planned, onlyPartition(disk)?.driveLetter ?? null, goal.volume.letter, step);
  if (goal.letter !== undefined) {
    const partition = onlyPartition(disk);
    if (disk.partitions === null)
      builder.unknown(`the partitions of ${name}`, whyUnread(disk, 'partitions') ?? 'not read');
    else if (!partition)
      builder.refuse('DISK_SEVERAL_PARTITIONS', { disk: diskName(disk), content: contentText(judgeContent(disk)) });
    else if (partition.driveLetter !== goal.letter) planLetter(planned, partition.driveLetter, goal.letter, step);
  }
  if (goal.online === false && !disk.isOffline) setOnline(false);
};

type StepMaker = (input: {
  readonly action: DiskAction;
  readonly title: string;
  readonly why: string;
  readonly manual: string;
  readonly undo?: { readonly text: string; readonly actions: readonly DiskAction[] };
  readonly destructive?: boolean;
  readonly asks?: PlannedStep['asks'];
}) => void;

const planLetter = (
  { disk, desire }: PlannedDisk,
  current: string | null,
  letter: string | null,
  step: StepMaker,
): void => {
  step({
    action: { do: 'disk.setDriveLetter', disk: desire.disk, driveLetter: letter },
    title:
      letter === null
        ? `Take the letter from the volume of ${diskText(disk)}`
        : `Give the volume of ${diskText(disk)} the letter ${letter}:`,
    why: current === null ? 'It has no letter.' : `It has the letter ${current}:.`,
    manual: `${tool}: the volume, Change Drive Letter and Paths.`,
    undo: {
      text: current === null ? 'Takes the letter away again.' : `Gives it ${current}: again.`,
      actions: [{ do: 'disk.setDriveLetter', disk: desire.disk, driveLetter: current }],
    },
  });
};

const planVolume = (planned: PlannedDisk, step: StepMaker): void => {
  const { disk, desire, goal, isShared } = planned;
  const id = desire.disk;
  const name = diskText(disk);
  const serial: PlannedStep['asks'] = [
    ...(isShared ? [{ kind: 'sharedDisk' as const, subject: id }] : []),
    { kind: 'serialNumber' as const, subject: id },
  ];
  const { volume } = goal;
  const found = judgeContent(disk);
  const content = contentText(found);
  const [has, wants] = [disk.partitionStyle.toUpperCase(), (goal.style ?? 'gpt').toUpperCase()];
  const isOtherStyle = hasOtherStyle(disk, goal);
  const isEmptyTable = isOtherStyle && found.kind === 'blank';
  const clears = isEmptyTable || (volume !== undefined && desire.discardContent && needsClearing(disk, goal));
  if (clears)
    step({
      action: { do: 'disk.clear', disk: id, content },
      title: isEmptyTable ? `Remove the ${has} partition table from ${name}` : `Remove everything from ${name}`,
      why: isEmptyTable
        ? `It has ${has} and ${wants} is wanted. Nothing is on it.`
        : `It holds ${content}${isOtherStyle ? `, and has ${has} where ${wants} is wanted` : ''}. Every partition and all data on it are lost.`,
      manual: `diskpart: select disk ${disk.number}, clean.`,
      destructive: true,
      ...(isEmptyTable ? {} : { asks: serial }),
    });
  if (clears || disk.partitionStyle === 'raw')
    step({
      action: { do: 'disk.initialize', disk: id, style: goal.style ?? 'gpt' },
      title: `Initialize ${name} as ${wants}`,
      why: clears ? 'It is blank then: it has no partition table.' : 'It is blank: it has no partition table.',
      manual: `${tool}: the disk, Initialize Disk.`,
      destructive: true,
    });
  if (!volume) return;
  const existing = clears ? [] : (dataPartitions(disk) ?? []);
  if (existing.length === 0)
    step({
      action: { do: 'disk.createPartition', disk: id },
      title: `Make one partition over all of ${name}`,
      why: 'It has no partition yet.',
      manual: `${tool}: the free space, New Simple Volume.`,
      destructive: true,
    });
  const fileSystem = existing[0]?.volume?.fileSystem ?? null;
  const discards = existing.length > 0 && desire.discardContent;
  step({
    action: {
      do: 'disk.format',
      disk: id,
      fileSystem: volume.fileSystem,
      label: volume.label,
      allocationUnitBytes: volume.allocationUnitBytes,
      discardsContent: discards,
    },
    title: `Format ${name} with ${volume.fileSystem}${volume.label ? `, label ${volume.label}` : ''}`,
    why:
      existing.length === 0
        ? 'The new partition has no file system.'
        : `It holds ${fileSystem ?? 'no file system'}: ${content}.`,
    manual: `${tool}: the volume, Format.`,
    destructive: true,
    ...(discards ? { asks: serial } : {}),
  });
  if ((existing[0]?.driveLetter ?? null) !== volume.letter)
    planLetter(planned, existing[0]?.driveLetter ?? null, volume.letter, step);
};

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
      builder.step({
        action: { do: 'disk.setSanPolicy', policy: desire.sanPolicy },
        title: `Set the SAN policy of ${observed.node} to ${desire.sanPolicy}`,
        why: `It is ${current}. OfflineShared keeps a shared disk offline until somebody brings it online.`,
        manual: `diskpart: san policy=${desire.sanPolicy}.`,
        undo: { text: `Goes back to ${current}.`, actions: [{ do: 'disk.setSanPolicy', policy: current }] },
      });
  }
  if (desire.automount !== undefined) {
    const current = policy?.automount ?? null;
    if (current === null)
      builder.unknown(
        'whether automount is on',
        (policy && whyUnread(policy, 'automount')) ?? observed.unread['policy'] ?? 'it was not read',
      );
    else if (current !== desire.automount)
      builder.step({
        action: { do: 'disk.setAutomount', enabled: desire.automount },
        title: `Switch automount ${desire.automount ? 'on' : 'off'} on ${observed.node}`,
        why: `It is ${current ? 'on' : 'off'}. With automount off, the disk failover test of Test-Cluster fails (KB3020013).`,
        manual: `diskpart: automount ${desire.automount ? 'enable' : 'disable'}.`,
        undo: {
          text: `Switches it ${current ? 'on' : 'off'} again.`,
          actions: [{ do: 'disk.setAutomount', enabled: current }],
        },
      });
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
  const builder = new DraftBuilder(observed.node, `Set up disks of ${observed.node}`);
  const planned = refuseStorage(builder, desire, observed, answers, ownPartitions);
  if (builder.isStopped) return builder.build();
  planPolicy(builder, desire, observed);
  for (const disk of planned) planDisk(builder, disk);
  return builder.build();
};

/** The unique id of a disk as plans name it. */
export const diskKey = (disk: Disk): string => disk.uniqueId ?? String(disk.number);

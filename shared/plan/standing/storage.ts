import { isSameAddress } from '../../model/address.ts';
import { isOnSharedBus, judgeContent, type Disk } from '../../model/disk.ts';
import { judgePath } from '../../model/windows-iscsi.ts';
import { storageDesireSchema } from '../disk/desire.ts';
import { onlyPartition } from '../disk/goal.ts';
import { planStorage } from '../disk/plan-disk.ts';
import { initiatorDesireSchema } from '../initiator/desire.ts';
import { foundPaths, isSamePath } from '../initiator/paths.ts';
import { planInitiator } from '../initiator/plan-initiator.ts';
import type { InitiatorObserved, StorageObserved } from '../observed.ts';
import { noAnswers } from '../plan.ts';
import { counted, listOf, type Standing } from './standing.ts';

/**
 * The paths to the storage: done when every path that was asked for or found is proven, multipath takes the disks where there
 * is more than one path, Windows' firewall rules for iSCSI are on, and planning them again would change nothing.
 */
export const connectionsStanding = (observed: InitiatorObserved): Standing => {
  const { state, wantedPaths } = observed;
  if (state.service.state === null)
    return { outcome: 'warn', word: 'No path', text: 'This system has no iSCSI initiator.' };
  if (state.service.state !== 'running')
    return { outcome: 'warn', word: 'No path', text: 'The iSCSI initiator of this server is not running.' };
  const { sessions } = state;
  if (sessions === null) return { outcome: 'unknown', word: 'Unknown', text: 'The iSCSI sessions could not be read.' };
  const paths = [
    ...wantedPaths,
    ...foundPaths(sessions).filter((path) => !wantedPaths.some((wanted) => isSamePath(wanted, path))),
  ];
  if (paths.length === 0)
    return { outcome: 'warn', word: 'No path', text: 'This server is not logged on to any iSCSI target.' };
  const verdicts = paths.map((path) => judgePath(path, sessions, isSameAddress).kind);
  const proven = verdicts.filter((verdict) => verdict === 'proven').length;
  const broken = verdicts.filter((verdict) => verdict !== 'proven' && verdict !== 'unknown').length;
  if (broken > 0)
    return {
      outcome: 'fail',
      word: `${proven} of ${paths.length} paths`,
      text: `${counted(broken, 'path to the storage is', 'paths to the storage are')} not set up correctly.`,
    };
  const draft = planInitiator(
    initiatorDesireSchema.parse({
      service: true,
      // As the procedure and the form want it, where Windows has such rules.
      ...(state.firewallRules?.length === 0 ? {} : { firewall: true }),
      ...(paths.length > 1 ? { mpio: { installed: true, claimsIscsi: true } } : {}),
      paths: paths.map((path) => ({ ...path, isMultipathEnabled: paths.length > 1 })),
    }),
    observed,
    {},
  );
  // A path that was only found is not one that Quorate was asked to keep; it is no change of Windows.
  const steps = draft.steps.filter(({ change }) => change.do !== 'initiator.setPathWanted');
  if (steps.length > 0 || draft.refusals.length > 0)
    return {
      outcome: 'warn',
      word: 'Not complete',
      text: steps.length > 0 ? `Still to do: ${listOf(steps.map(({ title }) => title))}.` : draft.refusals[0]!.what,
    };
  if (draft.unknowns.length > 0 || proven < paths.length)
    return {
      outcome: 'unknown',
      word: 'Unknown',
      text: `Could not be determined: ${listOf(draft.unknowns.map(({ what }) => what)) || 'the state of a path'}.`,
    };
  return {
    outcome: 'pass',
    word: `${counted(proven, 'path', 'paths')} proven`,
    text: `${counted(proven, 'path', 'paths')} to the storage proven.`,
  };
};

/** How a shared disk stands: `letter` and `label` are those of its one volume. */
export type DiskStanding =
  | { readonly kind: 'ready'; readonly letter: string | null; readonly label: string; readonly isOffline: boolean }
  | { readonly kind: 'inCluster' | 'blank' | 'foreign' | 'unknown' | 'notReady' };

/**
 * A prepared disk holds one formatted volume over GPT, and planning that very volume again would change nothing. One that is
 * offline here counts as prepared: only one server of a cluster has it online.
 */
export const standingOfDisk = (disk: Disk, observed: StorageObserved): DiskStanding => {
  const content = judgeContent(disk);
  if (content.kind === 'cluster') return { kind: 'inCluster' };
  if (content.kind !== 'partitioned') return { kind: content.kind };
  const partition = onlyPartition(disk);
  const volume = partition?.volume;
  if (!partition || !volume?.fileSystem || disk.uniqueId === null) return { kind: 'notReady' };
  const ready = {
    kind: 'ready',
    letter: partition.driveLetter,
    label: volume.label ?? '',
    isOffline: disk.isOffline,
  } as const;
  if (disk.isOffline) return ready;
  const desire = storageDesireSchema.safeParse({
    disks: [
      {
        disk: disk.uniqueId,
        volume: { fileSystem: volume.fileSystem, label: volume.label ?? '', driveLetter: partition.driveLetter },
      },
    ],
  });
  if (!desire.success) return { kind: 'notReady' };
  const draft = planStorage(desire.data, observed, noAnswers);
  return draft.steps.length + draft.refusals.length + draft.unknowns.length === 0 ? ready : { kind: 'notReady' };
};

/** `Q: Witness`, or what there is of it. */
export const volumeName = ({ letter, label }: { readonly letter: string | null; readonly label: string }): string =>
  [letter === null ? '' : `${letter}:`, label].filter(Boolean).join(' ') || 'No letter';

/** The shared disks: done when there is one and each is prepared, or belongs to a cluster. */
export const disksStanding = (observed: StorageObserved): Standing => {
  const shared = observed.disks.filter(isOnSharedBus);
  if (shared.length === 0) return { outcome: 'warn', word: 'No shared disk', text: 'No shared disk is visible.' };
  const standings = shared.map((disk) => ({ disk, standing: standingOfDisk(disk, observed) }));
  const ready = standings.filter(({ standing: { kind } }) => kind === 'ready' || kind === 'inCluster');
  const open = standings.filter((one) => !ready.includes(one));
  if (open.length > 0) {
    const names = listOf(open.map(({ disk }) => `disk ${disk.number}`));
    const isUnknown = open.every(({ standing }) => standing.kind === 'unknown');
    const what = !isUnknown
      ? `To be prepared: ${names}.`
      : open.every(({ disk }) => disk.isOffline)
        ? `Offline, so their content is unknown: ${names}.`
        : `Content unknown: ${names}.`;
    return {
      outcome: isUnknown ? 'unknown' : 'warn',
      word: `${ready.length} of ${shared.length} disks`,
      text: `${ready.length} of ${shared.length} shared disks ready. ${what}`,
    };
  }
  return {
    outcome: 'pass',
    word: `${counted(shared.length, 'disk', 'disks')} ready`,
    text: `${counted(shared.length, 'shared disk', 'shared disks')} ready.`,
  };
};

import type { Change } from '../changes/index.ts';
import { busWords, isOnSharedBus } from '../model/disk.ts';
import type { DraftBuilder } from './draft.ts';
import { diskText } from './disk/words.ts';
import type { Observed } from './observed.ts';
import { sharedDiskWords } from './plan.ts';

/**
 * Taking back may cut a connection or bring a shared disk online as doing may: the same is asked. `isCutting`: the step that is taken
 * back could have cut a connection. Answers with the ids of the questions.
 */
export const askBeforeUndo = (
  builder: DraftBuilder,
  isCutting: boolean,
  change: Change,
  observed: Observed,
): readonly string[] => {
  if ('nic' in change && isCutting) {
    const name = observed.network?.nics.find((nic) => nic.interfaceGuid === change.nic)?.name ?? change.nic;
    return [
      builder.ask({
        kind: 'cutConnection',
        subject: change.nic,
        text: `Undo the change of ${name}? It may cut a connection. Unless it is confirmed in time, the server restores the change.`,
        expected: null,
      }),
    ];
  }
  if (change.do === 'disk.setOnline' && change.online) {
    const disk = observed.storage?.disks.find((one) => one.uniqueId === change.disk);
    if (disk && isOnSharedBus(disk))
      return [
        builder.ask({
          kind: 'sharedDisk',
          subject: change.disk,
          text: `Other servers may reach ${diskText(disk)} (bus: ${busWords[disk.busType]}). Power them down or log them off from the target, then type: ${sharedDiskWords}.`,
          expected: sharedDiskWords,
        }),
      ];
  }
  return [];
};

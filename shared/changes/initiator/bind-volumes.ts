import * as z from 'zod';
import type { InitiatorObserved } from '../../plan/observed.ts';
import { judge, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { initiatorTool, judgeState } from './initiator.ts';

const schema = z.object({ do: z.literal('initiator.bindVolumes') });

type Volume = NonNullable<InitiatorObserved['iscsiVolumes']>[number];

/** Volumes on iSCSI disks that the service does not wait for. One may be bound by its lasting name or by its letter. */
export const unboundVolumes = (volumes: readonly Volume[], bound: readonly string[]): Volume[] => {
  const plain = (text: string): string => text.replace(/\\$/, '').toLowerCase();
  const names = new Set(bound.map(plain));
  return volumes.filter(
    ({ path, driveLetter }) =>
      !names.has(plain(path)) && !(driveLetter !== null && names.has(`${driveLetter.toLowerCase()}:`)),
  );
};

/** Letters, and how many have none: the path of such a volume is an id. */
const volumeWords = (volumes: readonly Volume[]): string => {
  const letters = volumes.flatMap(({ driveLetter }) => (driveLetter ? [`${driveLetter}:`] : []));
  const others = volumes.length - letters.length;
  const rest = others === 0 ? [] : [others === 1 ? 'a volume without a letter' : `${others} volumes without a letter`];
  return [...letters, ...rest].join(', ');
};

/** Makes the service wait at its start for every volume that is on an iSCSI disk now. Replaces an earlier list. */
export const bindVolumes: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Set-InitiatorBoundVolume',
  timeoutMs: 120_000,
  subject: () => [],
  words: (_change, { iscsiVolumes, state }) => ({
    title: `Bind to the iSCSI service: ${volumeWords(unboundVolumes(iscsiVolumes ?? [], state.boundVolumes ?? []))}`,
    why: 'The service then waits for these volumes at startup. Otherwise services that need them could start before them.',
    manual: `${initiatorTool}: Volumes and Devices, Auto Configure.`,
  }),
  undo: () => null,
  stays: 'Windows has no command that removes the volume binding of a single device.',
  done: (_change, observed) =>
    judgeState(observed, 'boundVolumes', (bound) => {
      if (!observed.iscsiVolumes) return unknown('the disks were not read');
      const missing = unboundVolumes(observed.iscsiVolumes, bound).length;
      return judge(missing === 0, `${bound.length} volumes are bound, ${missing} are not`);
    }),
};

import type { StorageView } from '../../../shared/contract/disk.ts';
import type { InitiatorView } from '../../../shared/contract/initiator.ts';
import type { Outcome } from '../../../shared/model/check.ts';
import type { StageState } from '../../ui/stage-states.ts';

export interface Answer {
  readonly outcome: Outcome;
  readonly text: string;
  readonly state: StageState;
}

const count = (number: number, one: string, many: string): string =>
  number === 1 ? `One ${one}` : `${number} ${many}`;

/** The paths first: without a proven path a shared disk proves nothing. */
export const answerOfStorage = (disks: StorageView | null, initiator: InitiatorView | null): Answer => {
  const shared = disks?.disks.filter(({ isShared }) => isShared) ?? [];
  const wanted = initiator?.paths.filter((path) => path.wanted || path.verdict !== 'absent') ?? [];
  const proven = wanted.filter(({ verdict }) => verdict === 'proven');
  const broken = wanted.filter(({ verdict }) => verdict !== 'proven' && verdict !== 'unknown');
  const unclear = wanted.filter(({ verdict }) => verdict === 'unknown');
  if (broken.length > 0)
    return {
      outcome: 'fail',
      text: `${count(broken.length, 'path to the storage is', 'paths to the storage are')} not as it has to be.`,
      state: { outcome: 'fail', word: `${proven.length} of ${wanted.length} paths` },
    };
  if (initiator && initiator.state.service.state !== 'running')
    return {
      outcome: 'warn',
      text:
        initiator.state.service.state === null
          ? 'This system has no iSCSI initiator.'
          : 'The iSCSI initiator of this server does not run yet.',
      state: { outcome: 'warn', word: 'No path yet' },
    };
  if (!disks || !initiator || unclear.length > 0 || initiator.state.sessions === null)
    return {
      outcome: 'unknown',
      text: 'A part of the storage could not be read.',
      state: { outcome: 'unknown', word: 'Not known' },
    };
  if (wanted.length === 0)
    return {
      outcome: 'warn',
      text: 'This server is logged on to no iSCSI target yet.',
      state: { outcome: 'warn', word: 'No path yet' },
    };
  if (shared.length === 0)
    return {
      outcome: 'warn',
      text: `${count(proven.length, 'path is', 'paths are')} proven, but no shared disk has arrived.`,
      state: { outcome: 'warn', word: 'No shared disk' },
    };
  return {
    outcome: 'pass',
    text: `${count(proven.length, 'path', 'paths')} proven, ${count(shared.length, 'shared disk', 'shared disks').toLowerCase()}.`,
    state: { outcome: 'pass', word: `${shared.length} shared` },
  };
};

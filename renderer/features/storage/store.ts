import type { StorageView } from '../../../shared/contract/disk.ts';
import type { InitiatorView } from '../../../shared/contract/initiator.ts';
import { disksAcross } from '../../../shared/plan/standing/across.ts';
import { storageStanding } from '../../../shared/plan/standing/standing.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { createReadings } from '../../ui/reading.ts';
import { useServer } from '../../ui/server-store.ts';
import { together } from '../../ui/stage-source.ts';
import { setStageState, subjectOf, stateOfFailure } from '../../ui/stage-states.ts';

/** Disks that other servers of the same cluster were seen with. */
export const disksOfOthers = (
  all: Readonly<Record<string, { readonly data: StorageView | null }>>,
  host: string,
): StorageView[] =>
  Object.entries(all).flatMap(([other, { data }]) =>
    other !== host && data && data.server.ref !== host && subjectOf('cluster', other) === subjectOf('cluster', host)
      ? [data]
      : [],
  );

const tellFrame = (host: string): void => {
  const disks = diskReadings.use.getState()[host]?.data ?? null;
  const initiator = initiatorReadings.use.getState()[host]?.data ?? null;
  if (disks || initiator)
    setStageState(
      host,
      'storage',
      storageStanding(
        initiator?.standing ?? null,
        disks && disksAcross(disks, disksOfOthers(diskReadings.use.getState(), host)).standing,
      ),
    );
};

const tellFailure = (host: string, failure: Envelope): void => setStageState(host, 'storage', stateOfFailure(failure));

export const diskReadings = createReadings<StorageView>(
  (host, { signal, onProgress }) => call('disk.list', { server: host }, { signal, onProgress }),
  envelopeOf,
  {
    hostOf: ({ server }) => server.ref,
    renamed: useServer.getState().renameHost,
    data: (host, view) => {
      useServer.getState().describe(host, { name: view.server.computerName });
      tellFrame(host);
    },
    failure: tellFailure,
  },
);

export const initiatorReadings = createReadings<InitiatorView>(
  (host, { signal, onProgress }) => call('initiator.read', { server: host }, { signal, onProgress }),
  envelopeOf,
  {
    hostOf: ({ server }) => server.ref,
    renamed: useServer.getState().renameHost,
    data: tellFrame,
    failure: tellFailure,
  },
);

export const storageSource = together(diskReadings, initiatorReadings);

export const readStorage = (host: string): void => void storageSource.read(host);

import type { StorageView } from '../../../shared/contract/disk.ts';
import type { InitiatorView } from '../../../shared/contract/initiator.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { createReadings } from '../../ui/reading.ts';
import { useServer } from '../../ui/server-store.ts';
import { setStageState } from '../../ui/stage-states.ts';
import { answerOfStorage } from './answer.ts';

export const diskReadings = createReadings<StorageView>(
  (host, { signal, onProgress }) => call('disk.list', { host }, { signal, onProgress }),
  envelopeOf,
  (host, view) => {
    useServer.getState().describe(host, { name: view.host.computerName });
    tellFrame(host);
  },
);

export const initiatorReadings = createReadings<InitiatorView>(
  (host, { signal, onProgress }) => call('initiator.read', { host }, { signal, onProgress }),
  envelopeOf,
  (host) => tellFrame(host),
);

const tellFrame = (host: string): void => {
  if (useServer.getState().host !== host) return;
  const disks = diskReadings.use.getState()[host]?.data ?? null;
  const initiator = initiatorReadings.use.getState()[host]?.data ?? null;
  if (disks || initiator) setStageState('storage', answerOfStorage(disks, initiator).state);
};

export const readStorage = (host: string): void => {
  void diskReadings.read(host);
  void initiatorReadings.read(host);
};

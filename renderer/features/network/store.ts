import type { NetworkView } from '../../../shared/contract/nic.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { createReadings } from '../../ui/reading.ts';
import { useServer } from '../../ui/server-store.ts';
import { setStageState } from '../../ui/stage-states.ts';
import { answerOfNetwork } from './answer.ts';

export const networkReadings = createReadings<NetworkView>(
  (host, { signal, onProgress }) => call('nic.list', { host }, { signal, onProgress }),
  envelopeOf,
  (host, view) => {
    useServer.getState().describe(host, { name: view.host.computerName });
    if (useServer.getState().host === host) setStageState('network', answerOfNetwork(view).state);
  },
);

import type { NetworkView } from '../../../shared/contract/nic.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { createReadings } from '../../ui/reading.ts';
import { useServer } from '../../ui/server-store.ts';
import { setStageState, stateOfFailure } from '../../ui/stage-states.ts';

export const networkReadings = createReadings<NetworkView>(
  (host, { signal, onProgress }) => call('nic.list', { server: host }, { signal, onProgress }),
  envelopeOf,
  {
    hostOf: ({ server }) => server.ref,
    renamed: useServer.getState().renameHost,
    data: (host, view) => {
      useServer.getState().describe(host, { name: view.server.computerName });
      setStageState(host, 'network', view.standing);
    },
    failure: (host, failure) => setStageState(host, 'network', stateOfFailure(failure)),
  },
);

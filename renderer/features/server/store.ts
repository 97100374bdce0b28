import type { HostView } from '../../../shared/contract/host.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { createReadings } from '../../ui/reading.ts';
import { setStageState, stateOfFailure } from '../../ui/stage-states.ts';
import { useServer } from '../../ui/server-store.ts';

export const hostReadings = createReadings<HostView>(
  (host, { signal, onProgress }) => call('host.read', { server: host }, { signal, onProgress }),
  envelopeOf,
  {
    hostOf: ({ server }) => server.ref,
    renamed: useServer.getState().renameHost,
    data: (host, view) => {
      const { facts } = view;
      const { manufacturer, model } = facts.hardware;
      useServer.getState().describe(host, {
        name: facts.computerName,
        model: model.toLowerCase().startsWith(manufacturer.toLowerCase()) ? model : `${manufacturer} ${model}`,
        operatingSystem: facts.os.caption,
      });
      setStageState(host, 'server', view.standing);
    },
    failure: (host, failure) => setStageState(host, 'server', stateOfFailure(failure)),
  },
);

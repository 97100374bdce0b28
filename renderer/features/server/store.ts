import type { HostView } from '../../../shared/contract/host.ts';
import type { JournalEntry } from '../../../shared/contract/journal.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { createReadings } from '../../ui/reading.ts';
import { setStageState, stateOfFailure } from '../../ui/stage-states.ts';
import { useServer } from '../../ui/server-store.ts';
import { answerOfServer } from './answer.ts';

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
      setStageState(host, 'server', answerOfServer(view).state);
    },
    failure: (host, failure) => setStageState(host, 'server', stateOfFailure(failure)),
  },
);

/** The journal of a server with the time when it was read. */
export interface JournalView {
  readonly entries: readonly JournalEntry[];
  readonly readAt: string;
}

export const journalReadings = createReadings<JournalView>(
  async (host, { signal }) => ({
    entries: await call('journal.list', { server: host }, { signal }),
    readAt: new Date().toISOString(),
  }),
  envelopeOf,
);

export const readAll = (host: string): void => {
  void hostReadings.read(host);
  void journalReadings.read(host);
};

import type { CallContext } from '../api/registry.ts';
import { AvailabilityAnswers } from '../operations/availability/answers.ts';
import type { StatePorts } from '../operations/availability/read-state.ts';
import { DrillHistory } from '../operations/drills/history.ts';
import type { AskCore } from '../operations/formation/qualify-lun.ts';
import { localFiles } from './local-files.ts';
import { version } from './version.ts';

/** What the analysis takes from this core; a server is read by the core's own methods. */
export const availabilityPorts =
  (dataFolder: string, ask: AskCore) =>
  ({ signal, progress }: CallContext): StatePorts => ({
    files: localFiles,
    version,
    now: () => new Date(),
    drills: () => new DrillHistory(dataFolder).read(),
    answers: (cluster) => new AvailabilityAnswers(dataFolder).of(cluster),
    readServer: async (server) =>
      (await import('../operations/availability/observe-server.ts')).observeServer(server, ask, signal, progress),
    serversAround: async (server) =>
      (await import('../operations/availability/observe-server.ts')).serversAround(server, ask, signal),
  });

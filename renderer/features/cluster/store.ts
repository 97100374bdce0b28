import type { Change } from '../../../shared/changes/index.ts';
import type { Output } from '../../../shared/contract/index.ts';
import { call, envelopeOf } from '../../api/core.ts';
import type { PlanCalls } from '../../ui/plan/plan-flow.ts';
import { createReadings } from '../../ui/reading.ts';
import { useServer } from '../../ui/server-store.ts';
import { setStageState, stateOfFailure } from '../../ui/stage-states.ts';

export type ClusterView = Output<'cluster.read'>;
export type Cluster = NonNullable<ClusterView['state']['cluster']>;

/** A change that was put together in the stage. */
export interface ClusterChange {
  readonly title: string;
  readonly changes: Change[];
}

export type OnPlan = (change: ClusterChange) => void;

export const clusterReadings = createReadings<ClusterView>(
  (host, { signal, onProgress }) => call('cluster.read', { server: host }, { signal, onProgress }),
  envelopeOf,
  {
    hostOf: ({ server }) => server.ref,
    renamed: useServer.getState().renameHost,
    data: (host, view) => {
      useServer.getState().describe(host, { name: view.server.computerName });
      setStageState(host, 'cluster', view.standing);
    },
    failure: (host, failure) => setStageState(host, 'cluster', stateOfFailure(failure)),
  },
);

export const callsFor =
  (host: string) =>
  (desire: ClusterChange): PlanCalls => ({
    plan: (answers) => call('cluster.plan', { server: host, desire, answers }),
    apply: (plan, answers, onProgress) =>
      call('cluster.apply', { server: host, desire, plan, answers }, { onProgress }),
    envelopeOf,
    onChanged: () => void clusterReadings.read(host),
  });

/** What this server logged of the cluster in the last hour. */
export const readEvents = (host: string): Promise<Output<'cluster.events'>> => call('cluster.events', { server: host });

/** A report that a failure names, read on the server. */
/** A report that Windows wrote, as lines. */
export type Report = Output<'cluster.readReport'>;

export const readReport = (host: string, path: string): Promise<Report> =>
  call('cluster.readReport', { server: host, path });

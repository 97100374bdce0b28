import type { Change } from '../../../shared/changes/index.ts';
import type { Output } from '../../../shared/contract/index.ts';
import { call, envelopeOf } from '../../api/core.ts';
import type { PlanCalls } from '../../ui/plan/plan-flow.ts';
import { createReadings } from '../../ui/reading.ts';
import { useServer } from '../../ui/server-store.ts';
import { setStageState, stateOfFailure } from '../../ui/stage-states.ts';

export type RolesView = Output<'roles.read'>;

/** A change that was put together in the stage. */
export interface RolesChange {
  readonly title: string;
  readonly changes: Change[];
}

export const rolesReadings = createReadings<RolesView>(
  (host, { signal, onProgress }) => call('roles.read', { server: host }, { signal, onProgress }),
  envelopeOf,
  {
    hostOf: ({ server }) => server.ref,
    renamed: useServer.getState().renameHost,
    data: (host, view) => {
      useServer.getState().describe(host, { name: view.server.computerName });
      setStageState(host, 'roles', view.standing);
    },
    failure: (host, failure) => setStageState(host, 'roles', stateOfFailure(failure)),
  },
);

export const callsFor =
  (host: string) =>
  (desire: RolesChange): PlanCalls => ({
    plan: (answers) => call('roles.plan', { server: host, desire, answers }),
    apply: (plan, answers, onProgress) => call('roles.apply', { server: host, desire, plan, answers }, { onProgress }),
    envelopeOf,
    onChanged: () => void rolesReadings.read(host),
  });

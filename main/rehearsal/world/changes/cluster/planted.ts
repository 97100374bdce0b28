import { clusterRefusals, type ClusterRefusal } from '../../../../../shared/model/cluster-refusals.ts';
import type { Detail } from '../../../../../shared/errors/failure.ts';
import { refusedChanges } from '../../behaviours/cluster-refusals.ts';
import { findFault, type Change } from '../../change.ts';
import { refuse } from '../../refusal.ts';

/** Refusals after which Windows has done half of it. */
const isHalfDone: ReadonlySet<ClusterRefusal> = new Set(['noDomainController', 'joinAborted', 'evictedUncleaned']);

/**
 * Refuses a change of the cluster as the fault clusterRefuses says, where one that can be of this change is planted on the server that is asked.
 * `half` leaves what stays behind where Windows has done half of it, and answers with what more there is to tell.
 */
export const refuseAsPlanted = (
  { world, server }: Change,
  change: ReturnType<typeof refusedChanges>[number],
  detail: Detail,
  half: (reason: string) => Detail | undefined = () => undefined,
): void => {
  const planted = findFault(
    world,
    'clusterRefuses',
    (fault) => fault.server === server.name && refusedChanges(fault.refusal).includes(change),
  );
  if (!planted) return;
  const keepsChanges = isHalfDone.has(planted.refusal);
  const reason = clusterRefusals[planted.refusal];
  const more = keepsChanges ? half(reason) : undefined;
  throw refuse(`cluster.refuses.${planted.refusal}`, { reason, ...detail, ...more }, { keepsChanges });
};

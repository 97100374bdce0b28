import { DraftBuilder, type Draft } from '../draft.ts';
import type { NetworkObserved } from '../observed.ts';
import type { PlanAnswers } from '../plan.ts';
import type { NetworkDesire } from './desire.ts';
import { finalNics } from './final-state.ts';
import { NicPlanner } from './nic-planner.ts';
import { refuseNetwork } from './refusals.ts';

/** Plans the network adapters of one server. */
export const planNetwork = (desire: NetworkDesire, observed: NetworkObserved, answers: PlanAnswers): Draft => {
  const builder = new DraftBuilder(observed.node, `Set up the network of ${observed.node}`, answers);
  const desires = new Map(desire.nics.map((entry) => [entry.nic, entry]));
  refuseNetwork(builder, desire, finalNics(desires, observed), observed);
  if (builder.isStopped) return builder.build();
  for (const entry of desire.nics) {
    const nic = observed.nics.find((candidate) => candidate.interfaceGuid === entry.nic)!;
    new NicPlanner(builder, nic, entry, observed).plan(observed.roles.get(nic.interfaceGuid) ?? null);
    for (const [key, result] of observed.probes)
      if (result === 'unknown' && key.startsWith(nic.interfaceGuid))
        builder.warn(
          `Whether another machine has ${key.slice(nic.interfaceGuid.length + 1)} could not be asked from ${nic.name} beforehand; Windows shows it once the address is given.`,
        );
  }
  return builder.build();
};

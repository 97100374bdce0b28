import { clusterBehaviours } from './cluster.ts';
import { clusterRefusalBehaviours } from './cluster-refusals.ts';
import { failoverBehaviours } from './failover.ts';
import { hostBehaviours } from './host.ts';
import { iscsiBehaviours } from './iscsi.ts';
import { machineBehaviours } from './machines.ts';
import { networkBehaviours } from './network.ts';
import { storageBehaviours } from './storage.ts';
import { storageHostBehaviours } from './storage-host.ts';
import { validationBehaviours } from './validation.ts';

/** Every modelled refusal, default, property and effect of Windows. docs/windows-model.md is generated from it. */
export const behaviours = {
  ...hostBehaviours,
  ...networkBehaviours,
  ...iscsiBehaviours,
  ...storageBehaviours,
  ...clusterBehaviours,
  ...clusterRefusalBehaviours,
  ...failoverBehaviours,
  ...machineBehaviours,
  ...storageHostBehaviours,
  ...validationBehaviours,
};

export type BehaviourId = keyof typeof behaviours;

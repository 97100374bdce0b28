import type { Area } from '../changes/kind.ts';
import type { Method } from './define.ts';
import { diskApply, diskPlan } from './disk.ts';
import { hostApply, hostPlan } from './host.ts';
import { initiatorApply, initiatorPlan } from './initiator.ts';
import { clusterApply, clusterPlan, machinesApply, machinesPlan, rolesApply, rolesPlan } from './listed.ts';
import { nicApply, nicPlan } from './nic.ts';
import { storageHostApply, storageHostPlan } from './storage-host.ts';

/** What plans the wanted state of an area and what makes it so: one pair for each area, so that hosts bind them all alike. */
export const areaMethods = {
  host: { plan: hostPlan, apply: hostApply },
  network: { plan: nicPlan, apply: nicApply },
  initiator: { plan: initiatorPlan, apply: initiatorApply },
  storage: { plan: diskPlan, apply: diskApply },
  roles: { plan: rolesPlan, apply: rolesApply },
  cluster: { plan: clusterPlan, apply: clusterApply },
  vms: { plan: machinesPlan, apply: machinesApply },
  storageHost: { plan: storageHostPlan, apply: storageHostApply },
} as const satisfies Readonly<Record<Area, { readonly plan: Method; readonly apply: Method }>>;

import { cpuDep } from './cpu-dep.ts';
import { cpuSlat } from './cpu-slat.ts';
import { cpuVirtualization } from './cpu-virtualization.ts';
import { cpuX64 } from './cpu-x64.ts';
import { domain } from './domain.ts';
import { domainRole } from './domain-role.ts';
import { firmwareVirtualization } from './firmware-virtualization.ts';
import { hostCatalog } from './host-catalog.ts';
import { hostPhysical } from './host-physical.ts';
import { hypervisor } from './hypervisor.ts';
import { memory } from './memory.ts';
import { nicCount } from './nic-count.ts';
import { osEdition } from './os-edition.ts';
import { osPendingReboot } from './os-pending-reboot.ts';
import { osUpdate950050 } from './os-update-950050.ts';
import { osVersion } from './os-version.ts';
import type { ReadinessRule } from './rule.ts';
import { timeSync } from './time-sync.ts';

/** Every readiness rule, in the order in which the results are shown. */
export const readinessRules: readonly ReadinessRule[] = [
  cpuX64,
  cpuDep,
  cpuVirtualization,
  cpuSlat,
  firmwareVirtualization,
  hypervisor,
  hostPhysical,
  hostCatalog,
  memory,
  osVersion,
  osEdition,
  osUpdate950050,
  osPendingReboot,
  nicCount,
  timeSync,
  domain,
  domainRole,
];

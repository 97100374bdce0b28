import type { CaseDefinition } from '../runner/case.ts';
import { accessCases } from './access.ts';
import { behaviourCases } from './behaviour.ts';
import { handoverCases } from './handover.ts';
import { identityCases } from './identity.ts';
import { capacityCases } from './capacity.ts';
import { persistenceCases } from './persistence.ts';
import { portalCases } from './portals.ts';
import { realWriteId, reservationCases } from './reservations.ts';

/** Every qualification case in the order in which they run. `--list`, window, report and docs are derived from this list. */
export const allCases: readonly CaseDefinition[] = [
  ...identityCases,
  ...reservationCases,
  ...handoverCases,
  ...persistenceCases,
  ...capacityCases,
  ...accessCases,
  ...behaviourCases,
  ...portalCases,
];

export { realWriteId };

/** What the bench of servers measures, in one bundle. */
export { Journal } from '../../main/journal/journal.ts';
export { ServerSettings } from '../../main/journal/server-settings.ts';
export { makePlan } from '../../main/operations/plans/make-plan.ts';
export { defaultPatience } from '../../main/coordination/server.ts';
export { rehearsalPorts } from '../../main/rehearsal/host/rehearsal-host.ts';
export { worldAddress } from '../../main/rehearsal/world/address.ts';
export { WorldClient } from '../../main/rehearsal/world/client.ts';
export { changeMethods } from '../../main/rehearsal/world/effects/index.ts';
export { buildScenario } from '../../main/rehearsal/world/scenarios/index.ts';
export { WorldRecord } from '../../main/rehearsal/world/record.ts';
export { World } from '../../main/rehearsal/world/world.ts';
export { desireSchema } from '../../shared/plan/desire.ts';

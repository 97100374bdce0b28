export { openManyAgents } from '../support/many-agents.ts';
export { measureMatrix } from '../../main/operations/peers/measure-matrix.ts';
export { measureSettingsSchema } from '../../shared/model/network-measure.ts';
